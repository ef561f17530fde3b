/* The table of commands against its own rules, and against docs/commands.md. */
#include "../unit.h"
#include "cli/command_line.h"

#include "base/files.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void every_entry_is_whole(void **state)
{
    (void)state;
    for (const struct command *const *command = all_commands; *command; command++) {
        const struct command *one = *command;
        assert_non_null(one->run);
        assert_true(one->name && one->arguments && one->summary);
        const char *space = strchr(one->name, ' '); /* at most three words */
        assert_true(!space || strchr(space + 1, ' ') == NULL
                    || strchr(space + 1, ' ') == strrchr(one->name, ' '));
        assert_true(strlen(one->name) < GROUP_NAME_SIZE);
        assert_true(one->arguments_least <= one->arguments_most);
        assert_true(one->file_argument <= one->arguments_most);
        assert_true(one->summary[strlen(one->summary) - 1] != '.');
        assert_true(!one->help || one->help[strlen(one->help) - 1] == '.');
        for (size_t i = 0; i < COMMAND_OPTIONS_MAX && one->options[i].name; i++) {
            assert_non_null(one->options[i].help);
            assert_true(!one->options[i].required || one->options[i].value);
            assert_true(one->options[i].help[strlen(one->options[i].help) - 1] == '.');
        }
    }
}

static void names_are_unique_and_none_is_the_group_of_another(void **state)
{
    (void)state;
    for (size_t i = 0; all_commands[i]; i++)
        for (size_t j = 0; all_commands[j]; j++) {
            const char *left = all_commands[i]->name, *right = all_commands[j]->name;
            assert_true(i == j || strcmp(left, right) != 0);
            assert_false(text_starts_with(right, left) && right[strlen(left)] == ' ');
        }
}

static bool has_option(const struct command *command, const char *name)
{
    for (size_t i = 0; i < COMMAND_OPTIONS_MAX && command->options[i].name; i++)
        if (text_equal(command->options[i].name, name))
            return true;
    return false;
}

static void passwords_never_come_as_arguments(void **state)
{
    (void)state;
    for (size_t i = 0; all_commands[i]; i++) {
        assert_false(has_option(all_commands[i], "password"));
        assert_int_equal(
            all_commands[i]->takes_password, has_option(all_commands[i], "password-stdin"));
    }
}

static void the_manual_names_every_command_and_option(void **state)
{
    (void)state;
    char *manual;
    size_t length;
    struct problem problem = { 0 };
    assert_true(file_read_whole(
        LECTERN_SOURCE_DIR "/docs/commands.md", 1 << 20, &manual, &length, &problem));
    for (size_t i = 0; all_commands[i]; i++) {
        const struct command *command = all_commands[i];
        char wanted[64];
        (void)snprintf(wanted, sizeof wanted, "| `%s", command->name);
        const char *row = strstr(manual, wanted);
        if (!row)
            fail_msg("docs/commands.md has no row for '%s'", command->name);
        const char *end = strchr(row, '\n');
        for (size_t j = 0; j < COMMAND_OPTIONS_MAX && command->options[j].name; j++) {
            (void)snprintf(wanted, sizeof wanted, "--%s", command->options[j].name);
            const char *option = strstr(row, wanted);
            if (!text_equal(command->options[j].name, "json") && (!option || option > end))
                fail_msg("docs/commands.md, '%s': %s is missing", command->name, wanted);
        }
    }
    free(manual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entry_is_whole),
        cmocka_unit_test(names_are_unique_and_none_is_the_group_of_another),
        cmocka_unit_test(passwords_never_come_as_arguments),
        cmocka_unit_test(the_manual_names_every_command_and_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
