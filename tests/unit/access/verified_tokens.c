#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "access/verified_tokens.h"

#include <pthread.h>
#include <stdatomic.h>

/* The end of the MAC chooses the places, two of them. */
#define MAC "k9Xh2bUqN0dTz5sVw7yAe3fGi6jLm8oPr1tCxEgIaBc"

static struct token_parts parts_of(unsigned number)
{
    return (struct token_parts){ .expires_at_s = number,
        .session_expires_at_s = 2 * (int64_t)number,
        .session_at = (uint8_t)number,
        .cohort_at = (uint8_t)(3 * number) };
}

static bool is_same(const struct token_parts *left, const struct token_parts *right)
{
    return left->expires_at_s == right->expires_at_s
           && left->session_expires_at_s == right->session_expires_at_s
           && left->staff == right->staff && left->session_at == right->session_at
           && left->organizer_at == right->organizer_at
           && left->participant_at == right->participant_at && left->cohort_at == right->cohort_at;
}

static size_t token_of(char token[MEDIA_TOKEN_SIZE], unsigned number)
{
    return (size_t)snprintf(token, MEDIA_TOKEN_SIZE, "v1.1.9999999999.%08x." MAC, number);
}

static void a_token_is_found_again_and_nothing_else_is(void **state)
{
    (void)state;
    struct verified_tokens *verified = verified_tokens_create();
    struct token_parts parts = parts_of(7), found = { 0 };
    char token[MEDIA_TOKEN_SIZE];
    size_t length = token_of(token, 7);
    assert_false(verified_tokens_find(verified, token, length, &found));
    verified_tokens_add(verified, token, length, &parts);
    assert_true(verified_tokens_find(verified, token, length, &found));
    assert_true(is_same(&found, &parts));
    for (size_t i = 0; i < length; i++) {
        token[i] ^= 1;
        assert_false(verified_tokens_find(verified, token, length, &found));
        token[i] ^= 1;
    }
    assert_false(verified_tokens_find(verified, token + 1, length - 1, &found));
    verified_tokens_free(verified);
}

static void two_share_a_set_and_a_third_takes_the_place_of_the_oldest(void **state)
{
    (void)state;
    struct verified_tokens *verified = verified_tokens_create();
    char token[MEDIA_TOKEN_SIZE];
    for (unsigned number = 1; number <= 9; number++) {
        struct token_parts parts = parts_of(number), found;
        verified_tokens_add(verified, token, token_of(token, number), &parts);
        for (unsigned older = 1; older <= number; older++) {
            bool is_there = verified_tokens_find(verified, token, token_of(token, older), &found);
            assert_int_equal(is_there, older + 1 >= number);
            assert_true(!is_there || found.expires_at_s == older);
        }
    }
    verified_tokens_free(verified);
}

static void what_is_longer_than_any_token_is_not_kept(void **state)
{
    (void)state;
    struct verified_tokens *verified = verified_tokens_create();
    struct token_parts parts = parts_of(1), found;
    char token[MEDIA_TOKEN_SIZE];
    memset(token, 'a', sizeof token);
    verified_tokens_add(verified, token, MEDIA_TOKEN_SIZE - 1, &parts);
    assert_false(verified_tokens_find(verified, token, MEDIA_TOKEN_SIZE - 1, &found));
    verified_tokens_free(verified);
}

struct crowd {
    struct verified_tokens *verified;
    atomic_size_t found, mixed;
};

/* All of them in one set. */
static void *add_and_find(void *data)
{
    struct crowd *crowd = data;
    for (unsigned i = 0; i < 20000; i++) {
        char token[MEDIA_TOKEN_SIZE];
        size_t length = token_of(token, i % 3);
        struct token_parts expected = parts_of(i % 3), found;
        if (!verified_tokens_find(crowd->verified, token, length, &found)) {
            verified_tokens_add(crowd->verified, token, length, &expected);
            continue;
        }
        atomic_fetch_add(&crowd->found, 1);
        if (!is_same(&found, &expected))
            atomic_fetch_add(&crowd->mixed, 1);
    }
    return NULL;
}

static void threads_never_see_the_parts_of_another_token(void **state)
{
    (void)state;
    struct crowd crowd = { .verified = verified_tokens_create() };
    pthread_t threads[3];
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_and_find, &crowd), 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_true(crowd.found > 0);
    assert_int_equal(crowd.mixed, 0);
    verified_tokens_free(crowd.verified);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_found_again_and_nothing_else_is),
        cmocka_unit_test(two_share_a_set_and_a_third_takes_the_place_of_the_oldest),
        cmocka_unit_test(what_is_longer_than_any_token_is_not_kept),
        cmocka_unit_test(threads_never_see_the_parts_of_another_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
