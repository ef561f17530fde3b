/* Tickets over the life of their keys, with a client and a server in memory. */
#include "http/ticket_keys.h"
#include "../unit.h"
#include "throwaway_certificate.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct ends {
    SSL_CTX *server, *client;
};

static struct ends make_ends(struct ticket_keys *keys, int version)
{
    struct ends ends = { SSL_CTX_new(TLS_server_method()), SSL_CTX_new(TLS_client_method()) };
    use_throwaway_certificate(ends.server);
    (void)SSL_CTX_set_session_cache_mode(ends.server, SSL_SESS_CACHE_OFF);
    assert_true(SSL_CTX_set_session_id_context(ends.server, (const unsigned char *)"test", 4));
    assert_int_equal(SSL_CTX_set_max_proto_version(ends.server, version), 1);
    assert_true(ticket_keys_attach(keys, ends.server));
    (void)SSL_CTX_set_session_cache_mode(
        ends.client, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    return ends;
}

static void free_ends(struct ends ends)
{
    SSL_CTX_free(ends.server);
    SSL_CTX_free(ends.client);
}

/* A handshake through memory.  *session: offered when it is not NULL, and replaced by the one that the server gave. */
static bool is_resumed(struct ends ends, SSL_SESSION **session)
{
    BIO *left, *right;
    SSL *server = SSL_new(ends.server), *client = SSL_new(ends.client);
    assert_int_equal(BIO_new_bio_pair(&left, 0, &right, 0), 1);
    SSL_set_bio(server, left, left);
    SSL_set_bio(client, right, right);
    SSL_set_accept_state(server);
    SSL_set_connect_state(client);
    if (*session)
        assert_int_equal(SSL_set_session(client, *session), 1);
    for (int i = 0; i < 10; i++) {
        (void)SSL_do_handshake(client);
        (void)SSL_do_handshake(server);
    }
    char byte;
    assert_int_equal(SSL_write(server, "x", 1), 1);
    assert_int_equal(SSL_read(client, &byte, 1), 1); /* takes TLS 1.3's tickets on the way */
    bool resumed = SSL_session_reused(server) == 1;
    SSL_SESSION_free(*session);
    *session = SSL_get1_session(client);
    (void)SSL_shutdown(client); /* or the session may not be resumed */
    SSL_free(client);
    SSL_free(server);
    return resumed;
}

static void a_ticket_is_good_for_one_life_of_its_key_and_dead_after_two(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        int64_t pauses_ms[2];
        bool expected;
    } cases[] = {
        { "at once", { 0, 0 }, true },
        { "an hour later", { 3600000, 0 }, true },
        { "after the next key was made", { TICKET_KEY_LIFE_MS, 0 }, true },
        { "after the next but one", { TICKET_KEY_LIFE_MS, TICKET_KEY_LIFE_MS }, false },
        { "after a quiet day", { 2LL * TICKET_KEY_LIFE_MS, 0 }, false },
    };
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    for (size_t i = 0; i < COUNT_OF(cases) * 2; i++) {
        const int64_t *pauses_ms = cases[i / 2].pauses_ms;
        struct ticket_keys *keys = ticket_keys_create(1000);
        struct ends ends = make_ends(keys, versions[i % 2]);
        SSL_SESSION *session = NULL;
        assert_false(is_resumed(ends, &session));
        for (int64_t now_ms = 1000, step = 0; step < 2; step++)
            ticket_keys_renew(keys, now_ms += pauses_ms[step]);
        if (is_resumed(ends, &session) != cases[i / 2].expected)
            fail_msg("%s, version %x", cases[i / 2].story, (unsigned)versions[i % 2]);
        SSL_SESSION_free(session);
        free_ends(ends);
        ticket_keys_free(keys);
    }
}

static void who_comes_again_and_again_is_always_known(void **state)
{
    (void)state;
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    for (size_t i = 0; i < 2; i++) {
        struct ticket_keys *keys = ticket_keys_create(0);
        struct ends ends = make_ends(keys, versions[i]);
        SSL_SESSION *session = NULL;
        assert_false(is_resumed(ends, &session));
        for (int64_t hours = 6; hours <= 96; hours += 6) {
            ticket_keys_renew(keys, hours * 3600000);
            if (!is_resumed(ends, &session))
                fail_msg("version %x, after %d hours", (unsigned)versions[i], (int)hours);
        }
        SSL_SESSION_free(session);
        free_ends(ends);
        ticket_keys_free(keys);
    }
}

