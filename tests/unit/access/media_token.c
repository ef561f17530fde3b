#include "access_world.h"

#include "access/deny_list.h"
#include "access/media_token.h"
#include "access/signing_keys.h"

#include <pthread.h>
#include <stdatomic.h>

enum { LIFE_MS = 600000 };

static struct media_tokens *open_tokens(struct world *world)
{
    struct problem problem = { 0 };
    struct media_tokens *tokens = media_tokens_open(world->db, &world->settings, &problem);
    if (!tokens)
        fail_msg("%s", problem.detail);
    return tokens;
}

static struct caller caller_of(struct world *world, const struct world_session *session)
{
    struct caller caller;
    assert_int_equal(world_find(world, session->secret, &caller), PROBLEM_NONE);
    return caller;
}

static void sign(
    struct media_tokens *tokens, const struct caller *caller, char ret_token[MEDIA_TOKEN_SIZE])
{
    int64_t expires_at_ms;
    media_token_sign(tokens, caller, ret_token, &expires_at_ms);
}

static enum problem_kind verify(struct media_tokens *tokens, const char *token)
{
    struct problem problem = { 0 };
    struct media_claims claims;
    bool passed = media_token_verify(tokens, token, clock_now_ms(), &claims, &problem);
    assert_int_equal(passed, problem.kind == PROBLEM_NONE);
    return problem.kind;
}

static void a_token_says_who_may_watch(void **state)
{
    struct world *world = *state;
    struct media_tokens *tokens = open_tokens(world);
    struct world_session anh = world_sign_in(world, ANH, NULL),
                         ada = world_sign_in(world, NULL, ADA);
    struct caller participant = caller_of(world, &anh), admin = caller_of(world, &ada);
    struct problem problem = { 0 };
    struct media_claims claims;
    char token[MEDIA_TOKEN_SIZE];
    int64_t expires_at_ms, now_ms = clock_now_ms();
    media_token_sign(tokens, &participant, token, &expires_at_ms);
    assert_in_range(expires_at_ms, now_ms + LIFE_MS - 1000, now_ms + LIFE_MS + 1000);
    assert_true(media_token_verify(tokens, token, clock_now_ms(), &claims, &problem));
    assert_int_equal(claims.expires_at_ms, expires_at_ms);
    assert_int_equal(claims.session_expires_at_ms, anh.expires_at_ms / 1000 * 1000);
    assert_string_equal(claims.session_id, anh.id);
    assert_string_equal(claims.participant_id, ANH);
    assert_string_equal(claims.cohort_id, VIETNAM);
    assert_false(claims.staff);
    sign(tokens, &admin, token);
    assert_true(media_token_verify(tokens, token, clock_now_ms(), &claims, &problem));
    assert_true(claims.staff);
    assert_string_equal(claims.session_id, ada.id);
    assert_string_equal(claims.participant_id, "");
    assert_string_equal(claims.organizer_id, "");
    struct world_session olive = world_sign_in(world, NULL, OLIVE);
    struct caller organizer = caller_of(world, &olive);
    sign(tokens, &organizer, token);
    assert_true(media_token_verify(tokens, token, clock_now_ms(), &claims, &problem));
    assert_true(claims.staff);
    assert_string_equal(claims.organizer_id, OLIVE);
    struct caller nobody = { .role = CALLER_ANYONE };
    sign(tokens, &nobody, token);
    assert_string_equal(token, "");
    media_tokens_free(tokens);
}

static void any_other_character_makes_it_invalid(void **state)
{
    struct world *world = *state;
    struct media_tokens *tokens = open_tokens(world);
    struct world_session anh = world_sign_in(world, ANH, NULL);
    struct caller caller = caller_of(world, &anh);
    char token[MEDIA_TOKEN_SIZE], changed[MEDIA_TOKEN_SIZE + 2];
    sign(tokens, &caller, token);
    size_t length = strlen(token);
    for (size_t i = 0; i < length; i++)
        for (unsigned c = 1; c < 256; c++) {
            memcpy(changed, token, length + 1);
            changed[i] = (char)c;
            assert_int_equal(verify(tokens, changed),
                changed[i] == token[i] ? PROBLEM_NONE : PROBLEM_MEDIA_TOKEN_INVALID);
        }
    for (size_t cut_to = 0; cut_to < length;
         cut_to++) { /* cut off, and with one character left out */
        (void)snprintf(changed, sizeof changed, "%.*s", (int)cut_to, token);
        assert_int_equal(verify(tokens, changed), PROBLEM_MEDIA_TOKEN_INVALID);
        (void)snprintf(changed, sizeof changed, "%.*s%s", (int)cut_to, token, token + cut_to + 1);
        assert_int_equal(verify(tokens, changed), PROBLEM_MEDIA_TOKEN_INVALID);
    }
    static const char *const tails[] = { "=", "A", ".", " ", "\n", "%" };
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        (void)snprintf(changed, sizeof changed, "%s%s", token, tails[i]);
        assert_int_equal(verify(tokens, changed), PROBLEM_MEDIA_TOKEN_INVALID);
    }
    media_tokens_free(tokens);
}

