/* The outbox over the real store: what is queued once is tried as often as it needs, and never by two at once. */
#include "store_folder.h"

#include "base/clock.h"
#include "base/settings.h"
#include "mail/outbox.h"
#include "mail/outbox_rows.h"

#include <string.h>

static int64_t now_ms;
int64_t __wrap_clock_now_ms(void);
int64_t __wrap_clock_now_ms(void)
{
    return now_ms;
}

struct world {
    char *folder;
    struct db *db;
    struct settings settings;
    struct courier_options options;
    struct outbox_batch batch;
};

/* For another engine to read: tests/unit/store/postgres_takes.py. */
static void trace_statements(void)
{
    static FILE *trace;
    const char *path = getenv("SQL_TRACE");
    if (!trace && path)
        trace = fopen(path, "a");
    db_trace_statements(trace);
}

static int begin(void **state)
{
    struct problem problem = { 0 };
    struct world *world = memory_zeroed(1, sizeof *world);
    now_ms = INT64_C(1800000000000);
    world->folder = store_folder_make();
    world->db = store_open(world->folder);
    trace_statements();
    settings_init(&world->settings);
    assert_true(settings_set(&world->settings, "mail-from", "lectern@example.org", &problem));
    world->options = (struct courier_options){
        .db = world->db,
        .settings = &world->settings,
        .channel = OUTBOX_MAIL,
        .batch_max = COURIER_BATCH_MAX,
    };
    *state = world;
    return 0;
}

static int end(void **state)
{
    struct world *world = *state;
    outbox_batch_release(&world->batch);
    db_trace_statements(NULL);
    db_close(world->db);
    settings_release(&world->settings);
    store_folder_remove(world->folder);
    free(world);
    return 0;
}

struct queueing {
    const struct world *world;
    const char *key, *to;
};

static bool queue(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct queueing *queueing = data;
    const struct mail mail
        = { .key = queueing->key, .to = queueing->to, .subject = "Checkpoint", .text = "Root.\n" };
    return mail_queue(connection, &queueing->world->settings, &mail, problem);
}

static bool try_queue(struct world *world, const char *key, const char *to, struct problem *problem)
{
    struct queueing queueing = { world, key, to };
    return db_write(world->db, queue, &queueing, problem);
}

static void add(struct world *world, const char *key)
{
    struct problem problem = { 0 };
    if (!try_queue(world, key, "witness@example.org", &problem))
        fail_msg("%s", problem.detail);
}

static void claim(struct world *world, size_t expected)
{
    struct problem problem = { 0 };
    assert_true(outbox_claim(&world->options, COURIER_BATCH_MAX, &world->batch, &problem));
    assert_int_equal(world->batch.count, expected);
}

static void come_to(struct world *world, enum courier_outcome outcome, const char *answer)
{
    struct problem problem = { 0 };
    for (size_t i = 0; i < world->batch.count; i++) {
        world->batch.items[i].outcome = outcome;
        (void)snprintf(world->batch.items[i].answer, COURIER_ANSWER_SIZE, "%s", answer);
    }
    assert_true(outbox_end(&world->options, &world->batch, &problem));
}

static struct outbox_state look(struct world *world)
{
    struct problem problem = { 0 };
    struct outbox_state found;
    assert_true(outbox_look(world->db, OUTBOX_MAIL, &found, &problem));
    return found;
}

struct listing {
    json_t *list;
};

static bool read_list(struct db_connection *connection, void *data, struct problem *problem)
{
    struct listing *listing = data;
    json_decref(listing->list);
    listing->list = outbox_json(connection, OUTBOX_MAIL, true, problem);
    return listing->list;
}

/* The state of the newest. */
static void expect_state(struct world *world, const char *expected, const char *answer)
{
    struct problem problem = { 0 };
    struct listing listing = { NULL };
    assert_true(db_read(world->db, read_list, &listing, &problem));
    const json_t *item = json_array_get(json_object_get(listing.list, "items"), 0);
    assert_string_equal(json_string_value(json_object_get(item, "state")), expected);
    assert_string_equal(json_string_value(json_object_get(item, "answer")), answer);
    json_decref(listing.list);
}

static bool retry_first(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)data;
    return outbox_retry(connection, OUTBOX_MAIL, 1, problem);
}

static void a_key_is_sent_once_however_often_it_is_queued(void **state)
{
    struct world *world = *state;
    add(world, "checkpoint-1");
    add(world, "checkpoint-1");
    claim(world, 1);
    assert_non_null(strstr(world->batch.items[0].body, "Subject: Checkpoint\r\n"));
    come_to(world, COURIER_TAKEN, "250 ok");
    add(world, "checkpoint-1");
    claim(world, 0);
    expect_state(world, "sent", "250 ok");
    assert_int_equal(look(world).taken_lately, 1);
}

static void a_crash_amid_a_try_sends_the_same_bytes_later(void **state)
{
    struct world *world = *state;
    add(world, "a");
    claim(world, 1);
    char *first = memory_strdup(world->batch.items[0].body);
    /* Nothing is written down.  Who comes after waits until the try must have ended. */
    claim(world, 0);
    now_ms += 2 * world->settings.outbox_timeout_seconds * 1000;
    claim(world, 0);
    now_ms += 6 * 1000;
    claim(world, 1);
    assert_string_equal(first, world->batch.items[0].body);
    free(first);
}

