#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/upload_fields.h"

#define ONE "01890000-0000-7000-8000-000000000001"
#define TWO "01890000-0000-7000-8000-000000000002"
#define AT "/api/v1/uploads/"

static void checksums_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *story, *field;
        bool good;
    } cases[] = {
        { "SHA-1", "sha1 Lve95gjOVATpfV8EL5X4nxwjKHE=", true },
        { "SHA-256", "sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", true },
        { "an algorithm of others", "md5 1B2M2Y8AsgTpgAmY7PhCfg==", false },
        { "in capitals", "SHA1 Lve95gjOVATpfV8EL5X4nxwjKHE=", false },
        { "a digest of another length", "sha1 Lve95gjOVATpfV8EL5X4nxwj", false },
        { "a digest that is longer",
            "sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFUAAAA=", false },
        { "no padding", "sha1 Lve95gjOVATpfV8EL5X4nxwjKHE", false },
        { "no digest", "sha1 ", false },
        { "no space", "sha1", false },
        { "two spaces", "sha1  Lve95gjOVATpfV8EL5X4nxwjKHE=", false },
        { "nothing", "", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct upload_checksum checksum;
        struct problem problem = { 0 };
        if (upload_checksum_read(cases[i].field, &checksum, &problem) != cases[i].good
            || (!cases[i].good && problem.kind != PROBLEM_BAD_REQUEST))
            fail_msg("%s", cases[i].story);
    }
}

static void concatenations_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *story, *field;
        enum upload_kind kind;
        size_t parts; /* of a final one; 0: refused */
    } cases[] = {
        { "none", NULL, UPLOAD_WHOLE, 0 },
        { "a part", "partial", UPLOAD_PARTIAL, 0 },
        { "one", "final;" AT ONE, UPLOAD_FINAL, 1 },
        { "two", "final;" AT ONE " " AT TWO, UPLOAD_FINAL, 2 },
        { "with the server's name", "final;https://a.example:8443" AT ONE " http://b" AT TWO,
            UPLOAD_FINAL, 2 },
        { "twice the same", "final;" AT ONE " " AT ONE, UPLOAD_FINAL, 0 },
        { "a space at the end", "final;" AT ONE " ", UPLOAD_FINAL, 0 },
        { "a space before", "final; " AT ONE, UPLOAD_FINAL, 0 },
        { "two spaces", "final;" AT ONE "  " AT TWO, UPLOAD_FINAL, 0 },
        { "none named", "final;", UPLOAD_FINAL, 0 },
        { "another path", "final;/files/" ONE, UPLOAD_FINAL, 0 },
        { "a longer path", "final;" AT ONE "/x", UPLOAD_FINAL, 0 },
        { "no id", "final;" AT "01890000-0000-7000-8000-00000000000g", UPLOAD_FINAL, 0 },
        { "a name without a path", "final;https://a.example", UPLOAD_FINAL, 0 },
        { "no scheme", "final;://", UPLOAD_FINAL, 0 },
        { "something else", "finale", UPLOAD_FINAL, 0 },
        { "capitals", "Partial", UPLOAD_FINAL, 0 },
        { "empty", "", UPLOAD_FINAL, 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct upload_concat concat;
        struct problem problem = { 0 };
        bool good = cases[i].kind != UPLOAD_FINAL || cases[i].parts > 0;
        if (upload_concat_read(cases[i].field, &concat, &problem) != good
            || (good && (concat.kind != cases[i].kind || concat.part_count != cases[i].parts))
            || (!good && problem.kind != PROBLEM_BAD_REQUEST))
            fail_msg("%s", cases[i].story);
        if (good && concat.part_count > 1)
            assert_string_equal(concat.part_ids[1], TWO);
    }
}

static void parts_are_counted(void **state)
{
    (void)state;
    char field[UPLOAD_CONCAT_SIZE];
    struct upload_concat concat;
    for (size_t count = UPLOAD_PARTS_MAX; count <= UPLOAD_PARTS_MAX + 1; count++) {
        struct problem problem = { 0 };
        size_t length = (size_t)snprintf(field, sizeof field, "final;");
        for (size_t i = 0; i < count; i++)
            length += (size_t)snprintf(field + length, sizeof field - length,
                "%s" AT "01890000-0000-7000-8000-%012zu", i > 0 ? " " : "", i);
        assert_int_equal(upload_concat_read(field, &concat, &problem), count <= UPLOAD_PARTS_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksums_are_read_strictly),
        cmocka_unit_test(concatenations_are_read_strictly),
        cmocka_unit_test(parts_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
