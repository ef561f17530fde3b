#include "base/memory.h"

#include "../unit.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/secure.h"
#include "base/text.h"
#include "faults.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RESERVE_BYTES = 64 * 1024, EVER = 1000000 };

static int keep_reserve(void **state)
{
    (void)state;
    memory_keep_reserve(RESERVE_BYTES);
    assert_false(memory_is_short());
    return 0;
}

static int drop_reserve(void **state)
{
    (void)state;
    (void)faults_disarm();
    memory_keep_reserve(0);
    return 0;
}

static void small_needs_come_out_of_the_reserve(void **state)
{
    (void)state;
    uint64_t shortages = memory_shortages();
    faults_arm(FAULT_MEMORY, 1, 1, ENOMEM);
    free(memory_alloc(10));
    assert_true(faults_disarm());
    faults_arm(FAULT_MEMORY, 1, 1, ENOMEM);
    char *text = memory_zeroed(4, 4);
    faults_arm(FAULT_MEMORY, 1, 2, ENOMEM);
    text = memory_resized(text, 40, 1);
    assert_true(faults_disarm());
    assert_string_equal(text, "");
    free(text);
    /* One shortage, however many needs it met. */
    assert_int_equal(memory_shortages(), shortages + 1);
}

static void it_is_short_until_the_reserve_is_whole(void **state)
{
    (void)state;
    faults_arm(FAULT_MEMORY, 1, EVER, ENOMEM);
    assert_true(memory_use_reserve());
    assert_true(memory_is_short());
    assert_true(memory_is_short());
    (void)faults_disarm();
    assert_false(memory_is_short());
}

static void what_a_request_chooses_may_fail_and_leaves_the_reserve_alone(void **state)
{
    (void)state;
    char *held = memory_alloc(10);
    struct arena arena;
    struct text text;
    arena_init(&arena);
    text_init_checked(&text, 1 << 20);
    char large[2 * TEXT_SMALL_BYTES] = { 0 };
    faults_arm(FAULT_MEMORY, 1, EVER, ENOMEM);
    assert_null(memory_try_alloc(10));
    assert_null(memory_try_zeroed(10, 1));
    assert_null(memory_try_resized(held, 100, 1));
    assert_null(arena_try_alloc(&arena, ARENA_BLOCK_BYTES + 1));
    text_append(&text, large, sizeof large);
    assert_true(text.overflowed && text.starved);
    assert_int_equal(text.length, 0);
    assert_false(memory_is_short());
    (void)faults_disarm();
    text_clear(&text);
    text_append(&text, large, sizeof large);
    assert_int_equal(text.length, sizeof large);
    text_release(&text);
    arena_release(&arena);
    free(held);
}

static void json_is_never_incomplete(void **state)
{
    (void)state;
    struct text text;
    json_use_reserve();
    text_init(&text, 1000);
    for (unsigned long nth = 1; nth < 30; nth++) {
        faults_arm(FAULT_MEMORY, nth, 1, ENOMEM);
        json_t *value = json_pack("{s:i, s:[s, b]}", "number", 7, "list", "of", 1);
        text_clear(&text);
        json_write(value, &text);
        (void)faults_disarm();
        assert_string_equal(text.bytes, "{\"number\":7,\"list\":[\"of\",true]}");
        json_decref(value);
        assert_false(memory_is_short());
    }
    text_release(&text);
}

static void cryptography_is_tried_again(void **state)
{
    (void)state;
    static const uint8_t key[SECRET_BYTES] = { 1 };
    uint8_t right[SHA256_BYTES], digest[SHA256_BYTES];
    secure_hmac(key, "text", 4, right);
    for (unsigned long nth = 1; nth < 40; nth++) {
        uint8_t other[SECRET_BYTES] = { (uint8_t)(nth + 1) };
        secure_hmac(other, "", 0, digest);
        faults_arm(FAULT_OPENSSL, nth, 1, ENOMEM);
        secure_hmac(key, "text", 4, digest);
        (void)faults_disarm();
        assert_memory_equal(digest, right, sizeof right);
        faults_arm(FAULT_OPENSSL, nth, 1, ENOMEM);
        secure_sha256("", 0, digest);
        (void)faults_disarm();
        assert_int_equal(digest[0], 0xe3);
        assert_false(memory_is_short());
    }
}

static void the_end_is_said(void **state)
{
    (void)state;
    int ends[2];
    char said[200] = "";
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)dup2(ends[1], STDERR_FILENO);
        (void)signal(SIGABRT, SIG_DFL);
        faults_arm(FAULT_MEMORY, 1, EVER, ENOMEM);
        free(memory_alloc(123));
        _exit(0);
    }
    (void)close(ends[1]);
    assert_true(read(ends[0], said, sizeof said - 1) > 0);
    (void)close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(said, "lectern: out of memory: 123 bytes"));
}

#define WITH_RESERVE(test) cmocka_unit_test_setup_teardown(test, keep_reserve, drop_reserve)

int main(void)
{
    faults_install();
    const struct CMUnitTest tests[] = {
        WITH_RESERVE(small_needs_come_out_of_the_reserve),
        WITH_RESERVE(it_is_short_until_the_reserve_is_whole),
        WITH_RESERVE(what_a_request_chooses_may_fail_and_leaves_the_reserve_alone),
        WITH_RESERVE(json_is_never_incomplete),
        WITH_RESERVE(cryptography_is_tried_again),
        WITH_RESERVE(the_end_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
