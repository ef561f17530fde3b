#include "cli/command_line.h"
#include "../unit.h"

#include "cli/help.h"

#include <string.h>

static int run_nothing(struct command_context *context, const struct command_line *line)
{
    (void)context;
    (void)line;
    return COMMAND_DONE;
}

static const struct command add = {
    .name = "thing add",
    .arguments = "BOX THING...",
    .arguments_least = 1,
    .arguments_most = 3,
    .summary = "Add things",
    .options = {
        { "title", "TEXT", "Its title.", true },
        { "count", "N", "How many.", false },
        { "json", NULL, "Print JSON.", false },
    },
    .run = run_nothing,
};
static const struct command list
    = { .name = "thing list", .arguments = "", .summary = "List things", .run = run_nothing };
static const struct command alone
    = { .name = "alone", .arguments = "", .summary = "Stand alone", .run = run_nothing };
static const struct command *const table[] = { &add, &list, &alone, NULL };

enum { WORDS_MAX = 20 };

static enum command_parse parse(
    const char *const *words, struct command_line *line, struct problem *problem)
{
    size_t count = 0;
    while (words[count])
        count++;
    *problem = (struct problem){ 0 };
    return command_line_parse(table, count, (char *const *)(uintptr_t)words, line, problem);
}

static void a_command_is_found_with_its_arguments_and_options(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        const char *words[WORDS_MAX];
    } cases[] = {
        { "options after", { "thing", "add", "box", "one", "--title", "A b", "--json" } },
        { "options between", { "thing", "add", "--title=A b", "box", "--json", "one" } },
        { "a double dash", { "thing", "add", "--json", "--title", "A b", "--", "box", "one" } },
        { "common ones in front",
            { "--config", "f", "thing", "add", "box", "one", "--json", "--title=A b" } },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct command_line line;
        struct problem problem;
        if (parse(cases[i].words, &line, &problem) != PARSE_RUN)
            fail_msg("%s: %s", cases[i].story, problem.detail);
        assert_ptr_equal(line.command, &add);
        assert_int_equal(line.argument_count, 2);
        assert_string_equal(line.arguments[0], "box");
        assert_string_equal(line.arguments[1], "one");
        assert_string_equal(command_option(&line, "title"), "A b");
        assert_true(command_flag(&line, "json"));
        assert_null(command_option(&line, "count"));
    }
}

static void settings_are_collected_in_order(void **state)
{
    (void)state;
    static const char *const words[]
        = { "--set", "port=1", "alone", "--set=port=2", "--config=here.conf", NULL };
    struct command_line line;
    struct problem problem;
    assert_int_equal(parse(words, &line, &problem), PARSE_RUN);
    assert_int_equal(line.set_count, 2);
    assert_string_equal(line.sets[0], "port=1");
    assert_string_equal(line.sets[1], "port=2");
    assert_string_equal(line.config, "here.conf");
}

static void a_word_that_begins_with_a_dash_is_an_argument_after_two(void **state)
{
    (void)state;
    static const char *const words[] = { "thing", "add", "--title=t", "--", "--json", "-x", NULL };
    struct command_line line;
    struct problem problem;
    assert_int_equal(parse(words, &line, &problem), PARSE_RUN);
    assert_false(command_flag(&line, "json"));
    assert_string_equal(line.arguments[0], "--json");
    assert_string_equal(line.arguments[1], "-x");
}

static void an_empty_value_is_a_value(void **state)
{
    (void)state;
    static const char *const words[] = { "thing", "add", "b", "--title=", "--count", "", NULL };
    struct command_line line;
    struct problem problem;
    assert_int_equal(parse(words, &line, &problem), PARSE_RUN);
    assert_string_equal(command_option(&line, "title"), "");
    assert_string_equal(command_option(&line, "count"), "");
}

static void what_is_wrong_is_said_with_what_to_do(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        const char *words[WORDS_MAX];
        const char *said;
    } cases[] = {
        { "nothing", { NULL }, "lectern --help" },
        { "unknown command", { "thign" }, "There is no command 'thign'" },
        { "half a command", { "thing" }, "lectern thing --help" },
        { "unknown second word", { "thing", "eat" }, "There is no command 'thing eat'" },
        { "prefix of a group", { "thin" }, "There is no command 'thin'" },
        { "unknown option", { "thing", "add", "b", "--titel", "x" }, "--title" },
        { "prefix of an option", { "thing", "add", "b", "--titl", "x" }, "no option --titl" },
        { "option before the command", { "--title", "x", "thing", "add" }, "no option --title" },
        { "single dash", { "thing", "add", "-t" }, "two dashes" },
        { "value missing", { "thing", "add", "b", "--title" }, "needs a value" },
        { "config without a file", { "alone", "--config" }, "needs a value" },
        { "flag with a value", { "thing", "add", "b", "--title=x", "--json=1" }, "takes no value" },
        { "twice", { "thing", "add", "b", "--title=x", "--title=y" }, "given twice" },
        { "required missing", { "thing", "add", "b" }, "--title TEXT is missing" },
        { "argument missing", { "thing", "add", "--title=x" }, "Usage: lectern thing add BOX" },
        { "one too many", { "alone", "more" }, "one word too many" },
        { "version after a command", { "alone", "--version" }, "no option --version" },
        { "nothing after the dashes", { "thing", "add", "--=x" }, "no option --" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct command_line line;
        struct problem problem;
        assert_int_equal(parse(cases[i].words, &line, &problem), PARSE_WRONG);
        assert_int_equal(problem.kind, PROBLEM_SETTING);
        if (!strstr(problem.detail, cases[i].said))
            fail_msg("%s: '%s' does not say '%s'", cases[i].story, problem.detail, cases[i].said);
    }
}