static void what_was_made_elsewhere_is_invalid(void **state)
{
    struct world *world = *state;
    struct media_tokens *tokens = open_tokens(world);
    static const char mac[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    static const char *const claims[] = {
        "v1.1.9999999999." ANH "." ANH "~" VIETNAM "~9999999999",
        "v1.1.9999999999." ANH ".staff~9999999999",
        "v1.2.9999999999." ANH ".staff~9999999999",
        "v1.01.9999999999." ANH ".staff~9999999999",
        "v1.-1.9999999999." ANH ".staff~9999999999",
        "v1.99999999999999999999999.9999999999." ANH ".staff~9999999999",
        "v1..."
        "...",
        "v0.1.9999999999." ANH ".staff~9999999999",
        "",
        ".",
    };
    char token[400];
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        (void)snprintf(token, sizeof token, "%s.%s", claims[i], mac);
        assert_int_equal(verify(tokens, token), PROBLEM_MEDIA_TOKEN_INVALID);
    }
    memset(token, '.', sizeof token - 1); /* longer than any */
    token[sizeof token - 1] = '\0';
    assert_int_equal(verify(tokens, token), PROBLEM_MEDIA_TOKEN_INVALID);
    media_tokens_free(tokens);
}

static void set_keys(struct world *world, const char *value)
{
    char sql[400];
    db_trace_statements(NULL);
    (void)snprintf(sql, sizeof sql,
        "INSERT INTO setting (name, value) VALUES ('media-token-keys', '%s')"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        value);
    world_exec(world, sql);
    db_trace_statements(world->trace);
}

#define KEY_A "1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define KEY_B "7:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA"

static void the_newest_key_signs_and_all_verify(void **state)
{
    struct world *world = *state;
    struct world_session anh = world_sign_in(world, ANH, NULL);
    struct caller caller = caller_of(world, &anh);
    char old[MEDIA_TOKEN_SIZE], new[MEDIA_TOKEN_SIZE], moved[MEDIA_TOKEN_SIZE];
    set_keys(world, KEY_A);
    struct media_tokens *tokens = open_tokens(world);
    sign(tokens, &caller, old);
    media_tokens_free(tokens);
    set_keys(world, KEY_A " " KEY_B);
    tokens = open_tokens(world);
    sign(tokens, &caller, new);
    assert_memory_equal(old, "v1.1.", 5);
    assert_memory_equal(new, "v1.7.", 5);
    assert_int_equal(verify(tokens, old), PROBLEM_NONE);
    assert_int_equal(verify(tokens, new), PROBLEM_NONE);
    memcpy(moved, new, sizeof moved); /* the claim of one key with the mac of the other */
    moved[3] = '1';
    assert_int_equal(verify(tokens, moved), PROBLEM_MEDIA_TOKEN_INVALID);
    media_tokens_free(tokens);
    set_keys(world, KEY_B);
    tokens = open_tokens(world);
    assert_int_equal(verify(tokens, old), PROBLEM_MEDIA_TOKEN_INVALID);
    assert_int_equal(verify(tokens, new), PROBLEM_NONE);
    media_tokens_free(tokens);
}

static void tokens_outlive_a_restart_and_a_damaged_key_is_told(void **state)
{
    struct world *world = *state;
    struct world_session anh = world_sign_in(world, ANH, NULL);
    struct caller caller = caller_of(world, &anh);
    struct problem problem = { 0 };
    char token[MEDIA_TOKEN_SIZE];
    struct media_tokens *tokens = open_tokens(world);
    sign(tokens, &caller, token);
    media_tokens_free(tokens);
    tokens = open_tokens(world);
    assert_int_equal(verify(tokens, token), PROBLEM_NONE);
    media_tokens_free(tokens);
    static const char *const damaged[] = { "", " ", "1", "1:", ":", "1:short", KEY_A " ", " " KEY_A,
        KEY_A "  " KEY_B, KEY_A " " KEY_A, "0:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB", KEY_A "\n", "x" KEY_A, "1" KEY_A "A" };
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        set_keys(world, damaged[i]);
        problem_clear(&problem);
        if (media_tokens_open(world->db, &world->settings, &problem))
            fail_msg("'%s' was taken", damaged[i]);
        assert_int_equal(problem.kind, PROBLEM_STORAGE);
    }
}