static void contexts_share_their_keys_and_strangers_do_not(void **state)
{
    (void)state;
    struct ticket_keys *ours = ticket_keys_create(0), *others = ticket_keys_create(0);
    struct ends before = make_ends(ours, TLS1_3_VERSION), after = make_ends(ours, TLS1_3_VERSION),
                strangers = make_ends(others, TLS1_3_VERSION);
    SSL_SESSION *session = NULL;
    assert_false(is_resumed(before, &session));
    assert_true(is_resumed(after, &session));
    assert_false(is_resumed(strangers, &session));
    SSL_SESSION_free(session);
    free_ends(before);
    free_ends(after);
    free_ends(strangers);
    ticket_keys_free(ours);
    ticket_keys_free(others);
}

/* As in a takeover, hours after the old one made its newest key. */
static void another_process_goes_on_with_them_for_the_rest_of_their_lives(void **state)
{
    (void)state;
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    const int64_t hour_ms = 3600000;
    for (size_t i = 0; i < 2; i++) {
        struct ticket_keys *old = ticket_keys_create(0), *new = ticket_keys_create(0);
        struct ends before = make_ends(old, versions[i]), after = make_ends(new, versions[i]);
        SSL_SESSION *oldest = NULL, *newest = NULL;
        assert_false(is_resumed(before, &oldest));
        ticket_keys_renew(old, TICKET_KEY_LIFE_MS); /* two keys by now */
        assert_false(is_resumed(before, &newest));
        int pipe = ticket_keys_share(old, TICKET_KEY_LIFE_MS + 5 * hour_ms);
        assert_true(pipe >= 0);
        assert_int_equal(fcntl(pipe, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
        /* Its clock has another beginning. */
        assert_true(ticket_keys_take(new, pipe, 100 * hour_ms));
        assert_false(ticket_keys_take(new, pipe, 100 * hour_ms)); /* read once */
        (void)close(pipe);
        assert_true(is_resumed(after, &oldest));
        ticket_keys_renew(new, 106 * hour_ms);
        assert_true(is_resumed(after, &newest));
        SSL_SESSION_free(newest);
        newest = NULL;
        assert_false(is_resumed(before, &newest));
        ticket_keys_renew(new, 107 * hour_ms); /* twelve hours old: the next one is made */
        assert_true(is_resumed(after, &newest));
        assert_false(is_resumed(before, &newest)); /* of which the old process knows nothing */
        SSL_SESSION_free(oldest);
        SSL_SESSION_free(newest);
        free_ends(before);
        free_ends(after);
        ticket_keys_free(old);
        ticket_keys_free(new);
    }
}

static void what_is_not_of_our_layout_changes_nothing(void **state)
{
    (void)state;
    struct ticket_keys *keys = ticket_keys_create(0), *others = ticket_keys_create(0);
    struct ends ends = make_ends(keys, TLS1_3_VERSION);
    SSL_SESSION *session = NULL;
    uint8_t sound[256] = { 0 };
    int pipe = ticket_keys_share(others, 0);
    ssize_t length = read(pipe, sound, sizeof sound);
    assert_in_range(length, 100, sizeof sound - 1);
    (void)close(pipe);
    assert_false(is_resumed(ends, &session));
    static const struct {
        const char *story;
        size_t at;
        uint8_t byte;
        int longer;
    } cases[] = { { "nothing", 0, 1, -1000 }, { "cut off", 0, 1, -1 }, { "longer", 0, 1, 1 },
        { "another layout", 0, 2, 0 }, { "no key", 4, 0, 0 }, { "three keys", 4, 3, 0 },
        { "a key of tomorrow", 15, 0xff, 0 }, { "a key of last year", 12, 1, 0 } };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int ends_of_pipe[2];
        uint8_t sent[sizeof sound + 1];
        memcpy(sent, sound, sizeof sound);
        sent[cases[i].at] = cases[i].byte;
        ssize_t count = cases[i].longer < -length ? 0 : length + cases[i].longer;
        assert_int_equal(pipe2(ends_of_pipe, O_CLOEXEC | O_NONBLOCK), 0);
        assert_int_equal(write(ends_of_pipe[1], sent, (size_t)count), count);
        (void)close(ends_of_pipe[1]);
        if (ticket_keys_take(keys, ends_of_pipe[0], 0))
            fail_msg("taken: %s", cases[i].story);
        (void)close(ends_of_pipe[0]);
    }
    assert_true(is_resumed(ends, &session));
    SSL_SESSION_free(session);
    free_ends(ends);
    ticket_keys_free(keys);
    ticket_keys_free(others);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ticket_is_good_for_one_life_of_its_key_and_dead_after_two),
        cmocka_unit_test(who_comes_again_and_again_is_always_known),
        cmocka_unit_test(contexts_share_their_keys_and_strangers_do_not),
        cmocka_unit_test(another_process_goes_on_with_them_for_the_rest_of_their_lives),
        cmocka_unit_test(what_is_not_of_our_layout_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
