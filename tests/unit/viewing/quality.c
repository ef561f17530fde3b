/* Sums of what players tell: each play session's own, the same however deliveries are batched. */
#include "house.h"

#include "../unit.h"
#include "base/memory.h"
#include "viewing/quality.h"

#include <stdio.h>
#include <string.h>

#define FIRST "01890000-0000-7000-8000-000000000001"
#define SECOND "01890000-0000-7000-8000-000000000002"

static struct house house;

static int begin(void **state)
{
    (void)state;
    house_build(&house);
    return 0;
}

static int end(void **state)
{
    (void)state;
    house_remove(&house);
    return 0;
}

static void deliver(const char *rendition, const char *told)
{
    struct delivery delivery
        = { .at_ms = house_now_ms++, .version = 1, .end_ms = 4000, .status = 200 };
    const struct caller *caller = &house.people[0];
    (void)snprintf(delivery.participant_id, UUID_TEXT_SIZE, "%s", caller->participant_id);
    (void)snprintf(delivery.session_id, UUID_TEXT_SIZE, "%s", caller->session_id);
    (void)snprintf(delivery.lecture_id, UUID_TEXT_SIZE, "%s", house.lecture_id);
    (void)snprintf(delivery.rendition, sizeof delivery.rendition, "%s", rendition);
    cmcd_init(&delivery.cmcd);
    assert_true(!told || cmcd_read(&delivery.cmcd, told));
    assert_true(delivery_log_reserve(house.log, 0, caller->participant_id));
    delivery_log_record(house.log, 0, &delivery);
}

static bool commit(struct db_connection *connection, void *data, struct problem *problem)
{
    return delivery_log_write(house.log, connection, data, problem);
}

static void end_batch(void)
{
    struct problem problem = { 0 };
    struct delivery_mark mark;
    assert_true(db_write(house.db, commit, &mark, &problem));
    delivery_log_release(house.log, &mark);
}

static bool list_person(struct db_connection *connection, void *data, struct problem *problem)
{
    json_t **list = data;
    return (*list = quality_person_json(
                connection, house.people[0].participant_id, house.lecture_id, problem));
}

static bool list_cohort(struct db_connection *connection, void *data, struct problem *problem)
{
    json_t **list = data;
    return (*list = quality_cohort_json(connection, house.cohort_id, "en", problem));
}

static json_int_t number(const json_t *list, size_t place, const char *member)
{
    const json_t *value = json_object_get(json_array_get(list, place), member);
    return json_is_integer(value) ? json_integer_value(value) : -1;
}

static void rates_are_counted_within_an_eighth(void **state)
{
    (void)state;
    for (int64_t kbps = 0; kbps < 2000000; kbps += 1 + kbps / 50) {
        struct quality quality;
        struct delivery delivery = { .rendition = "v" };
        cmcd_init(&delivery.cmcd);
        delivery.cmcd.throughput_kbps = (int32_t)kbps;
        quality_init(&quality);
        quality_add(&quality, &delivery);
        int64_t median = quality_median_kbps(&quality);
        assert_in_range(median * 8 + 8, kbps * 7, kbps * 9 + 8);
        assert_true(quality_bucket(kbps) <= quality_bucket(kbps + 1));
    }
    assert_true(quality_bucket(999999999) < QUALITY_BUCKETS);
    struct quality none;
    quality_init(&none);
    assert_int_equal(quality_median_kbps(&none), -1);
}

static void each_play_session_has_its_sums(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    json_t *list = NULL;
    deliver("240p", NULL); /* tells nothing: no part of it */
    deliver("240p", "bl=4000,mtp=800,bs,sid=\"" FIRST "\"");
    deliver("480p", "bl=9000,mtp=8000,sid=\"" SECOND "\"");
    deliver("240p", "bl=2500,mtp=1600,sid=\"" FIRST "\"");
    deliver("240p", "bl=0,su,sid=\"" FIRST "\"");
    end_batch();
    deliver("480p", "mtp=1600,bs,sid=\"" FIRST "\"");
    deliver("480p", "bl=100,sid=\"none of ours\"");
    end_batch();
    assert_true(db_read(house.db, list_person, &list, &problem));
    assert_int_equal(json_array_size(list), 3);
    size_t first = 3;
    for (size_t i = 0; i < 3; i++) {
        const char *session
            = json_string_value(json_object_get(json_array_get(list, i), "play_session"));
        if (session && strcmp(session, FIRST) == 0)
            first = i;
    }
    assert_true(first < 3);
    assert_int_equal(number(list, first, "deliveries"), 4);
    assert_int_equal(number(list, first, "stalls"), 2);
    assert_int_equal(number(list, first, "buffer_least_ms"), 2500);
    assert_int_equal(number(list, first, "throughput_least_kbps"), 800);
    assert_in_range(number(list, first, "throughput_median_kbps"), 1400, 1800);
    const json_t *renditions = json_object_get(json_array_get(list, first), "renditions");
    assert_int_equal(json_integer_value(json_object_get(renditions, "240p")), 3);
    assert_int_equal(json_integer_value(json_object_get(renditions, "480p")), 1);
    json_decref(list);
}

static void a_cohort_s_list_joins_play_sessions(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    json_t *list = NULL;
    assert_true(db_read(house.db, list_cohort, &list, &problem));
    assert_int_equal(json_array_size(list), 1);
    assert_int_equal(number(list, 0, "play_sessions"), 3);
    assert_int_equal(number(list, 0, "deliveries"), 6);
    assert_int_equal(number(list, 0, "stalls"), 2);
    assert_int_equal(number(list, 0, "buffer_least_ms"), 100);
    json_decref(list);
    (void)snprintf(house.cohort_id, UUID_TEXT_SIZE, "nobody");
    assert_false(db_read(house.db, list_cohort, &list, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_are_counted_within_an_eighth),
        cmocka_unit_test(each_play_session_has_its_sums),
        cmocka_unit_test(a_cohort_s_list_joins_play_sessions),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