static void a_token_ends_with_its_life_and_with_its_session(void **state)
{
    struct world *world = *state;
    struct media_tokens *tokens = open_tokens(world);
    struct world_session anh = world_sign_in(world, ANH, NULL);
    struct caller caller = caller_of(world, &anh);
    char token[MEDIA_TOKEN_SIZE];
    sign(tokens, &caller, token);
    world_wait(LIFE_MS - 2000);
    assert_int_equal(verify(tokens, token), PROBLEM_NONE);
    world_wait(2000);
    assert_int_equal(verify(tokens, token), PROBLEM_MEDIA_TOKEN_EXPIRED);
    caller.session_expires_at_ms = clock_now_ms() + 5000;
    int64_t expires_at_ms;
    media_token_sign(tokens, &caller, token, &expires_at_ms);
    assert_true(expires_at_ms <= caller.session_expires_at_ms);
    assert_int_equal(verify(tokens, token), PROBLEM_NONE);
    world_wait(5000);
    assert_int_equal(verify(tokens, token), PROBLEM_MEDIA_TOKEN_EXPIRED);
    media_tokens_free(tokens);
}

static void a_token_is_renewed_past_half_of_its_life_up_to_the_sessions_end(void **state)
{
    struct world *world = *state;
    struct media_tokens *tokens = open_tokens(world);
    struct world_session anh = world_sign_in(world, ANH, NULL);
    struct caller caller = caller_of(world, &anh);
    struct problem problem = { 0 };
    struct media_claims claims = { 0 }, again = { 0 }; /* with what is between the fields */
    char token[MEDIA_TOKEN_SIZE], renewed[MEDIA_TOKEN_SIZE];
    caller.session_expires_at_ms = clock_now_ms() + 20 * INT64_C(60000);
    sign(tokens, &caller, token);
    assert_true(media_token_verify(tokens, token, clock_now_ms(), &claims, &problem));
    assert_false(media_token_renew(tokens, &claims, clock_now_ms(), renewed));
    world_wait(LIFE_MS / 2 - 3000);
    assert_false(media_token_renew(tokens, &claims, clock_now_ms(), renewed));
    world_wait(3000);
    assert_true(media_token_renew(tokens, &claims, clock_now_ms(), renewed));
    assert_true(media_token_verify(tokens, renewed, clock_now_ms(), &again, &problem));
    assert_true(again.expires_at_ms > claims.expires_at_ms);
    claims.expires_at_ms = again.expires_at_ms;
    assert_memory_equal(&again, &claims, sizeof claims);
    /* However often: never past the session's end. */
    int rounds = 0;
    for (; rounds < 100 && media_token_verify(tokens, renewed, clock_now_ms(), &claims, &problem);
         rounds++) {
        assert_true(claims.expires_at_ms <= caller.session_expires_at_ms);
        (void)media_token_renew(tokens, &claims, clock_now_ms(), renewed);
        world_wait(LIFE_MS / 4);
    }
    assert_int_equal(problem.kind, PROBLEM_MEDIA_TOKEN_EXPIRED);
    assert_in_range(rounds, 4, 10);
    media_tokens_free(tokens);
}

static void a_revoked_session_watches_no_longer(void **state)
{
    struct world *world = *state;
    struct media_tokens *tokens = open_tokens(world);
    struct world_session anh = world_sign_in(world, ANH, NULL),
                         bold = world_sign_in(world, BOLD, NULL);
    struct caller caller = caller_of(world, &anh), other = caller_of(world, &bold);
    struct problem problem = { 0 };
    struct media_claims claims;
    char token[MEDIA_TOKEN_SIZE], others[MEDIA_TOKEN_SIZE], renewed[MEDIA_TOKEN_SIZE];
    sign(tokens, &caller, token);
    sign(tokens, &other, others);
    assert_true(media_token_verify(tokens, token, clock_now_ms(), &claims, &problem));
    int64_t since_ms = clock_now_ms();
    assert_true(db_write(world->db, world_revoke_session, anh.id, &problem));
    assert_true(media_token_deny_revoked(tokens, world->db, since_ms, &problem));
    assert_int_equal(verify(tokens, token), PROBLEM_ACCESS_REVOKED);
    assert_int_equal(verify(tokens, others), PROBLEM_NONE);
    /* what was looked up before the revocation does not help after it */
    world_wait(LIFE_MS / 2 + 1000);
    assert_false(media_token_renew(tokens, &claims, clock_now_ms(), renewed));
    sign(tokens, &caller, token);
    assert_int_equal(verify(tokens, token), PROBLEM_ACCESS_REVOKED);
    struct media_tokens *restarted = open_tokens(world);
    assert_int_equal(verify(restarted, token), PROBLEM_ACCESS_REVOKED);
    media_tokens_free(restarted);
    /* and what was signed then does not pass later, once one life is over */
    for (int i = 0; i < 12; i++) {
        world_wait(LIFE_MS / 6);
        assert_int_not_equal(verify(tokens, token), PROBLEM_NONE);
    }
    assert_int_equal(verify(tokens, token), PROBLEM_MEDIA_TOKEN_EXPIRED);
    media_tokens_free(tokens);
}

