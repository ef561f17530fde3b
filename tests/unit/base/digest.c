#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"

static void digests_are_those_of_the_standard(void **state)
{
    (void)state;
    /* FIPS 180-4's examples. */
    static const struct {
        const char *story, *bytes, *sha256;
        uint8_t sha1_first;
    } cases[] = {
        { "nothing", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0xda },
        { "one block", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            0xa9 },
        { "two blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", 0x84 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[DIGEST_SHA256_TEXT_SIZE];
        uint8_t value[DIGEST_BYTES_MAX];
        struct digest *sha256 = digest_new(DIGEST_SHA256), *sha1 = digest_new(DIGEST_SHA1);
        for (const char *at = cases[i].bytes; *at; at++) {
            digest_add(sha256, at, 1);
            digest_add(sha1, at, 1);
            digest_sha256_text(sha256, text); /* a look in between changes nothing */
        }
        digest_sha256_text(sha256, text);
        assert_string_equal(text, cases[i].sha256);
        assert_int_equal(digest_value(sha256, value), digest_length(DIGEST_SHA256));
        assert_int_equal(digest_value(sha1, value), digest_length(DIGEST_SHA1));
        assert_int_equal(value[0], cases[i].sha1_first);
        digest_free(sha256);
        digest_free(sha1);
    }
    digest_free(NULL);
}

static void pieces_are_digested_as_one(void **state)
{
    (void)state;
    static const char whole[] = "a context that is kept for the next one, and pieces of any length";
    struct digest *digest = digest_new(DIGEST_SHA256);
    uint8_t expected[DIGEST_BYTES_MAX], value[DIGEST_BYTES_MAX];
    digest_add(digest, whole, sizeof whole);
    (void)digest_value(digest, expected);
    digest_free(digest);
    for (size_t cut = 0; cut <= sizeof whole; cut++) {
        const struct digest_piece pieces[]
            = { { whole, cut }, { NULL, 0 }, { whole + cut, sizeof whole - cut } };
        digest_sha256_pieces(pieces, 3, value);
        assert_memory_equal(value, expected, sizeof value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_those_of_the_standard),
        cmocka_unit_test(pieces_are_digested_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
