/* The rings of deliveries: nothing is lost, nothing is doubled, whatever becomes of a
 * transaction. */
#include "viewing/delivery_log.h"

#include "../unit.h"
#include "house.h"
#include "viewing/delivery_list.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOOPS = 3, RECORDS = 4000 };

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

/* The same house with a log of other settings. */
static void restart_log(int64_t ring, int64_t commit_ms, size_t loops)
{
    struct problem problem = { 0 };
    delivery_log_stop(house.log);
    house.settings.delivery_ring = ring;
    house.settings.delivery_commit_ms = commit_ms;
    house.log = delivery_log_start(house.db, &house.settings, loops, &problem);
    assert_non_null(house.log);
}

static struct delivery delivery_of(int64_t segment)
{
    struct delivery delivery = { .at_ms = house_now_ms,
        .version = 1,
        .rendition = "240p",
        .segment = segment,
        .start_ms = segment * 4000,
        .end_ms = segment * 4000 + 4000,
        .status = 200,
        .body_bytes = 1000 + segment,
        .whole = true,
        .first_byte_ms = 1,
        .last_byte_ms = 7 };
    memcpy(delivery.participant_id, house.people[0].participant_id, UUID_TEXT_SIZE);
    memcpy(delivery.session_id, house.people[0].session_id, UUID_TEXT_SIZE);
    memcpy(delivery.lecture_id, house.lecture_id, UUID_TEXT_SIZE);
    return delivery;
}

static void put(const struct delivery *delivery)
{
    assert_true(delivery_log_reserve(house.log, 0, delivery->participant_id));
    delivery_log_record(house.log, 0, delivery);
}

static void record(int64_t segment)
{
    struct delivery delivery = delivery_of(segment);
    put(&delivery);
}

static int64_t rows(void)
{
    return house_number(&house, "SELECT COUNT(*) FROM delivery");
}

static void a_delivery_reaches_the_store_by_itself(void **state)
{
    (void)state;
    record(3);
    for (int waited_ms = 0; delivery_log_waiting(house.log) > 0 && waited_ms < 5000;
         waited_ms += 10)
        (void)usleep(10000);
    assert_int_equal(rows(), 1);
    assert_int_equal(delivery_log_waiting(house.log), 0);
    assert_string_equal(
        house_text(&house, "SELECT rendition || ' ' || segment || ' ' || start_ms || ' ' || end_ms"
                           " || ' ' || status || ' ' || body_bytes || ' ' || whole || ' ' ||"
                           " first_byte_ms || ' ' || last_byte_ms FROM delivery"),
        "240p 3 12000 16000 200 1003 1 1 7");
    assert_string_equal(house_text(&house, "SELECT delivered FROM viewing"), "[[12000,16000]]");
    assert_int_equal(house_number(&house, "SELECT last_at_ms FROM viewing"), 0);
}

static bool list_deliveries(struct db_connection *connection, void *data, struct problem *problem)
{
    json_t **list = data;
    const char *person = house.people[0].participant_id;
    *list = delivery_list_json(connection, person, NULL, 2, problem);
    return *list != NULL;
}

static void what_the_player_told_is_kept_beside(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    record(0);
    record(1);
    struct delivery delivery = delivery_of(2);
    cmcd_init(&delivery.cmcd);
    assert_true(cmcd_read(&delivery.cmcd, "bl=4200,mtp=800,bs,sid=\"play\""));
    put(&delivery);
    delivery_log_stop(house.log);
    house.log = NULL;
    assert_string_equal(
        house_text(&house,
            "SELECT client_session || ' ' || buffer_ms || ' ' || throughput_kbps || ' ' ||"
            " starved || ' ' || startup FROM delivery WHERE bitrate_kbps IS NULL"
            " AND deadline_ms IS NULL AND rate_percent IS NULL AND segment = 2"),
        "play 4200 800 1 0");
    assert_int_equal(
        house_number(&house, "SELECT COUNT(*) FROM delivery WHERE client_session IS NULL"
                             " AND buffer_ms IS NULL AND starved IS NULL"),
        2);
    json_t *list = NULL;
    assert_true(db_read(house.db, list_deliveries, &list, &problem));
    char *text = json_dumps(list, JSON_COMPACT | JSON_SORT_KEYS);
    assert_int_equal(json_array_size(list), 2);
    assert_non_null(strstr(text, "\"client\":{\"bitrate_kbps\":null,\"buffer_ms\":4200,"
                                 "\"deadline_ms\":null,\"rate_percent\":null,"
                                 "\"session\":\"play\",\"startup\":false,\"starved\":true,"
                                 "\"throughput_kbps\":800}"));
    assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 1), "segment")), 1);
    assert_true(json_is_null(json_object_get(json_array_get(list, 1), "client")));
    free(text);
    json_decref(list);
}

