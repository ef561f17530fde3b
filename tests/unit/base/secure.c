#include "base/secure.h"
#include "../unit.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static void digests_match_the_published_vectors(void **state)
{
    (void)state;
    uint8_t digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    secure_sha256("abc", 3, digest);
    text_hex_encode(digest, sizeof digest, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* RFC 4231 keys are of other lengths; this is HMAC-SHA256 of 32 bytes 0x0b and "Hi There", by an
 * independent tool. */
static void macs_match_and_follow_their_key(void **state)
{
    (void)state;
    uint8_t key[SECRET_BYTES], other[SECRET_BYTES], mac[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    memset(key, 0x0b, sizeof key);
    memset(other, 0x0c, sizeof other);
    for (int round = 0; round < 3; round++) {
        secure_hmac(key, "Hi There", 8, mac);
        text_hex_encode(mac, sizeof mac, hex);
        assert_string_equal(
            hex, "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7");
        secure_hmac(other, "Hi There", 8, mac);
        text_hex_encode(mac, sizeof mac, hex);
        assert_string_not_equal(
            hex, "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7");
    }
}

static void what_differs_in_one_bit_is_not_equal(void **state)
{
    (void)state;
    uint8_t left[64], right[64];
    secure_random(left, sizeof left);
    memcpy(right, left, sizeof left);
    for (size_t count = 0; count <= sizeof left; count++) {
        assert_true(secure_equal(left, right, count));
        for (size_t bit = 0; bit < 8 * sizeof left; bit++) {
            right[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(secure_equal(left, right, count), bit >= 8 * count);
            right[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

static void passwords_are_checked_against_their_hash(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_SIZE], again[PASSWORD_HASH_SIZE];
    assert_true(secure_hash_password("correct horse", hash));
    assert_true(secure_hash_password("correct horse", again));
    assert_string_not_equal(hash, again); /* a salt of its own */
    assert_true(secure_check_password("correct horse", hash));
    assert_false(secure_check_password("correct horsf", hash));
    assert_false(secure_check_password("", hash));
    assert_false(secure_check_password("correct horse", NULL));
    static const char *const broken[] = { "", "scrypt", "scrypt$$$$$", "scrypt$32768$8$1$AAAA$AAAA",
        "scrypt$1$8$1$AAAA$AAAA", "plain$correct horse" };
    for (size_t i = 0; i < COUNT_OF(broken); i++)
        assert_false(secure_check_password("correct horse", broken[i]));
}

static void identifiers_grow_with_time(void **state)
{
    (void)state;
    char previous[UUID_TEXT_SIZE] = "", uuid[UUID_TEXT_SIZE];
    for (int i = 0; i < 100; i++) {
        secure_make_uuid(uuid);
        assert_true(secure_is_uuid(uuid));
        assert_int_equal(uuid[14], '7');
        assert_true(strchr("89ab", uuid[19]) != NULL);
        assert_true(strncmp(previous, uuid, 13) <= 0);
        assert_string_not_equal(previous, uuid);
        (void)snprintf(previous, sizeof previous, "%s", uuid);
    }
    assert_false(secure_is_uuid(""));
    assert_false(secure_is_uuid("019f0000-0000-7000-8000-00000000000"));
    assert_false(secure_is_uuid("019F0000-0000-7000-8000-000000000000"));
    assert_false(secure_is_uuid("019f0000-0000-7000-8000-00000000000/"));
    assert_false(secure_is_uuid("019f0000x0000-7000-8000-000000000000"));
}

static void secrets_do_not_repeat(void **state)
{
    (void)state;
    char one[SECRET_TEXT_SIZE], two[SECRET_TEXT_SIZE];
    secure_make_secret(one);
    secure_make_secret(two);
    assert_int_equal(strlen(one), TEXT_BASE64URL_32);
    assert_string_not_equal(one, two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_match_the_published_vectors),
        cmocka_unit_test(macs_match_and_follow_their_key),
        cmocka_unit_test(what_differs_in_one_bit_is_not_equal),
        cmocka_unit_test(passwords_are_checked_against_their_hash),
        cmocka_unit_test(identifiers_grow_with_time),
        cmocka_unit_test(secrets_do_not_repeat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