static void two_on_one_store_share_the_work(void **state)
{
    struct world *world = *state;
    struct outbox_batch other = { .count = 0 };
    struct problem problem = { 0 };
    add(world, "a");
    add(world, "b");
    add(world, "c");
    assert_true(outbox_claim(&world->options, 2, &world->batch, &problem));
    assert_true(outbox_claim(&world->options, 2, &other, &problem));
    assert_int_equal(world->batch.count, 2);
    assert_int_equal(other.count, 1);
    assert_int_not_equal(other.items[0].id, world->batch.items[0].id);
    assert_int_not_equal(other.items[0].id, world->batch.items[1].id);
    outbox_batch_release(&other);
}

static void what_is_put_off_waits_longer_each_time_and_is_given_up(void **state)
{
    struct world *world = *state;
    int64_t began_ms = now_ms, last_ms = 0, tries = 0;
    add(world, "a");
    for (;;) {
        claim(world, 1);
        tries++;
        come_to(world, COURIER_PUT_OFF, "451 later");
        if (look(world).waiting == 0)
            break;
        int64_t wait_ms = look(world).due_at_ms - now_ms;
        assert_true(wait_ms >= 30000 && wait_ms <= 7200000);
        assert_true(last_ms == 0 || wait_ms > last_ms / 4);
        last_ms = wait_ms;
        now_ms += wait_ms;
    }
    int64_t took_ms = now_ms - began_ms;
    assert_true(took_ms > INT64_C(72) * 3600000 && took_ms < INT64_C(75) * 3600000);
    assert_true(tries > 36 && tries < 100);
    expect_state(world, "failed", "451 later");
}

static void what_the_server_asks_to_wait_is_waited(void **state)
{
    struct world *world = *state;
    add(world, "a");
    claim(world, 1);
    world->batch.items[0].pause_ms = 9000000;
    come_to(world, COURIER_PUT_OFF, "");
    assert_int_equal(look(world).due_at_ms, now_ms + 9000000);
}

static void what_is_refused_is_tried_again_only_when_somebody_says_so(void **state)
{
    struct world *world = *state;
    struct problem problem = { 0 };
    add(world, "a");
    claim(world, 1);
    come_to(world, COURIER_REFUSED, "550 nobody");
    now_ms += INT64_C(1000) * 3600;
    claim(world, 0);
    expect_state(world, "failed", "550 nobody");
    assert_true(db_write(world->db, retry_first, NULL, &problem));
    claim(world, 1);
    assert_non_null(strstr(world->batch.items[0].body, "Subject: Checkpoint\r\n"));
    come_to(world, COURIER_TAKEN, "250 ok");
    assert_false(db_write(world->db, retry_first, NULL, &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
}

static void what_ended_is_forgotten_in_the_end(void **state)
{
    struct world *world = *state;
    struct problem problem = { 0 };
    add(world, "a");
    claim(world, 1);
    come_to(world, COURIER_TAKEN, "250 ok");
    now_ms += INT64_C(29) * 86400000;
    add(world, "waits");
    assert_true(outbox_clear(&world->options, &problem));
    assert_false(db_write(world->db, retry_first, NULL, &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    now_ms += INT64_C(2) * 86400000;
    problem = (struct problem){ 0 };
    assert_true(outbox_clear(&world->options, &problem));
    assert_false(db_write(world->db, retry_first, NULL, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    assert_int_equal(look(world).waiting, 1);
}

static void what_is_no_mail_is_not_queued(void **state)
{
    struct world *world = *state;
    struct problem problem = { 0 };
    assert_false(try_queue(world, "a", "no address", &problem));
    assert_string_equal(problem.field, "to");
    problem = (struct problem){ 0 };
    assert_false(try_queue(world, "a\nb", "a@b.c", &problem));
    assert_string_equal(problem.field, "key");
    problem = (struct problem){ 0 };
    assert_true(settings_set(&world->settings, "mail-from", "", &problem));
    assert_false(try_queue(world, "a", "a@b.c", &problem));
    assert_int_equal(problem.kind, PROBLEM_SETTING);
    assert_int_equal(look(world).waiting, 0);
}

static void waits_grow_between_half_and_whole(void **state)
{
    (void)state;
    static const struct {
        int64_t failures;
        unsigned chance;
        int64_t expected_ms;
    } cases[] = { { 1, 0, 500 }, { 1, 999, 999 }, { 2, 0, 1000 }, { 4, 500, 6000 }, { 5, 0, 5000 },
        { 5, 999, 9995 }, { 1000000, 0, 5000 } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t delay_ms = courier_delay_ms(cases[i].failures, 1000, 10000, cases[i].chance);
        assert_true(delay_ms >= cases[i].expected_ms && delay_ms <= cases[i].expected_ms + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_is_sent_once_however_often_it_is_queued, begin, end),
        cmocka_unit_test_setup_teardown(a_crash_amid_a_try_sends_the_same_bytes_later, begin, end),
        cmocka_unit_test_setup_teardown(two_on_one_store_share_the_work, begin, end),
        cmocka_unit_test_setup_teardown(
            what_is_put_off_waits_longer_each_time_and_is_given_up, begin, end),
        cmocka_unit_test_setup_teardown(what_the_server_asks_to_wait_is_waited, begin, end),
        cmocka_unit_test_setup_teardown(
            what_is_refused_is_tried_again_only_when_somebody_says_so, begin, end),
        cmocka_unit_test_setup_teardown(what_ended_is_forgotten_in_the_end, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_mail_is_not_queued, begin, end),
        cmocka_unit_test(waits_grow_between_half_and_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