static void only_whole_segments_count_as_delivered(void **state)
{
    (void)state;
    struct delivery delivery = delivery_of(0);
    delivery.whole = false;
    delivery.status = 206;
    put(&delivery);
    record(2);
    delivery = delivery_of(1);
    delivery.status = 304;
    put(&delivery);
    delivery_log_stop(house.log);
    house.log = NULL;
    assert_int_equal(rows(), 3);
    assert_string_equal(house_text(&house, "SELECT delivered FROM viewing"), "[[4000,12000]]");
}

struct hold {
    _Atomic bool held, go;
};

/* On the writer's thread: a store that is slow. */
static bool hold_writer(struct db_connection *connection, void *data, struct problem *problem)
{
    struct hold *hold = data;
    (void)connection;
    (void)problem;
    atomic_store(&hold->held, true);
    while (!atomic_load(&hold->go))
        (void)usleep(1000);
    return true;
}

static void while_the_store_is_slow_nothing_is_lost(void **state)
{
    (void)state;
    static struct hold hold;
    restart_log(256, 10, 1);
    assert_false(delivery_log_is_behind(house.log));
    db_write_later(house.db, hold_writer, &hold, NULL);
    while (!atomic_load(&hold.held))
        (void)usleep(1000);
    /* A place that is taken counts like a record, as long as it is not given back. */
    int recorded = 0;
    struct delivery delivery = delivery_of(0);
    const char *participant = delivery.participant_id;
    assert_true(delivery_log_reserve(house.log, 0, participant));
    for (; delivery_log_reserve(house.log, 0, participant); recorded++) {
        assert_true(recorded < 256);
        assert_true(recorded >= 128 || !delivery_log_is_behind(house.log));
        delivery_log_record(house.log, 0, &delivery);
    }
    assert_int_equal(recorded, 255);
    assert_true(delivery_log_is_behind(house.log));
    delivery_log_give_back(house.log, 0, participant);
    assert_true(delivery_log_reserve(house.log, 0, participant));
    delivery_log_record(house.log, 0, &delivery);
    assert_int_equal(delivery_log_waiting(house.log), 256);
    assert_int_equal(delivery_log_limit(house.log), 256);
    assert_int_equal(delivery_log_refused(house.log), 1);
    atomic_store(&hold.go, true);
    delivery_log_stop(house.log);
    house.log = NULL;
    assert_int_equal(rows(), 256);
}

static void records_that_wait_for_long_are_told(void **state)
{
    (void)state;
    static struct hold hold;
    house.settings.delivery_late_ms = 100;
    restart_log(256, 10, 1);
    db_write_later(house.db, hold_writer, &hold, NULL);
    record(1);
    (void)usleep(250000);
    assert_true(delivery_log_is_behind(house.log));
    atomic_store(&hold.go, true);
    for (int waited_ms = 0; delivery_log_is_behind(house.log) && waited_ms < 5000; waited_ms += 10)
        (void)usleep(10000);
    assert_false(delivery_log_is_behind(house.log));
    assert_int_equal(rows(), 1);
}

static bool count_rows(struct db_connection *connection, void *data, struct problem *problem)
{
    struct db_rows *counted = db_query(connection, "SELECT COUNT(*) FROM delivery", "");
    *(int64_t *)data = db_next(counted) ? db_int(counted, 0) : -1;
    return db_end(counted, problem);
}

static void a_flush_comes_before_what_is_written_next(void **state)
{
    (void)state;
    restart_log(4096, 250, 1);
    for (int64_t i = 0; i < 300; i++) {
        int64_t seen = -1;
        struct problem problem = { 0 };
        record(i % 300);
        delivery_log_flush_later(house.log);
        assert_true(db_write(house.db, count_rows, &seen, &problem));
        assert_int_equal(seen, i + 1);
    }
}

struct attempt {
    bool keep;
    int writes; /* of the log, in one transaction */
    struct delivery_mark mark;
};

