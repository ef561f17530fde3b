/* How bytes leave: many records in one send(), few of them waiting in the kernel, and what is told of an answer
 * that was cut off is what its peer has. */
#include "../unit.h"
#include "faults.h"
#include "http2_peer.h"

#include "base/files.h"
#include "base/memory.h"
#include "http/file_body.h"
#include "http/stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SEGMENT_BYTES = 2 * 1024 * 1024,
    SEGMENT_RECORDS = SEGMENT_BYTES / STREAM_RECORD_BYTES,
    /* A batch in each where the reader keeps up.  One that does not leaves less room, and makes some calls for
     * nothing. */
    SENDS_MOST = SEGMENT_RECORDS * 2 / 3,
    NEVER = 0,
    TLS_OVERHEAD_BYTES = 64,
};

static struct test_server test;
static char segment_path[100];
static atomic_llong recorded_bytes; /* of the last answer; -1: it has not ended */
static atomic_bool recorded_whole;
static atomic_ulong cut_at; /* the send() of the answer that fails; 0: none */

static void note_finished(
    struct exchange *exchange, const struct exchange_outcome *outcome, void *data)
{
    (void)exchange;
    (void)data;
    atomic_store(&recorded_whole, outcome->complete);
    atomic_store(&recorded_bytes, (long long)outcome->body_bytes_sent);
}

static void open_segment(struct exchange *exchange)
{
    exchange->state = media_map_open(segment_path, &exchange->problem);
}

static void send_segment(struct exchange *exchange)
{
    static const struct representation representation
        = { .content_type = "video/mp4", .etag = "\"s\"", .last_modified_ms = -1 };
    if (atomic_load(&cut_at) > 0)
        faults_arm(FAULT_SEND, atomic_load(&cut_at), 1, EPIPE);
    exchange_send_file(exchange, &representation,
        (struct body_file){ .map = exchange->state, .offset = 0, .count = SEGMENT_BYTES });
}

static void get_segment(struct exchange *exchange)
{
    exchange_on_finished(exchange, note_finished, NULL);
    exchange_run_blocking(exchange, POOL_DISK, open_segment, send_segment);
}

static const struct route routes[] = { { HTTP_GET, "/segment", 0, BODY_NONE, 0, get_segment } };

static void start(const char *const *changes)
{
    struct problem problem = { 0 };
    char *bytes = memory_alloc(SEGMENT_BYTES);
    memset(bytes, 's', SEGMENT_BYTES);
    test_server_start(&test, routes, COUNT_OF(routes), changes);
    (void)snprintf(segment_path, sizeof segment_path, "%s/segment", test.folder);
    assert_true(file_write_whole(segment_path, bytes, SEGMENT_BYTES, 0600, &problem));
    free(bytes);
}

static void stop(void)
{
    test_server_stop(&test);
    media_map_forget(test.folder);
}

/* Bytes of the body that came, until its end or the connection's. */
static size_t fetch_http1(bool *ret_whole)
{
    static const char request[] = "GET /segment HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    SSL *ssl = test_connect_tls(&test, "http/1.1");
    char bytes[16384];
    size_t count, all = 0, head = 0;
    test_send(ssl, request, sizeof request - 1);
    while (SSL_read_ex(ssl, bytes, sizeof bytes, &count) == 1) {
        const char *end = head == 0 ? memmem(bytes, count, "\r\n\r\n", 4) : NULL;
        if (end)
            head = (size_t)(end - bytes) + 4; /* the head is in the first record */
        all += count;
    }
    *ret_whole = all - head == SEGMENT_BYTES;
    test_close(ssl);
    return all - head;
}

static size_t fetch_http2(bool *ret_whole)
{
    SSL *ssl = http2_connect(&test);
    http2_get(ssl, 1, "/segment");
    size_t count = http2_read_body(ssl, 1, ret_whole);
    test_close(ssl);
    return count;
}

static const struct protocol_case {
    const char *name;
    size_t (*fetch)(bool *ret_whole);
} protocols[] = { { "HTTP/1.1", fetch_http1 }, { "HTTP/2", fetch_http2 } };

static void a_segment_leaves_in_few_sends(void **state)
{
    (void)state;
    static const char *const changes[] = { "loops", "1", NULL };
    start(changes);
    for (size_t i = 0; i < COUNT_OF(protocols); i++) {
        bool whole;
        faults_arm(FAULT_SEND, 1, NEVER, EAGAIN);
        assert_int_equal(protocols[i].fetch(&whole), SEGMENT_BYTES);
        unsigned long sends = faults_uses();
        (void)faults_disarm();
        print_message("%s: %d records in %lu sends\n", protocols[i].name, SEGMENT_RECORDS, sends);
        assert_true(whole);
        if (sends > SENDS_MOST)
            fail_msg("%s: %lu sends", protocols[i].name, sends);
    }
    stop();
}

