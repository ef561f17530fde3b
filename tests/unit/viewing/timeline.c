/* What was watched of one version, on the clock of another. */
#include "viewing/timeline.h"

#include "../unit.h"
#include "house.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct house house;

static int build(void **state)
{
    (void)state;
    house_build(&house);
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    house_remove(&house);
    return 0;
}

static void add_piece(int version, int64_t from_ms, int64_t to_ms, int64_t at_ms)
{
    char sql[300];
    (void)snprintf(sql, sizeof sql,
        "INSERT INTO timeline_piece (lecture_id, version, from_ms, to_ms, at_ms)"
        " VALUES ('%s', %d, %lld, %lld, %lld)",
        house.lecture_id, version, (long long)from_ms, (long long)to_ms, (long long)at_ms);
    house_run(&house, sql);
}

static bool read_pieces(struct db_connection *connection, void *data, struct problem *problem)
{
    return timelines_read(connection, house.lecture_id, data, problem);
}

static struct timelines timelines(void)
{
    struct timelines timelines;
    struct problem problem = { 0 };
    assert_true(db_read(house.db, read_pieces, &timelines, &problem));
    return timelines;
}

struct carry {
    const char *story;
    int64_t from_version, to_version;
    const char *watched, *expected;
};

static void assert_carried(const struct carry *carry)
{
    struct timelines known = timelines();
    struct spans watched, carried;
    struct problem problem = { 0 };
    struct text text;
    assert_true(spans_read(carry->watched, &watched, &problem));
    timelines_carry(
        &known, house.lecture_id, carry->from_version, carry->to_version, &watched, &carried);
    text_init(&text, SPANS_TEXT_MAX);
    spans_write(&carried, &text);
    print_message("  %s\n", carry->story);
    assert_string_equal(text.bytes, carry->expected);
    text_release(&text);
    spans_release(&watched);
    spans_release(&carried);
    timelines_release(&known);
}

/* Version 2 lost its first minute and a pause from 5:00 to 6:00; version 3 got an opening of ten
 * seconds; version 4 is another recording. */
static void three_versions(void)
{
    add_piece(2, 60000, 300000, 0);
    add_piece(2, 360000, 1200000, 240000);
    add_piece(3, 0, 1080000, 10000);
}

static void stretches_follow_their_content(void **state)
{
    (void)state;
    static const struct carry cases[] = {
        { "the same version", 1, 1, "[[0,5],[7,9]]", "[[0,5],[7,9]]" },
        { "what was cut is gone", 1, 2, "[[0,60000]]", "[]" },
        { "over the first cut", 1, 2, "[[50000,70000]]", "[[0,10000]]" },
        { "over a cut in the middle: both sides meet", 1, 2, "[[290000,370000]]",
            "[[230000,250000]]" },
        { "two stretches meet where the pause was", 1, 2, "[[60000,300000],[360000,400000]]",
            "[[0,280000]]" },
        { "all of it", 1, 2, "[[0,1200000]]", "[[0,1080000]]" },
        { "through two steps", 1, 3, "[[0,1200000]]", "[[10000,1090000]]" },
        { "back", 2, 1, "[[230000,250000]]", "[[290000,300000],[360000,370000]]" },
        { "back through two steps: the new opening was not there", 3, 1, "[[0,20000]]",
            "[[60000,70000]]" },
        { "another recording has nothing in common", 3, 4, "[[0,1090000]]", "[]" },
        { "and nothing comes back from it", 4, 1, "[[0,1090000]]", "[]" },
        { "nothing watched", 1, 3, "[]", "[]" },
    };
    three_versions();
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_carried(&cases[i]);
}

static void a_place_follows_its_content(void **state)
{
    (void)state;
    static const struct {
        int64_t from_version, to_version, moment_ms, expected_ms;
    } cases[] = {
        { 1, 1, 5, 5 },
        { 1, 2, 0, 0 }, /* cut away: the beginning */
        { 1, 2, 60000, 0 },
        { 1, 2, 100000, 40000 },
        { 1, 2, 330000, 240000 }, /* in the pause: what came after it */
        { 1, 2, 1200000, 1080000 },
        { 1, 3, 100000, 50000 },
        { 3, 1, 50000, 100000 },
        { 3, 4, 50000, 0 },
    };
    three_versions();
    struct timelines known = timelines();
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(timelines_carry_moment(&known, house.lecture_id, cases[i].from_version,
                             cases[i].to_version, cases[i].moment_ms),
            cases[i].expected_ms);
    timelines_release(&known);
}

static void pieces_of_other_lectures_do_not_matter(void **state)
{
    (void)state;
    static const struct carry carry = { "another lecture's pieces", 1, 2, "[[0,1000]]", "[]" };
    char sql[300];
    (void)snprintf(sql, sizeof sql,
        "INSERT INTO timeline_piece (lecture_id, version, from_ms, to_ms, at_ms)"
        " VALUES ('%s', 2, 0, 5000, 0)",
        house.other_lecture_id);
    house_run(&house, sql);
    assert_carried(&carry);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, build, take_down)
    const struct CMUnitTest tests[] = {
        TEST(stretches_follow_their_content),
        TEST(a_place_follows_its_content),
        TEST(pieces_of_other_lectures_do_not_matter),
    };
    return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
