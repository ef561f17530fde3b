/* The badge: what the credential says, and how it lies in a picture. */
#include "certificate/badge.h"

#include "../unit.h"

#include "base/secure.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static struct settings settings;

static const struct certificate certificate = { .id = "0123456789ABCDEFGHJKMNPQRS",
    .program_id = "01890000-0000-7000-8000-000000000001",
    .language = "km",
    .host = "A Foundation",
    .name = "ស្រីមុំ",
    .program = "Labour law",
    .cohort = "A team",
    .lecture_count = 3,
    .content_ms = 3600000,
    .completed_on = "2026-11-27",
    .issued_on = "2026-11-30",
    .issued_at_ms = INT64_C(1796000000123) };

static int set_up(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    settings_init(&settings);
    assert_true(settings_set(&settings, "public-url", "https://lectures.example.org", &problem));
    assert_true(settings_set(&settings, "certificate-host", "A Foundation", &problem));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    settings_release(&settings);
    return 0;
}

static const char *text_at(const json_t *value, const char *key)
{
    return json_string_value(json_object_get(value, key));
}

static void the_credential_says_what_the_paper_says(void **state)
{
    (void)state;
    static const char address[]
        = "https://lectures.example.org/certificates/0123456789ABCDEFGHJKMNPQRS";
    json_t *payload = badge_payload(&certificate, &settings);
    assert_non_null(payload);
    assert_memory_equal(text_at(payload, "id"), "urn:uuid:", 9);
    assert_true(secure_is_uuid(text_at(payload, "id") + 9));
    assert_string_equal(text_at(payload, "jti"), text_at(payload, "id"));
    const json_t *evidence = json_array_get(json_object_get(payload, "evidence"), 0);
    assert_string_equal(text_at(evidence, "id"), address);
    assert_string_equal(text_at(payload, "iss"), "https://lectures.example.org/badges/issuer");
    assert_string_equal(text_at(json_object_get(payload, "issuer"), "id"), text_at(payload, "iss"));
    assert_int_equal(json_integer_value(json_object_get(payload, "nbf")), 1796000000);
    assert_string_equal(text_at(payload, "validFrom"), "2026-11-30T00:53:20.123Z");
    const json_t *subject = json_object_get(payload, "credentialSubject");
    assert_string_equal(text_at(subject, "id"), text_at(payload, "sub"));
    const json_t *identity = json_array_get(json_object_get(subject, "identifier"), 0);
    assert_string_equal(text_at(identity, "identityHash"), certificate.name);
    assert_true(json_is_false(json_object_get(identity, "hashed")));
    const json_t *achievement = json_object_get(subject, "achievement");
    assert_string_equal(text_at(achievement, "name"), "Labour law");
    assert_string_equal(text_at(json_object_get(achievement, "criteria"), "narrative"),
        "has completed all 3 lectures (1 hour) of the program");
    assert_string_equal(
        text_at(json_object_get(payload, "credentialStatus"), "type"), "1EdTechRevocationList");
    json_decref(payload);
}

static uint32_t number_at(const char *bytes)
{
    const uint8_t *at = (const uint8_t *)bytes;
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Walks through all chunks, with their checksums; the text of the one iTXt. */
static void find_text(const struct text *png, const char **ret_text, size_t *ret_length)
{
    size_t at = 8, chunks = 0;
    *ret_text = NULL;
    while (at < png->length) {
        uint32_t length = number_at(png->bytes + at);
        const char *type = png->bytes + at + 4;
        assert_true(at + 12 + length <= png->length);
        assert_int_equal(
            crc32(0, (const Bytef *)type, length + 4), number_at(png->bytes + at + 8 + length));
        if (memcmp(type, "iTXt", 4) == 0) {
            assert_null(*ret_text);
            assert_int_equal(chunks, 1);
            *ret_text = type + 4;
            *ret_length = length;
        }
        at += 12 + length;
        chunks++;
    }
    assert_int_equal(at, png->length);
    assert_non_null(*ret_text);
}

static void the_picture_holds_the_credential(void **state)
{
    (void)state;
    struct text png;
    struct problem problem = { 0 };
    const char *text;
    size_t length;
    text_init(&png, BADGE_PICTURE_BYTES_MAX);
    assert_true(badge_picture(&certificate, "aaa.bbb.ccc", &png, &problem));
    assert_memory_equal(png.bytes, "\x89PNG\r\n\x1a\n", 8);
    find_text(&png, &text, &length);
    static const char expected[] = "openbadgecredential\0\0\0\0\0aaa.bbb.ccc";
    assert_int_equal(length, sizeof expected - 1);
    assert_memory_equal(text, expected, length);
    text_release(&png);
}

static void what_is_no_picture_is_not_baked(void **state)
{
    (void)state;
    static const char good[] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDRabcdefghijklmXXXX";
    static const struct {
        const char *story;
        size_t count;
        size_t broken; /* this byte is another */
        bool expected;
    } cases[] = {
        { "whole", sizeof good - 1, SIZE_MAX, true },
        { "cut off", sizeof good - 2, SIZE_MAX, false },
        { "nearly nothing", 19, SIZE_MAX, false },
        { "another kind of file", sizeof good - 1, 1, false },
        { "another chunk first", sizeof good - 1, 12, false },
        { "a chunk longer than the file", sizeof good - 1, 8, false },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text baked;
        char *bytes = malloc(cases[i].count);
        memcpy(bytes, good, cases[i].count);
        if (cases[i].broken != SIZE_MAX)
            bytes[cases[i].broken] = 'z';
        text_init(&baked, 1000);
        if (badge_bake(bytes, cases[i].count, "key", "text", &baked) != cases[i].expected)
            fail_msg("%s", cases[i].story);
        text_release(&baked);
        free(bytes);
    }
}

static void the_issuer_is_named_as_set_or_by_its_address(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    json_t *issuer = badge_issuer_json(&settings);
    assert_string_equal(text_at(issuer, "name"), "A Foundation");
    assert_string_equal(text_at(issuer, "id"), "https://lectures.example.org/badges/issuer");
    json_decref(issuer);
    assert_true(settings_set(&settings, "certificate-host", "", &problem));
    issuer = badge_issuer_json(&settings);
    assert_string_equal(text_at(issuer, "name"), "lectures.example.org");
    json_decref(issuer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_credential_says_what_the_paper_says),
        cmocka_unit_test(the_picture_holds_the_credential),
        cmocka_unit_test(what_is_no_picture_is_not_baked),
        cmocka_unit_test(the_issuer_is_named_as_set_or_by_its_address),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