static void more_words_than_fit_are_refused(void **state)
{
    (void)state;
    static const struct command greedy
        = { .name = "greedy", .arguments = "...", .arguments_most = SIZE_MAX };
    static const struct command *const greedy_table[] = { &greedy, NULL };
    static char word[] = "w", name[] = "greedy", set[] = "--set=a=b";
    char *words[LINE_ARGUMENTS_MAX + 2] = { name };
    for (size_t i = 1; i < COUNT_OF(words); i++)
        words[i] = word;
    struct command_line line;
    struct problem problem = { 0 };
    assert_int_equal(
        command_line_parse(greedy_table, COUNT_OF(words) - 1, words, &line, &problem), PARSE_RUN);
    assert_int_equal(
        command_line_parse(greedy_table, COUNT_OF(words), words, &line, &problem), PARSE_WRONG);
    for (size_t i = 1; i < COUNT_OF(words); i++)
        words[i] = set;
    problem_clear(&problem);
    assert_int_equal(
        command_line_parse(greedy_table, COUNT_OF(words), words, &line, &problem), PARSE_WRONG);
    assert_non_null(strstr(problem.detail, "--set"));
}

static void endless_words_do_not_overrun(void **state)
{
    (void)state;
    static char endless[20000];
    memset(endless, 'x', sizeof endless - 1);
    memcpy(endless, "--", 2);
    const char *const as_option[] = { "thing", "add", endless, NULL };
    const char *const as_command[] = { endless + 2, NULL };
    const char *const as_second[] = { "thing", endless + 2, NULL };
    const char *const as_argument[] = { "alone", endless + 2, NULL };
    const char *const *const all[] = { as_option, as_command, as_second, as_argument };
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        struct command_line line;
        struct problem problem;
        assert_int_equal(parse(all[i], &line, &problem), PARSE_WRONG);
        assert_true(strlen(problem.detail) < sizeof problem.detail);
    }
}

static void help_is_asked_for_anywhere(void **state)
{
    (void)state;
    static const struct {
        const char *words[WORDS_MAX];
        const char *shows, *hides;
    } cases[] = {
        { { "--help" }, "alone", NULL }, { { "-h" }, "thing list", NULL },
        { { "thing", "--help" }, "thing add", "Stand alone" },
        { { "thing", "add", "--help" }, "--title TEXT", "thing list" },
        { { "thing", "add", "--count", "--help" }, NULL, NULL }, /* a value, not help */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct command_line line;
        struct problem problem;
        enum command_parse parsed = parse(cases[i].words, &line, &problem);
        assert_int_equal(parsed, cases[i].shows ? PARSE_HELP : PARSE_WRONG);
        if (!cases[i].shows)
            continue;
        struct text text;
        text_init(&text, 100000);
        help_print(table, &line, &text);
        assert_non_null(strstr(text.bytes, cases[i].shows));
        assert_true(!cases[i].hides || !strstr(text.bytes, cases[i].hides));
        text_release(&text);
    }
}

static void numbers_are_whole_and_within_their_range(void **state)
{
    (void)state;
    static const struct {
        const char *option;
        bool taken;
        int64_t value;
    } cases[] = { { "--count=7", true, 7 }, { "--count=11", false, 3 }, { "--count=-1", false, 3 },
        { "--count=1.5", false, 3 }, { "--count=", false, 3 }, { "--count=07x", false, 3 },
        { "--json", true, 3 } };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *const words[] = { "thing", "add", "b", "--title=t", cases[i].option, NULL };
        struct command_line line;
        struct problem problem;
        int64_t value = 3;
        assert_int_equal(parse(words, &line, &problem), PARSE_RUN);
        assert_int_equal(command_number(&line, "count", 0, 10, &value, &problem), cases[i].taken);
        assert_int_equal(value, cases[i].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_is_found_with_its_arguments_and_options),
        cmocka_unit_test(settings_are_collected_in_order),
        cmocka_unit_test(a_word_that_begins_with_a_dash_is_an_argument_after_two),
        cmocka_unit_test(an_empty_value_is_a_value),
        cmocka_unit_test(what_is_wrong_is_said_with_what_to_do),
        cmocka_unit_test(more_words_than_fit_are_refused),
        cmocka_unit_test(endless_words_do_not_overrun),
        cmocka_unit_test(help_is_asked_for_anywhere),
        cmocka_unit_test(numbers_are_whole_and_within_their_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
