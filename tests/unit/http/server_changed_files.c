/* A file that changes while it is sent, as a disk's fault or an operator's hand may do it: its own answer ends, and
 * nothing else does. */
#include "../unit.h"
#include "http2_peer.h"

#include "http/file_body.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BIG_BYTES = 32 * 1024 * 1024
}; /* more than the kernel holds for a peer that does not read */

static struct test_server test;
static char big_path[100];
static atomic_int finished_whole, finished_broken;

static void wait_for(atomic_int *value, int wanted)
{
    for (int i = 0; i < 1000 && atomic_load(value) < wanted; i++)
        (void)usleep(10000);
    assert_int_equal(atomic_load(value), wanted);
}

static void note_finished(
    struct exchange *exchange, const struct exchange_outcome *outcome, void *data)
{
    (void)exchange;
    (void)data;
    atomic_fetch_add(outcome->complete ? &finished_whole : &finished_broken, 1);
}

static void open_big(struct exchange *exchange)
{
    exchange->state = media_map_open(big_path, &exchange->problem);
}

static void send_big(struct exchange *exchange)
{
    static const struct representation representation = {
        .content_type = "video/mp4", .etag = "\"big\"", .last_modified_ms = -1, .ranges = true
    };
    struct body_file file = { exchange->state, 0, BIG_BYTES };
    exchange_send_file(exchange, &representation, file);
}

static void get_big(struct exchange *exchange)
{
    exchange_on_finished(exchange, note_finished, NULL);
    exchange_run_blocking(exchange, POOL_DISK, open_big, send_big);
}

static void say_hello(struct exchange *exchange)
{
    exchange_send(exchange, 200, "text/plain", "hello", 5);
}

static const struct route routes[] = {
    { HTTP_GET, "/", 0, BODY_NONE, 0, say_hello },
    { HTTP_GET, "/big", 0, BODY_NONE, 0, get_big },
};

static void start(void)
{
    atomic_store(&finished_whole, 0);
    atomic_store(&finished_broken, 0);
    test_server_start(&test, routes, COUNT_OF(routes), NULL);
    (void)snprintf(big_path, sizeof big_path, "%s/big", test.folder);
}

static void stop(void)
{
    test_server_stop(&test);
    media_map_forget(test.folder);
}

static void send_text(SSL *ssl, const char *text)
{
    test_send(ssl, text, strlen(text));
}

/* Another file each time; of zeros, which cost no disk. */
static int make_big(void)
{
    (void)unlink(big_path);
    FILE *file = fopen(big_path, "w");
    assert_non_null(file);
    int fd = dup(fileno(file));
    assert_int_equal(ftruncate(fd, BIG_BYTES), 0);
    assert_int_equal(fclose(file), 0);
    return fd;
}

static void shrink(int fd)
{
    assert_int_equal(ftruncate(fd, 1000), 0);
    (void)close(fd);
}

static void server_says_hello(void)
{
    SSL *ssl = test_connect_tls(&test, "http/1.1");
    send_text(ssl, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    char *answer = test_read_until(ssl, NULL);
    assert_non_null(strstr(answer, "\r\n\r\nhello"));
    free(answer);
    test_close(ssl);
}

/* The answer has begun. */
static void wait_for_head(SSL *ssl)
{
    struct http2_frame *frame = malloc(sizeof *frame);
    do
        assert_true(http2_read(ssl, frame));
    while (frame->type != FRAME_HEADERS);
    free(frame);
}

static size_t read_to_the_end(SSL *ssl)
{
    char bytes[16384];
    size_t count, all = 0;
    while (SSL_read_ex(ssl, bytes, sizeof bytes, &count) == 1)
        all += count;
    return all;
}

/* From then on the loop reads it without asking the disk: what has been cut off meets it in the middle of that. */
static int make_big_and_resident(void)
{
    int fd = make_big();
    SSL *ssl = test_connect_tls(&test, "http/1.1");
    send_text(ssl, "GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert_true(read_to_the_end(ssl) > BIG_BYTES); /* the head, too */
    test_close(ssl);
    return fd;
}

static void a_file_that_shrinks_ends_one_connection(void)
{
    char first;
    int fd = make_big_and_resident();
    SSL *ssl = test_connect_tls(&test, "http/1.1");
    send_text(ssl, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(SSL_read(ssl, &first, 1), 1);
    shrink(fd);
    assert_true(read_to_the_end(ssl) < BIG_BYTES);
    test_close(ssl);
    wait_for(&finished_broken, 1);
}

/* The streams beside it go on. */
static void a_file_that_shrinks_ends_one_stream(void)
{
    bool whole;
    int fd = make_big_and_resident();
    SSL *ssl = http2_connect(&test);
    http2_get(ssl, 1, "/big");
    wait_for_head(ssl);
    shrink(fd);
    assert_true(http2_read_body(ssl, 1, &whole) < BIG_BYTES);
    assert_false(whole);
    wait_for(&finished_broken, 2);
    http2_get(ssl, 3, "/");
    assert_int_equal(http2_read_body(ssl, 3, &whole), strlen("hello"));
    assert_true(whole);
    test_close(ssl);
}

/* One test, because cmocka puts its own SIGBUS handler in place before each: see file_body.c. */
static void a_file_that_shrinks_ends_its_answer_and_not_the_process(void **state)
{
    (void)state;
    start();
    a_file_that_shrinks_ends_one_connection();
    server_says_hello();
    a_file_that_shrinks_ends_one_stream();
    server_says_hello();
    stop();
}

/* Removed, or replaced by another of its name: who has begun gets what was there. */
static void a_file_that_vanishes_is_sent_to_its_end(void **state)
{
    (void)state;
    bool whole;
    char first;
    start();
    (void)close(make_big());
    SSL *one = test_connect_tls(&test, "http/1.1"), *two = http2_connect(&test);
    send_text(one, "GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    http2_get(two, 1, "/big");
    assert_int_equal(SSL_read(one, &first, 1), 1);
    wait_for_head(two);
    assert_int_equal(unlink(big_path), 0);
    assert_true(read_to_the_end(one) > BIG_BYTES); /* the head, too */
    assert_int_equal(http2_read_body(two, 1, &whole), BIG_BYTES);
    assert_true(whole);
    wait_for(&finished_whole, 2);
    test_close(one);
    test_close(two);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_shrinks_ends_its_answer_and_not_the_process),
        cmocka_unit_test(a_file_that_vanishes_is_sent_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