static bool try_write(struct db_connection *connection, void *data, struct problem *problem)
{
    struct attempt *attempt = data;
    for (int i = 0; i < attempt->writes; i++)
        if (!delivery_log_write(house.log, connection, &attempt->mark, problem))
            return false;
    return attempt->keep || problem_set(problem, PROBLEM_CONFLICT, "not kept");
}

static void what_was_rolled_back_is_written_again(void **state)
{
    (void)state;
    restart_log(4096, 250, 1);
    for (int64_t round = 0; round < 50; round++) {
        struct attempt attempt = { .writes = 1 };
        struct problem problem = { 0 };
        record(round);
        assert_false(db_write(house.db, try_write, &attempt, &problem));
        attempt = (struct attempt){ .writes = 3, .keep = true };
        problem_clear(&problem);
        assert_true(db_write(house.db, try_write, &attempt, &problem));
        assert_int_equal(rows(), round + 1);
        if (round % 2)
            delivery_log_release(house.log, &attempt.mark);
    }
    assert_int_equal(house_number(&house, "SELECT COUNT(DISTINCT segment) FROM delivery"), 50);
}

/* One failing drain between two that are kept, in one commit. */
static void a_failure_within_a_group_loses_nothing(void **state)
{
    (void)state;
    restart_log(4096, 250, 1);
    for (int64_t round = 0; round < 50; round++) {
        struct attempt fails = { .writes = 1 };
        struct problem problem = { 0 };
        record(round * 2);
        delivery_log_flush_later(house.log);
        record(round * 2 + 1);
        assert_false(db_write(house.db, try_write, &fails, &problem));
        delivery_log_flush_later(house.log);
    }
    delivery_log_stop(house.log);
    house.log = NULL;
    assert_int_equal(rows(), 100);
    assert_int_equal(house_number(&house, "SELECT COUNT(DISTINCT segment) FROM delivery"), 100);
}

static void a_person_who_was_erased_holds_up_nobody(void **state)
{
    (void)state;
    struct delivery delivery = delivery_of(1);
    secure_make_uuid(delivery.participant_id);
    put(&delivery);
    delivery = delivery_of(2);
    secure_make_uuid(delivery.lecture_id);
    put(&delivery);
    record(3);
    delivery_log_stop(house.log);
    house.log = NULL;
    assert_int_equal(rows(), 3);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM viewing"), 1);
    assert_string_equal(house_text(&house, "SELECT delivered FROM viewing"), "[[12000,16000]]");
}

static void a_new_run_begins_its_rings_anew(void **state)
{
    (void)state;
    for (int64_t run = 0; run < 3; run++) {
        for (int64_t i = 0; i <= run; i++)
            record(i);
        house_close(&house);
        house_open(&house);
    }
    assert_int_equal(rows(), 1 + 2 + 3);
}

/* Who asks for thousands of segments and takes none of them: the places are not all theirs. */
static void one_participant_leaves_places_for_the_others(void **state)
{
    (void)state;
    const char *greedy = house.people[0].participant_id, *other = house.people[1].participant_id;
    size_t taken = 0;
    restart_log(256, 10, 1);
    while (taken < 256 && delivery_log_reserve(house.log, 0, greedy))
        taken++;
    assert_int_equal(taken, 256 / DELIVERY_SHARES);
    assert_int_equal(delivery_log_refused(house.log), 1);
    assert_true(delivery_log_reserve(house.log, 0, other));
    delivery_log_give_back(house.log, 0, greedy);
    assert_true(delivery_log_reserve(house.log, 0, greedy));
    /* What is recorded waits for the store, and no longer for the participant. */
    for (size_t i = 0; i < taken; i++) {
        struct delivery delivery = delivery_of((int64_t)i);
        delivery_log_record(house.log, 0, &delivery);
    }
    assert_true(delivery_log_reserve(house.log, 0, greedy));
}

struct loop {
    pthread_t thread;
    size_t index;
};

static _Atomic bool loops_run;

static void *record_all(void *data)
{
    const struct loop *loop = data;
    struct delivery delivery = delivery_of(0);
    for (int64_t i = 0; i < RECORDS; i++) {
        delivery.segment = i;
        delivery.session_id[0] = (char)('0' + loop->index);
        while (!delivery_log_reserve(house.log, loop->index, delivery.participant_id))
            (void)sched_yield();
        delivery_log_record(house.log, loop->index, &delivery);
    }
    return NULL;
}

