/* The figures: for the organizer, for the spreadsheet, for the person. */
#include "viewing/report.h"

#include "../unit.h"
#include "base/clock.h"
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

/* Person 1 completes the first lecture, person 2 sees a part of it, person 3 claims what was not
 * sent. */
static void watch(void)
{
    struct play_session session = house_begin(&house, &house.people[0], house.lecture_id);
    house_deliver(&house, &house.people[0], house.lecture_id, 0, HOUSE_LECTURE_MS);
    for (int64_t at_ms = 0; at_ms < HOUSE_LECTURE_MS; at_ms += 20000) {
        house_now_ms += 10000;
        (void)house_take_one(
            &house, &house.people[0], &session, at_ms / 20000, at_ms, at_ms + 20000, NULL);
    }
    session = house_begin(&house, &house.people[1], house.lecture_id);
    house_deliver(&house, &house.people[1], house.lecture_id, 60000, 100000);
    house_now_ms += 10000;
    (void)house_take_one(&house, &house.people[1], &session, 0, 60000, 80000, NULL);
    session = house_begin(&house, &house.people[2], house.lecture_id);
    (void)house_take_one(&house, &house.people[2], &session, 0, 0, 30000, NULL);
    (void)house_take_one(&house, &house.people[2], &session, 1, 0, 30000, NULL);
}

struct asking {
    const char *id, *lecture_id, *language;
    json_t *answer;
};

static bool ask_cohort(struct db_connection *connection, void *data, struct problem *problem)
{
    struct asking *asking = data;
    asking->answer = report_cohort(connection, asking->id, asking->language, problem);
    return asking->answer != NULL;
}

static bool ask_lectures(struct db_connection *connection, void *data, struct problem *problem)
{
    struct asking *asking = data;
    asking->answer = report_participant_lectures(connection, asking->id, problem);
    return asking->answer != NULL;
}

static bool ask_record(struct db_connection *connection, void *data, struct problem *problem)
{
    struct asking *asking = data;
    asking->answer = report_participant_record(connection, asking->id, asking->lecture_id, problem);
    return asking->answer != NULL;
}

static json_t *ask(db_function function, const char *id, const char *lecture_id)
{
    struct asking asking = { id, lecture_id, "en", NULL };
    struct problem problem = { 0 };
    if (!db_read(house.db, function, &asking, &problem))
        fail_msg("%s", problem.detail);
    return asking.answer;
}

/* The value at a path such as "participants/0/lectures/1/missing", as JSON text; lent until the
 * next call. */
static const char *at(const json_t *value, const char *path)
{
    static char text[2000];
    char steps[200];
    (void)snprintf(steps, sizeof steps, "%s", path);
    char *rest = steps;
    for (char *step = strsep(&rest, "/"); value && step; step = strsep(&rest, "/"))
        value = json_is_array(value) ? json_array_get(value, strtoul(step, NULL, 10))
                                     : json_object_get(value, step);
    size_t length = json_dumpb(value, text, sizeof text - 1, JSON_COMPACT | JSON_ENCODE_ANY);
    text[length < sizeof text ? length : 0] = '\0';
    return text;
}

static void the_cohorts_figures_are_told(void **state)
{
    (void)state;
    watch();
    json_t *report = ask(ask_cohort, house.cohort_id, NULL);
    static const struct {
        const char *path, *expected;
    } facts[] = {
        { "cohort/name", "\"Vietnam team\"" },
        { "cohort/time_zone", "\"Asia/Ho_Chi_Minh\"" },
        { "cohort/rule/threshold_percent", "90" },
        { "lectures/0/title", "\"Labour law 1\"" },
        { "lectures/1/duration_ms", "1200000" },
        { "lectures/0/required", "true" },
        { "participants/0/name", "\"Person 1\"" },
        { "participants/0/country", "\"VN\"" },
        { "participants/0/gender", "\"female\"" },
        { "participants/0/group", "\"Hanoi\"" },
        { "participants/0/lectures/0/claimed_ms", "1200000" },
        { "participants/0/lectures/0/delivered_ms", "1200000" },
        { "participants/0/lectures/0/credited_ms", "1200000" },
        { "participants/0/lectures/0/coverage", "1.0" },
        { "participants/0/lectures/0/missing", "[]" },
        { "participants/0/lectures/1/credited_ms", "0" },
        { "participants/0/lectures/1/missing", "[[0,1200000]]" },
        { "participants/0/lectures/1/completed_at_ms", "null" },
        { "participants/0/lectures/1/last_at_ms", "null" },
        { "participants/1/lectures/0/credited_ms", "20000" },
        { "participants/1/lectures/0/delivered_ms", "40000" },
        { "participants/1/lectures/0/missing", "[[0,60000],[80000,1200000]]" },
        { "participants/1/lectures/0/completed_at_ms", "null" },
        { "participants/2/lectures/0/claimed_ms", "30000" },
        { "participants/2/lectures/0/delivered_ms", "0" },
        { "participants/2/lectures/0/coverage", "0.0" },
        { "participants/3/lectures/0/claimed_ms", "0" },
        { "totals/participants", "4" },
        { "totals/women", "2" },
        { "totals/completed_all", "0" },
        { "totals/countries", "{\"VN\":2,\"MN\":2}" },
    };
    for (size_t i = 0; i < COUNT_OF(facts); i++)
        if (strcmp(at(report, facts[i].path), facts[i].expected) != 0)
            fail_msg("%s is %s", facts[i].path, at(report, facts[i].path));
    assert_string_equal(at(report, "participants/0/lectures/0/completed_at_ms"),
        house_text(&house, "SELECT completed_at_ms FROM completion"));
    assert_int_equal(json_array_size(json_object_get(report, "participants")), HOUSE_PEOPLE);
    json_decref(report);
}

