#include "api/access_log.h"
#include "../unit.h"
#include "base/clock.h"
#include "base/files.h"
#include "http/router.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOOPS = 3, REQUESTS = 3000 };

static struct settings settings;
static char folder[64], path[100];

static void set(const char *name, const char *value)
{
    struct problem problem = { 0 };
    if (!settings_set(&settings, name, value, &problem))
        fail_msg("%s", problem.detail);
}

static int build(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/lectern-access-log-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/access.log", folder);
    settings_init(&settings);
    set("data", folder);
    set("access-log", "json");
    set("access-log-file", "access.log");
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    settings_release(&settings);
    assert_true(folder_remove(folder, &problem));
    return 0;
}

static struct access_log *start(size_t loops)
{
    struct problem problem = { 0 };
    struct access_log *log = access_log_start(&settings, loops, &problem);
    if (!log)
        fail_msg("%s", problem.detail);
    return log;
}

static void note(struct access_log *log, size_t loop)
{
    static const struct route route = { .pattern = "/api/v1/me" };
    struct exchange exchange = { .route = &route, .request_id = "abcdefghjkmn00000000000001" };
    exchange.request.protocol = "HTTP/1.1";
    exchange.request.peer = "127.0.0.1";
    const struct exchange_outcome outcome = { .status = 200, .complete = true, .last_byte_ms = 1 };
    access_log_note(log, loop, &exchange, &outcome);
}

static size_t count_lines(const char *of)
{
    FILE *file = fopen(of, "re");
    size_t count = 0;
    char line[2000];
    while (file && fgets(line, sizeof line, file)) {
        assert_true(line[0] == '{' && strcmp(line + strlen(line) - 2, "}\n") == 0);
        count++;
    }
    if (file)
        (void)fclose(file);
    return count;
}

struct loop {
    struct access_log *log;
    size_t index;
    pthread_t thread;
};

static void *note_all(void *data)
{
    const struct loop *loop = data;
    for (size_t i = 0; i < REQUESTS; i++)
        note(loop->log, loop->index);
    return NULL;
}

/* Bursts of several loops into small rings: each line is whole, and each request a line or counted. */
static void each_request_is_a_line_or_counted(void **state)
{
    (void)state;
    set("access-log-ring", "64");
    struct access_log *log = start(LOOPS);
    struct loop loops[LOOPS];
    for (size_t i = 0; i < LOOPS; i++) {
        loops[i] = (struct loop){ .log = log, .index = i };
        assert_int_equal(pthread_create(&loops[i].thread, NULL, note_all, &loops[i]), 0);
    }
    for (size_t i = 0; i < LOOPS; i++)
        assert_int_equal(pthread_join(loops[i].thread, NULL), 0);
    uint64_t dropped = access_log_dropped(log);
    access_log_stop(log);
    assert_true(dropped > 0);
    assert_int_equal(count_lines(path) + dropped, LOOPS * REQUESTS);
}

/* One by one, each after the thread has gone to sleep or is about to. */
static void a_sleeping_thread_is_woken(void **state)
{
    (void)state;
    struct access_log *log = start(1);
    for (size_t i = 1; i <= 5; i++) {
        note(log, 0);
        int64_t until_ms = clock_steady_ms() + 5000;
        while (count_lines(path) < i && clock_steady_ms() < until_ms)
            (void)usleep(1000);
        assert_int_equal(count_lines(path), i);
        (void)usleep((useconds_t)i * 20000);
    }
    access_log_stop(log);
}

/* Who reads the log has stopped reading: the thread does not wait for it, and counts. */
static void a_pipe_that_nobody_empties_holds_up_nothing(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(reader >= 0);
    struct access_log *log = start(1);
    int64_t until_ms = clock_steady_ms() + 20000;
    while (access_log_dropped(log) == 0 && clock_steady_ms() < until_ms) {
        note(log, 0);
        (void)usleep(20);
    }
    assert_true(access_log_dropped(log) > 0);
    access_log_stop(log);
    (void)close(reader);
}

static void settings_that_mean_nothing_are_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = { { "access-log", "xml" },
        { "access-log-addresses", "some" }, { "access-log-file", "/nowhere/access.log" } };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct problem problem = { 0 };
        set(cases[i][0], cases[i][1]);
        assert_null(access_log_start(&settings, 1, &problem));
        assert_int_equal(problem.kind, PROBLEM_SETTING);
        assert_non_null(strstr(problem.detail, cases[i][0]));
        set("access-log", "json");
        set("access-log-addresses", "network");
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, build, take_down)
    const struct CMUnitTest tests[] = {
        TEST(each_request_is_a_line_or_counted),
        TEST(a_sleeping_thread_is_woken),
        TEST(a_pipe_that_nobody_empties_holds_up_nothing),
        TEST(settings_that_mean_nothing_are_refused),
    };
    return cmocka_run_group_tests_name("access_log", tests, NULL, NULL);
}
