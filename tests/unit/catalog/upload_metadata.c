#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "catalog/upload_metadata.h"

static void names_titles_and_languages_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *story, *metadata, *file_name, *title, *language;
    } cases[] = {
        { "nothing sent", NULL, "upload", "upload", "und" },
        { "empty", "", "upload", "upload", "und" },
        { "all three", "filename bGF3Lm1wNA==,title TGFib3VyIGxhdw==,language dmk=", "law.mp4",
            "Labour law", "vi" },
        { "spaces after the commas", "filename bGF3Lm1wNA==, title TGFib3VyIGxhdw==", "law.mp4",
            "Labour law", "und" },
        { "other keys", "filetype dmlkZW8vbXA0,filename bGF3Lm1wNA==,is_confidential", "law.mp4",
            "law", "und" },
        { "a key without a value", "title,filename bGF3Lm1wNA==", "law.mp4", "law", "und" },
        { "a key with an empty value", "title ,filename bGF3Lm1wNA==", "law.mp4", "law", "und" },
        { "a title of spaces", "title ICA=,filename bGF3Lm1wNA==", "law.mp4", "law", "und" },
        { "writing turned around", "filename bGF34oCuNHBtLm1wNA==", "law4pm.mp4", "law4pm", "und" },
        { "a path", "filename L2V0Yy9wYXNzd2Q=", "passwd", "passwd", "und" },
        { "a path of Windows", "filename QzpcZmFrZXBhdGhcbGF3Lm1wNA==", "law.mp4", "law", "und" },
        { "a path that ends", "filename Li4v", "upload", "upload", "und" },
        { "two dots", "filename bGF3Lm5ldy5tcDQ=", "law.new.mp4", "law.new", "und" },
        { "a dot at the start", "filename Lm1wNA==", ".mp4", ".mp4", "und" },
        { "line breaks", "title YQ0KU2V0LUNvb2tpZTogeA==", "upload", "a  Set-Cookie: x", "und" },
        { "a NUL", "title YQBi", NULL, NULL, NULL },
        { "a C1 control", "title YcKFYg==", "upload", "a b", "und" },
        { "not ASCII", "title 5Yq05YON5rOV", "upload", "労働法", "und" },
        { "language in another case", "language emgtaGFudA==", "upload", "upload", "zh-Hant" },

        { "broken UTF-8", "title /w==", NULL, NULL, NULL },
        { "binary in another key", "thumb /w==", "upload", "upload", "und" },
        { "no padding", "title YQ", NULL, NULL, NULL },
        { "not base64", "title a-b_", NULL, NULL, NULL },
        { "base64 with spaces", "title YQ== YQ==", NULL, NULL, NULL },
        { "a key twice", "title YQ==,title Yg==", NULL, NULL, NULL },
        { "another key twice", "a YQ==,a Yg==", NULL, NULL, NULL },
        { "an empty pair", "title YQ==,,a Yg==", NULL, NULL, NULL },
        { "a comma at the end", "title YQ==,", NULL, NULL, NULL },
        { "only a space", " ", NULL, NULL, NULL },
        { "a control in a key", "ti\ttle YQ==", NULL, NULL, NULL },
        { "not a language", "language ZW5nbGlzaA==", NULL, NULL, NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct upload_metadata metadata = { .title = "untouched" };
        struct problem problem = { 0 };
        bool read = upload_metadata_read(cases[i].metadata, &metadata, &problem);
        if (!cases[i].title) {
            if (read || problem.kind != PROBLEM_INVALID_FIELD || problem.field[0] == '\0')
                fail_msg("%s was read as '%s'", cases[i].story, metadata.title);
            assert_string_equal(metadata.title, "untouched");
            continue;
        }
        if (!read)
            fail_msg("%s: %s", cases[i].story, problem.detail);
        if (strcmp(metadata.file_name, cases[i].file_name) != 0
            || strcmp(metadata.title, cases[i].title) != 0
            || strcmp(metadata.language, cases[i].language) != 0)
            fail_msg("%s: '%s' '%s' '%s'", cases[i].story, metadata.file_name, metadata.title,
                metadata.language);
    }
}

/* Base64 of count bytes, a character that has three bytes in UTF-8 again and again. */
static void long_value(const char *key, size_t repeats, char *ret_metadata)
{
    size_t length = strlen(key) + 1;
    memcpy(ret_metadata, key, length);
    ret_metadata[length - 1] = ' ';
    for (size_t i = 0; i < repeats; i++, length += 4)
        memcpy(ret_metadata + length, "5Yq0", 4);
    ret_metadata[length] = '\0';
}

static void what_is_too_long_is_cut_between_characters(void **state)
{
    (void)state;
    char metadata[8000];
    struct upload_metadata read;
    struct problem problem = { 0 };
    long_value("title", 900, metadata);
    assert_true(upload_metadata_read(metadata, &read, &problem));
    assert_int_equal(strlen(read.title), 300);
    assert_true(text_is_line(read.title, TITLE_BYTES_MAX));
    long_value("filename", 900, metadata);
    assert_true(upload_metadata_read(metadata, &read, &problem));
    assert_int_equal(strlen(read.file_name), 255);
    assert_true(text_is_line(read.file_name, FILE_NAME_BYTES_MAX));
    long_value("title", 1100, metadata);
    assert_false(upload_metadata_read(metadata, &read, &problem));
    assert_string_equal(problem.field, "Upload-Metadata");
}

static void keys_are_at_most_32(void **state)
{
    (void)state;
    char metadata[400] = "a0";
    struct upload_metadata read;
    struct problem problem = { 0 };
    for (int i = 1; i < 32; i++)
        (void)snprintf(metadata + strlen(metadata), sizeof metadata - strlen(metadata), ",a%d", i);
    assert_true(upload_metadata_read(metadata, &read, &problem));
    (void)snprintf(metadata + strlen(metadata), sizeof metadata - strlen(metadata), ",a32");
    assert_false(upload_metadata_read(metadata, &read, &problem));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_titles_and_languages_are_read),
        cmocka_unit_test(what_is_too_long_is_cut_between_characters),
        cmocka_unit_test(keys_are_at_most_32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