static void completed_all_asks_for_what_is_required_and_published(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *completed_all;
        size_t lectures;
    } cases[] = {
        { "SELECT 1", "0", 2 },
        { "UPDATE program_lecture SET required = 0 WHERE position = 2", "1", 2 },
        { "UPDATE program_lecture SET required = 0", "0", 2 },
        { "UPDATE program_lecture SET required = 1", "0", 2 },
        /* Nobody has watched the second: withdrawn, it is not listed. */
        { "UPDATE lecture SET published = 0", "1", 1 },
        { "UPDATE lecture SET current_version = NULL", "0", 0 },
    };
    watch();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (i > 0)
            house_run(&house, cases[i].sql);
        json_t *report = ask(ask_cohort, house.cohort_id, NULL);
        if (strcmp(at(report, "totals/completed_all"), cases[i].completed_all) != 0)
            fail_msg("%s: %s", cases[i].sql, at(report, "totals/completed_all"));
        assert_int_equal(json_array_size(json_object_get(report, "lectures")), cases[i].lectures);
        json_decref(report);
    }
}

static void titles_fall_back(void **state)
{
    (void)state;
    static const char *const asked[] = { "ja", "mn", "vi", NULL };
    static const char *const expected[]
        = { "\"労働法\"", "\"Labour law 1\"", "\"Labour law 1\"", "\"Labour law 1\"" };
    house_run(&house, "INSERT INTO lecture_text (lecture_id, language, title, description)"
                      " SELECT id, 'ja', '労働法', '' FROM lecture");
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        struct asking asking = { house.cohort_id, NULL, asked[i], NULL };
        struct problem problem = { 0 };
        assert_true(db_read(house.db, ask_cohort, &asking, &problem));
        json_t *title = json_object_get(
            json_array_get(json_object_get(asking.answer, "lectures"), 0), "title");
        char *text = json_dumps(title, JSON_ENCODE_ANY);
        assert_string_equal(text, expected[i]);
        free(text);
        json_decref(asking.answer);
    }
    house_run(&house, "DELETE FROM lecture_text WHERE language = 'en'");
    json_t *report = ask(ask_cohort, house.cohort_id, NULL);
    assert_string_equal(at(report, "lectures/0/title"), expected[0]); /* any is better than none */
    json_decref(report);
}

