#include "api/attachment.h"
#include "../unit.h"

#include <string.h>

#define SUFFIX "2026-11-22.csv"

static void a_file_is_named_in_ascii_and_in_full(void **state)
{
    (void)state;
    static const struct {
        const char *story, *name, *ascii, *full;
    } cases[] = {
        { "plain", "Vietnam team", "report-Vietnam-team-" SUFFIX, "report-Vietnam%20team-" SUFFIX },
        { "letters beyond ASCII", "Đội Hà Nội 2", "report-i-H-N-i-2-" SUFFIX,
            "report-%C4%90%E1%BB%99i%20H%C3%A0%20N%E1%BB%99i%202-" SUFFIX },
        { "none within ASCII", "Монгол", "report-" SUFFIX,
            "report-%D0%9C%D0%BE%D0%BD%D0%B3%D0%BE%D0%BB-" SUFFIX },
        { "no name", "", "report-" SUFFIX, "report--" SUFFIX },
        { "a quote", "a\"; filename=\"b.exe", "report-a-filename-b-exe-" SUFFIX,
            "report-a%22%3B%20filename%3D%22b.exe-" SUFFIX },
        { "another field", "a\r\nSet-Cookie: b=c", "report-a-Set-Cookie-b-c-" SUFFIX,
            "report-a--Set-Cookie-%20b%3Dc-" SUFFIX },
        { "a path", "../..\\C:\\a", "report-C-a-" SUFFIX, "report-..-..-C--a-" SUFFIX },
        { "percent signs and quotes", "50% 'a'*", "report-50-a-" SUFFIX,
            "report-50%25%20%27a%27%2A-" SUFFIX },
        { "hyphens at both ends", " -a- ", "report-a-" SUFFIX, "report-%20-a-%20-" SUFFIX },
        { "long", "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgg",
            "report-aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff-" SUFFIX,
            "report-aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgg-" SUFFIX },
        { "long with a gap at the end",
            "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeefffffffff ggg",
            "report-aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeefffffffff-g-" SUFFIX,
            "report-aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeefffffffff%20ggg-" SUFFIX },
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *expected = arena_printf(&arena,
            "attachment; filename=\"%s\"; filename*=UTF-8''%s", cases[i].ascii, cases[i].full);
        const char *value = attachment_value(&arena, "report", cases[i].name, SUFFIX);
        if (strcmp(value, expected) != 0)
            fail_msg("%s: %s", cases[i].story, value);
    }
    arena_release(&arena);
}

static void no_byte_breaks_out(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    for (int byte = 1; byte < 256; byte++) {
        char name[] = { 'a', (char)byte, 'b', '\0' };
        const char *value = attachment_value(&arena, "r", name, "s");
        size_t quotes = 0;
        for (const char *at = value; *at; at++) {
            quotes += *at == '"';
            assert_true(*at >= 0x20 && *at < 0x7f);
        }
        assert_int_equal(quotes, 2);
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_named_in_ascii_and_in_full),
        cmocka_unit_test(no_byte_breaks_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