/* Beats of the same person, flushes, and transactions that fail, all at once. */
static void *disturb(void *data)
{
    (void)data;
    struct play_session session = house_begin(&house, &house.people[1], house.lecture_id);
    for (int64_t seq = 0; atomic_load(&loops_run); seq++) {
        struct attempt fails = { .writes = 1 };
        struct problem problem = { 0 };
        delivery_log_flush_later(house.log);
        (void)house_take_one(&house, &house.people[1], &session, seq, 0, 1, NULL);
        (void)db_write(house.db, try_write, &fails, &problem);
    }
    return NULL;
}

static void many_threads_lose_and_double_nothing(void **state)
{
    (void)state;
    struct loop loops[LOOPS];
    pthread_t disturber;
    restart_log(256, 10, LOOPS);
    atomic_store(&loops_run, true);
    assert_int_equal(pthread_create(&disturber, NULL, disturb, NULL), 0);
    for (size_t i = 0; i < LOOPS; i++) {
        loops[i].index = i;
        assert_int_equal(pthread_create(&loops[i].thread, NULL, record_all, &loops[i]), 0);
    }
    for (size_t i = 0; i < LOOPS; i++)
        assert_int_equal(pthread_join(loops[i].thread, NULL), 0);
    atomic_store(&loops_run, false);
    assert_int_equal(pthread_join(disturber, NULL), 0);
    delivery_log_stop(house.log);
    house.log = NULL;
    assert_int_equal(rows(), LOOPS * RECORDS);
    /* Of each loop, all numbers in the order of recording. */
    assert_int_equal(
        house_number(&house, "SELECT COUNT(*) FROM (SELECT session_id, segment, ROW_NUMBER() OVER"
                             " (PARTITION BY session_id ORDER BY id) - 1 AS place FROM delivery)"
                             " AS numbered WHERE segment = place"),
        LOOPS * RECORDS);
}

static void loops_beyond_what_is_possible_are_refused(void **state)
{
    (void)state;
    static const size_t counts[] = { 0, DELIVERY_LOOPS_MAX + 1 };
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        struct problem problem = { 0 };
        assert_null(delivery_log_start(house.db, &house.settings, counts[i], &problem));
        assert_int_equal(problem.kind, PROBLEM_SETTING);
    }
}

/* As in a takeover, where the other one is another process's. */
static void two_logs_on_one_store_do_not_mix_up_their_rings(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    restart_log(4096, 10, 2);
    struct delivery_log *other = delivery_log_start(house.db, &house.settings, 3, &problem);
    assert_non_null(other);
    delivery_log_hurry(other, true);
    for (int64_t segment = 0; segment < RECORDS; segment++) {
        const struct delivery delivery = delivery_of(segment);
        bool first = segment % 2 == 0;
        struct delivery_log *log = first ? house.log : other;
        size_t loop_index = (size_t)segment / 2 % 2;
        while (!delivery_log_reserve(log, loop_index, delivery.participant_id))
            (void)usleep(1000);
        delivery_log_record(log, loop_index, &delivery);
    }
    delivery_log_stop(house.log);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM delivery_cursor"), 3);
    delivery_log_stop(other);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM delivery_cursor"), 0);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM delivery"), RECORDS);
    assert_int_equal(house_number(&house, "SELECT COUNT(DISTINCT segment) FROM delivery"), RECORDS);
    house.log = delivery_log_start(house.db, &house.settings, 1, &problem);
    assert_non_null(house.log);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, build, take_down)
    const struct CMUnitTest tests[] = {
        TEST(a_delivery_reaches_the_store_by_itself),
        TEST(what_the_player_told_is_kept_beside),
        TEST(only_whole_segments_count_as_delivered),
        TEST(while_the_store_is_slow_nothing_is_lost),
        TEST(one_participant_leaves_places_for_the_others),
        TEST(records_that_wait_for_long_are_told),
        TEST(a_flush_comes_before_what_is_written_next),
        TEST(what_was_rolled_back_is_written_again),
        TEST(a_failure_within_a_group_loses_nothing),
        TEST(a_person_who_was_erased_holds_up_nobody),
        TEST(a_new_run_begins_its_rings_anew),
        TEST(two_logs_on_one_store_do_not_mix_up_their_rings),
        TEST(many_threads_lose_and_double_nothing),
        TEST(loops_beyond_what_is_possible_are_refused),
    };
    return cmocka_run_group_tests_name("delivery_log", tests, NULL, NULL);
}
