#include "cli/output.h"
#include "../unit.h"

#include <string.h>

struct heard {
    struct text out, error;
};

static void hear(void *data, enum command_stream stream, const char *bytes, size_t count)
{
    struct heard *heard = data;
    text_append(stream == STREAM_OUT ? &heard->out : &heard->error, bytes, count);
}

static void ignore_progress(void *data, int permille)
{
    (void)data;
    (void)permille;
}

static bool stay(void *data)
{
    (void)data;
    return false;
}

static void columns_line_up_in_every_script(void **state)
{
    (void)state;
    static const char *const headings[] = { "NAME", "N" };
    struct heard heard;
    text_init(&heard.out, 10000);
    text_init(&heard.error, 10000);
    const struct command_output output = { hear, ignore_progress, stay, &heard };
    struct command_context context = { .output = &output };
    struct table table;
    table_init(&table, 2, headings);
    static const char *const names[]
        = { "abcdef", "Th\xc3\xba" /* precomposed */, "Thu\xcc\x81" /* combining */,
              "\xe5\x8a\xb4\xe5\x83\x8d" /* wide */, "\xd0\x9c\xd0\xbd" /* Cyrillic */, NULL };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        table_cell(&table, names[i]);
        table_cell_format(&table, "%zu", i);
    }
    table_print(&table, &context, "");
    assert_string_equal(heard.out.bytes, "NAME    N\n"
                                         "abcdef  0\n"
                                         "Th\xc3\xba     1\n"
                                         "Thu\xcc\x81     2\n"
                                         "\xe5\x8a\xb4\xe5\x83\x8d    3\n"
                                         "\xd0\x9c\xd0\xbd      4\n"
                                         "-       5\n");
    text_release(&heard.out);
    text_release(&heard.error);
}

static void an_empty_table_says_so(void **state)
{
    (void)state;
    static const char *const headings[] = { "NAME" };
    struct heard heard;
    text_init(&heard.out, 100);
    text_init(&heard.error, 100);
    const struct command_output output = { hear, ignore_progress, stay, &heard };
    struct command_context context = { .output = &output };
    struct table table;
    table_init(&table, 1, headings);
    table_print(&table, &context, "There is nothing yet.");
    assert_string_equal(heard.out.bytes, "There is nothing yet.\n");
    text_release(&heard.out);
    text_release(&heard.error);
}

static void other_people_s_text_cannot_steer_a_terminal(void **state)
{
    (void)state;
    static const struct {
        const char *story, *text, *shown;
    } cases[] = {
        { "plain", "Ganbold", "Ganbold" },
        { "an escape", "a\033[2Jb", "a?[2Jb" },
        { "a line break", "a\r\nb", "a??b" },
        { "C1 control",
            "a\xc2\x9b"
            "b",
            "a?b" },
        { "line separator",
            "a\xe2\x80\xa8"
            "b",
            "a?b" },
        { "not UTF-8",
            "a\xff"
            "b",
            "a?b" },
        { "cut off", "a\xe3\x81", "a?" },
        { "empty", "", "" },
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (strcmp(printable(&arena, cases[i].text), cases[i].shown) != 0)
            fail_msg("%s: '%s'", cases[i].story, printable(&arena, cases[i].text));
    arena_release(&arena);
}

static void problems_are_sentences_with_their_detail_once(void **state)
{
    (void)state;
    struct problem problems[4] = { 0 };
    problem_set(&problems[0], PROBLEM_STORAGE, "open '/x': no");
    problem_set_field(&problems[1], "time_zone", "must be an IANA time zone");
    problem_set(&problems[2], PROBLEM_SETTING, "There is no setting 'x'.");
    problem_set(&problems[3], PROBLEM_NOT_FOUND, "no program 'x'");
    static const char *const expected[] = { "The disk or the store failed. (open '/x': no)",
        "time_zone: must be an IANA time zone", "There is no setting 'x'.",
        "There is nothing with this id. List what there is, and check it. (no program 'x')" };
    for (size_t i = 0; i < COUNT_OF(problems); i++) {
        struct text text;
        text_init(&text, 2000);
        problem_describe(&problems[i], &text);
        assert_string_equal(text.bytes, expected[i]);
        text_release(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_line_up_in_every_script),
        cmocka_unit_test(an_empty_table_says_so),
        cmocka_unit_test(other_people_s_text_cannot_steer_a_terminal),
        cmocka_unit_test(problems_are_sentences_with_their_detail_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
