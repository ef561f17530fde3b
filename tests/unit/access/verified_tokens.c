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

/* The end of the MAC chooses the place. */
#define MAC "k9Xh2bUqN0dTz5sVw7yAe3fGi6jLm8oPr1tCxEgIaBc"

static struct media_claims claims_of(unsigned number)
{
    struct media_claims claims = { .expires_at_ms = number, .session_expires_at_ms = number };
    (void)snprintf(claims.session_id, UUID_TEXT_SIZE, "%08x-0000-7000-8000-000000000000", number);
    (void)snprintf(claims.cohort_id, UUID_TEXT_SIZE, "%08x-0000-7000-8000-000000000000", number);
    return claims;
}

static size_t token_of(char token[MEDIA_TOKEN_SIZE], unsigned number)
{
    return (size_t)snprintf(token, MEDIA_TOKEN_SIZE, "v1.1.9999999999.%08x." MAC, number);
}

static void a_token_is_found_again_and_nothing_else_is(void **state)
{
    (void)state;
    struct verified_tokens *verified = verified_tokens_create();
    struct media_claims claims = claims_of(7), found = { 0 };
    char token[MEDIA_TOKEN_SIZE];
    size_t length = token_of(token, 7);
    assert_false(verified_tokens_find(verified, token, length, &found));
    verified_tokens_add(verified, token, length, &claims);
    assert_true(verified_tokens_find(verified, token, length, &found));
    assert_memory_equal(&found, &claims, sizeof found);
    for (size_t i = 0; i < length; i++) {
        token[i] ^= 1;
        assert_false(verified_tokens_find(verified, token, length, &found));
        token[i] ^= 1;
    }
    assert_false(verified_tokens_find(verified, token + 1, length - 1, &found));
    verified_tokens_free(verified);
}

static void the_newer_takes_the_place_of_the_older(void **state)
{
    (void)state;
    struct verified_tokens *verified = verified_tokens_create();
    struct media_claims old_claims = claims_of(1), new_claims = claims_of(2), found;
    char old[MEDIA_TOKEN_SIZE], new[MEDIA_TOKEN_SIZE];
    size_t old_length = token_of(old, 1), new_length = token_of(new, 2);
    verified_tokens_add(verified, old, old_length, &old_claims);
    verified_tokens_add(verified, new, new_length, &new_claims);
    assert_false(verified_tokens_find(verified, old, old_length, &found));
    assert_true(verified_tokens_find(verified, new, new_length, &found));
    assert_string_equal(found.session_id, new_claims.session_id);
    verified_tokens_free(verified);
}

struct crowd {
    struct verified_tokens *verified;
    atomic_size_t found, mixed;
};

/* All of them at one place. */
static void *add_and_find(void *data)
{
    struct crowd *crowd = data;
    for (unsigned i = 0; i < 20000; i++) {
        char token[MEDIA_TOKEN_SIZE];
        size_t length = token_of(token, i % 3);
        struct media_claims expected = claims_of(i % 3), found;
        if (!verified_tokens_find(crowd->verified, token, length, &found)) {
            verified_tokens_add(crowd->verified, token, length, &expected);
            continue;
        }
        atomic_fetch_add(&crowd->found, 1);
        if (strcmp(found.session_id, expected.session_id) != 0
            || strcmp(found.cohort_id, expected.cohort_id) != 0)
            atomic_fetch_add(&crowd->mixed, 1);
    }
    return NULL;
}

static void threads_never_see_the_claims_of_another_token(void **state)
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
        cmocka_unit_test(the_newer_takes_the_place_of_the_older),
        cmocka_unit_test(threads_never_see_the_claims_of_another_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