/* Its own, or its peer's; 0: it has none. */
static in_port_t port_of(int fd, bool peer)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address;
    socklen_t length = sizeof address;
    if ((peer ? getpeername(fd, &address.any, &length) : getsockname(fd, &address.any, &length))
        != 0)
        return 0;
    return address.any.sa_family == AF_INET    ? address.v4.sin_port
           : address.any.sa_family == AF_INET6 ? address.v6.sin6_port
                                               : 0;
}

/* The server's end of a connection: it is in this process. */
static int find_accepted(int client)
{
    in_port_t port = port_of(client, false);
    for (int fd = 3; fd < 1024; fd++)
        if (port_of(fd, true) == port)
            return fd;
    fail_msg("nobody has accepted it");
    return -1;
}

static int option_of(int fd, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof value;
    assert_int_equal(getsockopt(fd, level, name, &value, &size), 0);
    return value;
}

/* Of the listening socket, of one that a new server got from it, and so of those that they accept. */
static void an_accepted_socket_holds_few_unsent_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *setting;
        int expected;
    } cases[] = { { "65536", 65536 }, { "1000000", 1000000 } };
    struct server_sockets inherited = SERVER_SOCKETS_NONE;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *const changes[] = { "send-buffer-bytes", cases[i].setting, NULL };
        test_server_prepare(&test, changes);
        test_server_run(&test,
            &(struct server_settings){
                .routes = routes, .route_count = COUNT_OF(routes), .inherited = &inherited });
        server_sockets_close(&inherited);
        SSL *ssl = test_connect_tls(&test, "http/1.1"); /* so it is accepted */
        int accepted = find_accepted(SSL_get_fd(ssl));
        assert_int_equal(option_of(accepted, IPPROTO_TCP, TCP_NOTSENT_LOWAT), cases[i].expected);
        assert_int_equal(option_of(accepted, IPPROTO_TCP, TCP_NODELAY), 1);
        test_close(ssl);
        assert_true(server_share_sockets(test.server, &inherited));
        test_server_stop(&test);
    }
    server_sockets_close(&inherited);
}

static long long wait_for_record(void)
{
    for (int i = 0; i < 1000 && atomic_load(&recorded_bytes) < 0; i++)
        (void)usleep(10000);
    return atomic_load(&recorded_bytes);
}

/* The answer's n-th send() says that the peer is gone; the kernel delivers what it had taken before. */
static bool cut_off(const struct protocol_case *protocol, unsigned long nth)
{
    bool whole;
    atomic_store(&recorded_bytes, -1);
    atomic_store(&cut_at, nth);
    long long came = (long long)protocol->fetch(&whole);
    bool cut = faults_disarm();
    long long recorded = wait_for_record();
    atomic_store(&cut_at, 0);
    if (!cut)
        return false;
    /* Over HTTP/1.1 the end of a record may have been taken in part. */
    long long least = came, most = came;
    if (protocol->fetch == fetch_http1) {
        least -= (STREAM_BATCH_RECORDS + 1) * TLS_OVERHEAD_BYTES;
        most += SSL3_RT_MAX_PLAIN_LENGTH;
    }
    if (recorded < least || recorded > most || atomic_load(&recorded_whole))
        fail_msg("%s, send %lu: %lld came, %lld recorded", protocol->name, nth, came, recorded);
    return true;
}

static void what_is_told_of_a_cut_answer_is_what_its_peer_has(void **state)
{
    (void)state;
    static const size_t pieces[] = { 0, 50000, 7000 }; /* that the kernel takes at once; 0: any */
    static const char *const changes[] = { "loops", "1", NULL };
    start(changes);
    for (size_t i = 0; i < COUNT_OF(protocols); i++)
        for (size_t k = 0; k < COUNT_OF(pieces); k++) {
            int cuts = 0;
            faults_shorten(pieces[k]);
            for (unsigned long nth = 1; nth < 10; nth++)
                cuts += cut_off(&protocols[i], nth);
            faults_shorten(0);
            assert_true(cuts > 5);
        }
    stop();
}

int main(void)
{
    faults_install();
    faults_spare_this_thread();
    (void)signal(SIGPIPE, SIG_IGN); /* this client writes on where the server has closed */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_segment_leaves_in_few_sends),
        cmocka_unit_test(an_accepted_socket_holds_few_unsent_bytes),
        cmocka_unit_test(what_is_told_of_a_cut_answer_is_what_its_peer_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