static void too_many_revocations_deny_more_and_never_less(void **state)
{
    struct world *world = *state;
    struct media_tokens *tokens = open_tokens(world);
    struct world_session anh = world_sign_in(world, ANH, NULL),
                         bold = world_sign_in(world, BOLD, NULL);
    struct caller caller = caller_of(world, &anh), other = caller_of(world, &bold);
    char token[MEDIA_TOKEN_SIZE], others[MEDIA_TOKEN_SIZE], id[UUID_TEXT_SIZE];
    sign(tokens, &caller, token);
    sign(tokens, &other, others);
    for (unsigned i = 0; i < DENY_LIST_MAX; i++) {
        (void)snprintf(id, sizeof id, "%08x-0000-7000-8000-000000000000", i);
        media_token_deny(tokens, id);
    }
    assert_int_equal(verify(tokens, token), PROBLEM_NONE);
    media_token_deny(tokens, anh.id);
    assert_int_not_equal(verify(tokens, token), PROBLEM_NONE);
    assert_int_equal(verify(tokens, others), PROBLEM_MEDIA_TOKEN_EXPIRED);
    world_wait(1000);
    sign(tokens, &other, others); /* whose session stands goes on at once */
    assert_int_equal(verify(tokens, others), PROBLEM_NONE);
    assert_int_not_equal(verify(tokens, token), PROBLEM_NONE);
    media_tokens_free(tokens);
}

struct watching {
    struct media_tokens *tokens;
    const char *token;
    atomic_bool denied; /* deny has returned */
    atomic_bool passed_after;
    atomic_bool stop;
};

static void *watch(void *data)
{
    struct watching *watching = data;
    while (!atomic_load(&watching->stop)) {
        struct problem problem = { 0 };
        struct media_claims claims;
        bool denied = atomic_load(&watching->denied);
        if (media_token_verify(watching->tokens, watching->token, clock_now_ms(), &claims, &problem)
            && denied)
            atomic_store(&watching->passed_after, true);
    }
    return NULL;
}

static void once_denied_no_thread_lets_it_pass(void **state)
{
    struct world *world = *state;
    struct watching watching = { .tokens = open_tokens(world) };
    struct world_session anh = world_sign_in(world, ANH, NULL);
    struct caller caller = caller_of(world, &anh);
    char token[MEDIA_TOKEN_SIZE], id[UUID_TEXT_SIZE];
    pthread_t threads[3];
    sign(watching.tokens, &caller, token);
    watching.token = token;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, watch, &watching), 0);
    for (unsigned i = 0; i < 200; i++) {
        (void)snprintf(id, sizeof id, "%08x-0000-7000-8000-000000000000", i);
        media_token_deny(watching.tokens, i == 100 ? anh.id : id);
        if (i == 100)
            atomic_store(&watching.denied, true);
    }
    atomic_store(&watching.stop, true);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_false(watching.passed_after);
    media_tokens_free(watching.tokens);
}

static void the_cookie_carries_the_token(void **state)
{
    struct world *world = *state;
    struct media_tokens *tokens = open_tokens(world);
    struct world_session anh = world_sign_in(world, ANH, NULL);
    struct caller caller = caller_of(world, &anh);
    char token[MEDIA_TOKEN_SIZE], cookie[MEDIA_SET_COOKIE_SIZE], expected[500];
    sign(tokens, &caller, token);
    media_token_set_cookie(tokens, token, cookie);
    (void)snprintf(expected, sizeof expected,
        "__Host-media=%s; Secure; HttpOnly; SameSite=Lax; Path=/; Max-Age=600", token);
    assert_string_equal(cookie, expected);
    /* RFC 6265 section 4.1.1, cookie-octet */
    assert_int_equal(
        strspn(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~"),
        strlen(token));
    media_tokens_free(tokens);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, world_set_up, world_tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_token_says_who_may_watch),
        TEST(any_other_character_makes_it_invalid),
        TEST(what_was_made_elsewhere_is_invalid),
        TEST(the_newest_key_signs_and_all_verify),
        TEST(tokens_outlive_a_restart_and_a_damaged_key_is_told),
        TEST(a_token_ends_with_its_life_and_with_its_session),
        TEST(a_token_is_renewed_past_half_of_its_life_up_to_the_sessions_end),
        TEST(a_revoked_session_watches_no_longer),
        TEST(too_many_revocations_deny_more_and_never_less),
        TEST(once_denied_no_thread_lets_it_pass),
        TEST(the_cookie_carries_the_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