static void what_is_not_there_is_not_found(void **state)
{
    (void)state;
    struct asking asking = { "no-such-cohort", "no-such-lecture", "en", NULL };
    struct problem problem = { 0 };
    assert_false(db_read(house.db, ask_cohort, &asking, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    problem_clear(&problem);
    assert_false(db_read(house.db, ask_record, &asking, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
}

static void an_empty_cohort_has_a_report(void **state)
{
    (void)state;
    house_run(&house, "DELETE FROM session");
    house_run(&house, "DELETE FROM participant");
    json_t *report = ask(ask_cohort, house.cohort_id, NULL);
    assert_string_equal(at(report, "participants"), "[]");
    assert_string_equal(at(report, "totals"), "{\"participants\":0,\"women\":0,\"completed_all\":0,"
                                              "\"accepted_by_hand\":0,\"countries\":{}}");
    json_decref(report);
}

static void a_row_that_cannot_be_read_is_a_problem_and_no_wrong_figure(void **state)
{
    (void)state;
    static const char *const columns[] = { "claimed", "delivered", "credited", "flag_counts" };
    watch();
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        char sql[100];
        (void)snprintf(sql, sizeof sql, "UPDATE viewing SET %s = '[[5,'", columns[i]);
        house_run(&house, sql);
        struct asking asking = { house.people[0].participant_id, house.lecture_id, "en", NULL };
        struct problem problem = { 0 };
        if (i > 0) /* what was claimed is not part of the record */
            assert_false(db_read(house.db, ask_record, &asking, &problem));
        problem_clear(&problem);
        assert_int_equal(db_read(house.db, ask_lectures, &asking, &problem), i == 3);
        if (i == 3)
            json_decref(asking.answer);
        asking.id = house.cohort_id;
        problem_clear(&problem);
        assert_int_equal(db_read(house.db, ask_cohort, &asking, &problem), i == 3);
        if (i == 3)
            json_decref(asking.answer);
        (void)snprintf(
            sql, sizeof sql, "UPDATE viewing SET %s = '%s'", columns[i], i < 3 ? "[]" : "{}");
        house_run(&house, sql);
    }
}

static void the_csv_tells_the_same(void **state)
{
    (void)state;
    watch();
    house_run(&house, "UPDATE participant SET name = '=HYPERLINK(\"http://x\")', group_name = 'a,b'"
                      " WHERE name = 'Person 2'");
    json_t *report = ask(ask_cohort, house.cohort_id, NULL);
    size_t index;
    json_t *person;
    json_array_foreach(json_object_get(report, "participants"), index, person)(void)
        json_object_set_new(
            person, "sharing", json_pack("{s:[s, s]}", "signs", "networks-at-once", "takeovers"));
    struct text text;
    text_init(&text, 1 << 16);
    assert_true(report_cohort_csv(report, true, &text));
    assert_true(text_starts_with(text.bytes, "\xEF\xBB\xBFparticipant_id,name,country,"));
    char expected[600];
    char instant[CLOCK_ISO_SIZE];
    clock_format_iso(house_number(&house, "SELECT MAX(last_at_ms) FROM viewing WHERE credited ="
                                          " '[[60000,80000]]'"),
        instant);
    (void)snprintf(expected, sizeof expected,
        "\r\n%s,\"'=HYPERLINK(\"\"http://x\"\")\",VN,male,\"a,b\",%s,Labour law "
        "1,1200000,20000,40000,"
        "20000,0.0167,0:00-1:00; 1:20-20:00,,%s,,,networks-at-once takeovers\r\n",
        house.people[1].participant_id, house.lecture_id, instant);
    if (!strstr(text.bytes, expected))
        fail_msg("%s\nis not in\n%s", expected, text.bytes);
    size_t lines = 0;
    for (const char *c = text.bytes; *c; c++)
        lines += *c == '\n';
    assert_int_equal(lines, 1 + HOUSE_PEOPLE * 2);
    text_release(&text);
    text_init(&text, 200);
    assert_false(report_cohort_csv(report, true, &text));
    text_release(&text);
    json_decref(report);
}

static void no_cell_is_calculated(void **state)
{
    (void)state;
    static const struct {
        const char *name, *cell;
    } cases[] = {
        { "Lan", "Lan" },
        { "=1+1", "\"'=1+1\"" },
        { "+81 3", "\"'+81 3\"" },
        { "-2", "\"'-2\"" },
        { "@SUM(A1)", "\"'@SUM(A1)\"" },
        { "\t=1", "\"'\t=1\"" },
        { "\r=1", "\"'\r=1\"" },
        { "  =1", "\"'  =1\"" },
        { "＝1", "\"'＝1\"" },
        { "＋1", "\"'＋1\"" },
        { "－1", "\"'－1\"" },
        { "＠x", "\"'＠x\"" },
        { "Nguyễn, Thị \"Lan\"", "\"Nguyễn, Thị \"\"Lan\"\"\"" },
        { "two\nlines", "\"two\nlines\"" },
        { "a=b", "a=b" },
        { "", "" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_t *report = json_pack("{s:[{s:s, s:s, s:I}], s:[{s:s, s:s, s:n, s:[{}]}]}", "lectures",
            "id", "l", "title", "t", "duration_ms", (json_int_t)1, "participants", "id", "p",
            "name", cases[i].name, "country", "lectures");
        struct text text;
        char expected[100];
        text_init(&text, 2000);
        assert_true(report_cohort_csv(report, true, &text));
        (void)snprintf(expected, sizeof expected, "\r\np,%s,,,,l,t,1,", cases[i].cell);
        if (!strstr(text.bytes, expected))
            fail_msg("'%s' became %s", cases[i].name, text.bytes);
        text_release(&text);
        json_decref(report);
    }
}

static void a_person_sees_their_own_progress(void **state)
{
    (void)state;
    watch();
    json_t *lectures = ask(ask_lectures, house.people[1].participant_id, NULL);
    assert_int_equal(json_array_size(lectures), 2);
    assert_string_equal(at(lectures, "0/credited_ms"), "20000");
    assert_string_equal(at(lectures, "0/position_ms"), "80000");
    assert_string_equal(at(lectures, "0/missing"), "[[0,60000],[80000,1200000]]");
    assert_string_equal(at(lectures, "1/position_ms"), "0");
    assert_string_equal(at(lectures, "1/completed_at_ms"), "null");
    json_decref(lectures);
    house_run(&house, "UPDATE lecture SET published = 0");
    lectures = ask(ask_lectures, house.people[1].participant_id, NULL);
    assert_int_equal(json_array_size(lectures), 0);
    json_decref(lectures);
}

static void a_record_tells_each_interval_and_why(void **state)
{
    (void)state;
    watch();
    json_t *record = ask(ask_record, house.people[0].participant_id, house.lecture_id);
    assert_string_equal(at(record, "credited"), "[[0,1200000]]");
    assert_string_equal(at(record, "missing"), "[]");
    assert_int_equal(json_array_size(json_object_get(record, "intervals")), 60);
    assert_string_equal(at(record, "intervals/0/from_ms"), "0");
    assert_string_equal(at(record, "intervals/59/from_ms"), "1180000");
    assert_string_equal(at(record, "intervals/59/reason"), "\"delivered\"");
    assert_string_equal(at(record, "flags"), "{}");
    json_decref(record);
    record = ask(ask_record, house.people[2].participant_id, house.lecture_id);
    assert_string_equal(at(record, "intervals"), "[]");
    assert_string_equal(at(record, "flags"), "{\"undelivered\":2}");
    assert_string_equal(at(record, "missing"), "[[0,1200000]]");
    json_decref(record);
    record = ask(ask_record, house.people[3].participant_id, house.other_lecture_id);
    assert_string_equal(at(record, "delivered"), "[]");
    assert_string_equal(at(record, "intervals"), "[]");
    json_decref(record);
}

static void a_long_record_tells_the_newest(void **state)
{
    (void)state;
    struct play_session session = house_begin(&house, &house.people[0], house.lecture_id);
    static struct beat beats[BEATS_MAX];
    house_deliver(&house, &house.people[0], house.lecture_id, 0, HOUSE_LECTURE_MS);
    house_now_ms += 500000;
    for (int64_t batch = 0; batch < 3; batch++) {
        for (int64_t i = 0; i < BEATS_MAX; i++) {
            int64_t seq = batch * BEATS_MAX + i;
            /* backwards, so that none goes on with the one before */
            int64_t from_ms = (3 * BEATS_MAX + 4 - seq) * 200;
            beats[i] = (struct beat){ .seq = seq, .from_ms = from_ms, .to_ms = from_ms + 200 };
        }
        (void)house_take(&house, &house.people[0], &session, beats, BEATS_MAX, NULL);
    }
    json_t *record = ask(ask_record, house.people[0].participant_id, house.lecture_id);
    assert_int_equal(json_array_size(json_object_get(record, "intervals")), REPORT_INTERVALS_MAX);
    assert_string_equal(at(record, "intervals/999/from_ms"), "1000");
    assert_string_equal(at(record, "intervals/0/from_ms"), "200800");
    json_decref(record);
}

/* The first minute was cut: figures are on the clock of the new version, over both. */
static void what_was_watched_of_an_earlier_version_is_carried_over(void **state)
{
    (void)state;
    watch();
    house_run(&house, "INSERT INTO timeline_piece (lecture_id, version, from_ms, to_ms, at_ms)"
                      " SELECT id, 2, 60000, 1200000, 0 FROM lecture");
    house_run(&house, "INSERT INTO lecture_version (lecture_id, version, duration_ms, report,"
                      " ready_at_ms) SELECT id, 2, 1140000, '{}', 2 FROM lecture");
    house_run(&house, "UPDATE lecture SET current_version = 2");
    struct play_session session;
    struct problem problem = { 0 };
    assert_true(play_begin(house.db, &house.settings, &house.people[1], NULL, house.lecture_id, 2,
        &session, &problem));

    json_t *report = ask(ask_cohort, house.cohort_id, NULL);
    assert_string_equal(at(report, "lectures/0/duration_ms"), "1140000");
    assert_string_equal(at(report, "participants/0/lectures/0/credited_ms"), "1140000");
    assert_string_equal(at(report, "participants/1/lectures/0/credited_ms"), "20000");
    assert_string_equal(at(report, "participants/1/lectures/0/claimed_ms"), "20000");
    assert_string_equal(at(report, "participants/1/lectures/0/delivered_ms"), "40000");
    assert_string_equal(at(report, "participants/1/lectures/0/missing"), "[[20000,1140000]]");
    json_decref(report);

    json_t *lectures = ask(ask_lectures, house.people[1].participant_id, NULL);
    assert_int_equal(json_array_size(lectures), 2); /* two versions, one lecture */
    assert_string_equal(at(lectures, "0/credited_ms"), "20000");
    assert_string_equal(at(lectures, "0/position_ms"), "20000"); /* 1:20 of the first one */
    json_decref(lectures);

    json_t *record = ask(ask_record, house.people[1].participant_id, house.lecture_id);
    assert_string_equal(at(record, "version"), "2");
    assert_string_equal(at(record, "credited"), "[[0,20000]]");
    assert_string_equal(at(record, "delivered"), "[[0,40000]]");
    assert_string_equal(at(record, "intervals/0/version"), "1");
    assert_string_equal(at(record, "intervals/0/from_ms"), "60000");
    json_decref(record);
}

/* 2,000 people and 20 lectures: told with the time that it took, because that is for a benchmark to
 * judge. */
static void a_large_cohort_is_told_in_one_go(void **state)
{
    (void)state;
    house_run(&house,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1996)"
        " INSERT INTO participant (id, cohort_id, name, language, created_at_ms)"
        " SELECT 'person-' || i, cohort.id, 'Person ' || i, 'en', 1 FROM n, cohort");
    house_run(&house,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 18)"
        " INSERT INTO lecture (id, state, published, current_version, language, file_name,"
        " created_at_ms) SELECT 'lecture-' || i, 'ready', 1, 1, 'en', 'x', 1 FROM n");
    house_run(&house,
        "INSERT INTO lecture_version (lecture_id, version, duration_ms, report, ready_at_ms)"
        " SELECT id, 1, 3600000, '{}', 1 FROM lecture WHERE id LIKE 'lecture-%'");
    house_run(&house, "INSERT INTO program_lecture (program_id, lecture_id, position, required)"
                      " SELECT program.id, lecture.id, 5, 1 FROM program, lecture"
                      " WHERE lecture.id LIKE 'lecture-%'");
    house_run(&house,
        "INSERT INTO viewing (participant_id, lecture_id, version, claimed, delivered,"
        " credited, real_ms, position_ms, first_at_ms, last_at_ms, flag_counts)"
        " SELECT participant.id, lecture.id, 1, '[[0,1000000],[1200000,3000000]]',"
        " '[[0,1004000],[1200000,3004000]]', '[[0,1000000],[1200000,3000000]]', 5, 6, 7,"
        " 8, '{}' FROM participant, lecture");
    int64_t before_ms = clock_steady_ms();
    json_t *report = ask(ask_cohort, house.cohort_id, NULL);
    print_message("  %lld ms\n", (long long)(clock_steady_ms() - before_ms));
    assert_string_equal(at(report, "totals/participants"), "2000");
    assert_string_equal(at(report, "participants/1999/lectures/19/credited_ms"), "2800000");
    assert_int_equal(json_array_size(json_object_get(report, "lectures")), 20);
    json_decref(report);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, build, take_down)
    const struct CMUnitTest tests[] = {
        TEST(the_cohorts_figures_are_told),
        TEST(completed_all_asks_for_what_is_required_and_published),
        TEST(titles_fall_back),
        TEST(what_is_not_there_is_not_found),
        TEST(an_empty_cohort_has_a_report),
        TEST(a_row_that_cannot_be_read_is_a_problem_and_no_wrong_figure),
        TEST(the_csv_tells_the_same),
        TEST(no_cell_is_calculated),
        TEST(a_person_sees_their_own_progress),
        TEST(a_record_tells_each_interval_and_why),
        TEST(a_long_record_tells_the_newest),
        TEST(what_was_watched_of_an_earlier_version_is_carried_over),
        TEST(a_large_cohort_is_told_in_one_go),
    };
    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
