/*
 * kill -9 at any moment: what was acknowledged is there when the store is opened again, and what
 * was credited rests on deliveries that are there too.
 */
#include "../unit.h"
#include "chance.h"
#include "house.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 25 };

static struct house house;

/* What the server told a player, in one write() to a pipe. */
struct acknowledgement {
    struct play_session session;
    int64_t seq, credited_ms, now_ms;
};

/* A server with one viewer, until it is killed: never returns. */
static void serve_until_killed(int pipe_end, int64_t from_ms)
{
    house_open(&house);
    struct play_session session = house_begin(&house, &house.people[0], house.lecture_id);
    for (int64_t seq = 0;; seq++) {
        struct acknowledgement told = { .session = session, .seq = seq };
        house_deliver(&house, &house.people[0], house.lecture_id, from_ms, from_ms + 4000);
        house_now_ms += 4000;
        told.credited_ms = house_take_one(
            &house, &house.people[0], &session, seq, from_ms, from_ms + 4000, NULL);
        told.now_ms = house_now_ms;
        from_ms = (from_ms + 4000) % HOUSE_LECTURE_MS;
        server_run_alive(house.db);
        if (write(pipe_end, &told, sizeof told) != sizeof told)
            _exit(1);
    }
}

/* Killed a while after its start, or, `answering`, after its first answer: then it is in the middle. */
static struct acknowledgement run_and_kill(int64_t from_ms, bool answering, int64_t life_us)
{
    int ends[2];
    struct acknowledgement last = { .seq = -1 }, told;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[0]);
        serve_until_killed(ends[1], from_ms);
    }
    (void)close(ends[1]);
    struct pollfd answer = { .fd = ends[0], .events = POLLIN };
    if (answering)
        assert_int_equal(poll(&answer, 1, 60000), 1);
    (void)usleep((useconds_t)life_us);
    assert_int_equal(kill(child, SIGKILL), 0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    while (read(ends[0], &told, sizeof told) == sizeof told)
        last = told;
    (void)close(ends[0]);
    return last;
}

static void assert_all_there(const struct acknowledgement *last)
{
    char sql[300];
    (void)snprintf(sql, sizeof sql,
        "SELECT COUNT(DISTINCT seq) FROM heartbeat WHERE play_session_id = '%s' AND seq <= %lld",
        last->session.id, (long long)last->seq);
    assert_int_equal(house_number(&house, sql), last->seq + 1);
    struct spans credited, delivered;
    struct problem problem = { 0 };
    assert_true(
        spans_read(house_text(&house, "SELECT credited FROM viewing"), &credited, &problem));
    assert_true(
        spans_read(house_text(&house, "SELECT delivered FROM viewing"), &delivered, &problem));
    assert_true(spans_total(&credited) >= last->credited_ms);
    for (size_t i = 0; i < credited.count; i++)
        assert_true(spans_contain(&delivered, credited.items[i].from, credited.items[i].to));
    spans_release(&credited);
    spans_release(&delivered);
    /* The player, who may not have heard the last answer, tries again: nothing changes. */
    int64_t beats = house_number(&house, "SELECT COUNT(*) FROM heartbeat");
    unsigned flags;
    (void)house_take_one(&house, &house.people[0], &last->session, last->seq, 0, 4000, &flags);
    assert_int_equal(flags, FLAG_DUPLICATE);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM heartbeat"), beats);
}

static void what_was_acknowledged_survives_a_kill(void **state)
{
    (void)state;
    static const uint64_t seed = 9;
    struct chance chance = { seed };
    int64_t acknowledged = 0;
    print_message("  seed %llu\n", (unsigned long long)seed);
    house_build(&house);
    house_close(&house);
    for (int64_t round = 0; round < ROUNDS; round++) {
        struct acknowledgement last
            = run_and_kill(round * 40000, round % 2 == 0, 100 + chance_below(&chance, 40000));
        if (last.seq >= 0)
            house_now_ms = last.now_ms;
        house_now_ms += 3000;
        house_open(&house);
        if (last.seq >= 0)
            assert_all_there(&last);
        acknowledged += last.seq + 1;
        house_close(&house);
    }
    print_message("  %lld beats were acknowledged\n", (long long)acknowledged);
    assert_true(acknowledged > ROUNDS / 2);
    house_open(&house);
    assert_in_range(house_number(&house, "SELECT COUNT(*) FROM server_gap"), 1, ROUNDS);
    house_remove(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_was_acknowledged_survives_a_kill) };
    return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
