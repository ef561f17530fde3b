#include "cli/help.h"

#include <stdio.h>
#include <string.h>

enum { NAME_COLUMNS = 24, LINE_COLUMNS = 92 };

static const char common_options[]
    = "  --config FILE           Settings file; else /etc/lectern/lectern.conf where it is there.\n"
      "  --set NAME=VALUE        A setting for this call; stronger than file and environment.\n"
      "  --help                  This text; after a command, its own.\n";

/* Sentences, broken at spaces. */
static void print_wrapped(struct text *text, const char *words, size_t indent)
{
    size_t column = 0;
    while (*words) {
        size_t length = strcspn(words, " ");
        if (column > 0 && column + 1 + length > LINE_COLUMNS - indent) {
            text_append_string(text, "\n");
            text_printf(text, "%*s", (int)indent, "");
            column = 0;
        } else if (column > 0) {
            text_append_string(text, " ");
            column++;
        }
        text_append(text, words, length);
        column += length;
        words += length;
        words += strspn(words, " ");
    }
    text_append_string(text, "\n");
}

static void print_usage(const struct command *command, struct text *text)
{
    text_printf(text, "Usage: lectern %s", command->name);
    if (command->arguments[0] != '\0')
        text_printf(text, " %s", command->arguments);
    for (size_t i = 0; i < COMMAND_OPTIONS_MAX && command->options[i].name; i++)
        if (command->options[i].required)
            text_printf(text, " --%s %s", command->options[i].name, command->options[i].value);
    text_append_string(text, " [options]\n\n");
}

static void print_command(const struct command *command, struct text *text)
{
    print_usage(command, text);
    text_printf(text, "%s.\n", command->summary);
    if (command->help) {
        text_append_string(text, "\n");
        print_wrapped(text, command->help, 0);
    }
    text_append_string(text, "\nOptions:\n");
    for (size_t i = 0; i < COMMAND_OPTIONS_MAX && command->options[i].name; i++) {
        const struct command_option *option = &command->options[i];
        char name[64];
        (void)snprintf(
            name, sizeof name, "--%s %s", option->name, option->value ? option->value : "");
        text_printf(text, "  %-*s", NAME_COLUMNS - 1, name);
        text_append_string(
            text, strlen(name) >= NAME_COLUMNS ? "\n                          " : " ");
        print_wrapped(text, option->help, NAME_COLUMNS + 2);
    }
    text_append_string(text, common_options);
}

/* group: the first word of the commands to list, or "" for all. */
static void print_list(const struct command *const *commands, const char *group, struct text *text)
{
    size_t length = strlen(group);
    for (; *commands; commands++) {
        const char *name = (*commands)->name;
        if (length == 0 || (strncmp(name, group, length) == 0 && name[length] == ' '))
            text_printf(text, "  %-*s %s\n", NAME_COLUMNS - 1, name, (*commands)->summary);
    }
}

void help_print(
    const struct command *const *commands, const struct command_line *line, struct text *text)
{
    if (line->command) {
        print_command(line->command, text);
        return;
    }
    if (line->group[0] == '\0')
        text_append_string(text, "Lectern serves lectures to the participants of programs, and "
                                 "keeps a viewing log.\n\n");
    text_printf(text, "Usage: lectern %s%sCOMMAND [options]\n\nCommands:\n", line->group,
        line->group[0] == '\0' ? "" : " ");
    print_list(commands, line->group, text);
    text_printf(text, "\nOptions:\n%s", common_options);
    text_append_string(text, "\nBeside a running server, commands are carried out by it; else they "
                             "open the data folder themselves.\n"
                             "'lectern COMMAND --help' says more. docs/commands.md shows a whole "
                             "course from the shell alone.\n");
}
