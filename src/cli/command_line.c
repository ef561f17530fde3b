#include "cli/command_line.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

struct parser {
    const struct command *const *commands;
    size_t argc, at;
    char *const *argv;
    struct command_line *line;
    struct problem *problem;
    bool help, version, options_ended;
};

static const struct command *find_command(const struct parser *parser, const char *name)
{
    for (const struct command *const *command = parser->commands; *command; command++)
        if (text_equal((*command)->name, name))
            return *command;
    return NULL;
}

static bool is_group(const struct parser *parser, const char *word)
{
    size_t length = strlen(word);
    for (const struct command *const *command = parser->commands; *command; command++)
        if (strncmp((*command)->name, word, length) == 0 && (*command)->name[length] == ' ')
            return true;
    return false;
}

static const struct command_option *find_option(
    const struct command *command, const char *name, size_t length)
{
    for (size_t i = 0; command && i < COMMAND_OPTIONS_MAX && command->options[i].name; i++)
        if (strlen(command->options[i].name) == length
            && memcmp(command->options[i].name, name, length) == 0)
            return &command->options[i];
    return NULL;
}

/* "--title, --language": what a person may have meant. */
static const char *list_options(const struct command *command, char *buffer, size_t size)
{
    size_t used = (size_t)snprintf(buffer, size, "--config, --set, --help");
    for (size_t i = 0; command && i < COMMAND_OPTIONS_MAX && command->options[i].name; i++)
        if (used < size)
            used
                += (size_t)snprintf(buffer + used, size - used, ", --%s", command->options[i].name);
    return buffer;
}

/* The value after "=", or the next word. */
static const char *take_value(struct parser *parser, const char *name, size_t length)
{
    if (name[length] == '=')
        return name + length + 1;
    if (parser->at < parser->argc)
        return parser->argv[parser->at++];
    problem_set(
        parser->problem, PROBLEM_SETTING, "--%.*s needs a value after it.", (int)length, name);
    return NULL;
}

static bool take_common_option(
    struct parser *parser, const char *name, size_t length, bool *ret_taken)
{
    struct command_line *line = parser->line;
    bool set = length == 3 && memcmp(name, "set", 3) == 0;
    bool config = length == 6 && memcmp(name, "config", 6) == 0;
    bool bare = name[length] == '\0';
    *ret_taken = true;
    if (set || config) {
        const char *value = take_value(parser, name, length);
        if (!value)
            return false;
        if (config)
            line->config = value;
        else if (line->set_count == LINE_SETS_MAX)
            return problem_set(
                parser->problem, PROBLEM_SETTING, "At most %d --set are taken.", LINE_SETS_MAX);
        else
            line->sets[line->set_count++] = value;
    } else if (bare && text_equal(name, "help")) {
        parser->help = true;
    } else if (bare && text_equal(name, "version") && !line->command) {
        parser->version = true;
    } else {
        *ret_taken = false;
    }
    return true;
}

static bool refuse_option(struct parser *parser, const char *name, size_t length)
{
    const struct command *command = parser->line->command;
    char names[200];
    return problem_set(parser->problem, PROBLEM_SETTING,
        "%s%sthere is no option --%.*s. It may be one of: %s.", command ? command->name : "",
        command ? ": " : "", (int)(length > 60 ? 60 : length), name,
        list_options(command, names, sizeof names));
}

/* The command's own option; name lies after the dashes. */
static bool take_option(struct parser *parser, const char *name)
{
    struct command_line *line = parser->line;
    size_t length = strcspn(name, "=");
    bool taken;
    if (!take_common_option(parser, name, length, &taken))
        return false;
    if (taken)
        return true;
    const struct command_option *option = find_option(line->command, name, length);
    if (!option)
        return refuse_option(parser, name, length);
    if (command_option(line, option->name))
        return problem_set(parser->problem, PROBLEM_SETTING, "--%s is given twice.", option->name);
    const char *value = "";
    if (option->value)
        value = take_value(parser, name, length);
    else if (name[length] == '=')
        return problem_set(parser->problem, PROBLEM_SETTING, "--%s takes no value.", option->name);
    if (!value)
        return false;
    line->options[line->option_count++] = (struct command_value){ option, value };
    return true;
}

static bool refuse_word(struct parser *parser, const char *word)
{
    return problem_set(parser->problem, PROBLEM_SETTING,
        "There is no command '%.60s'. 'lectern --help' lists them.", word);
}

/* A word that is not an option, before the command is known: its name, or the next part of it. */
static bool take_command_word(struct parser *parser, const char *word)
{
    struct command_line *line = parser->line;
    char name[GROUP_NAME_SIZE];
    const char *space = line->group[0] == '\0' ? "" : " ";
    if (snprintf(name, sizeof name, "%s%s%s", line->group, space, word) < (int)sizeof name) {
        line->command = find_command(parser, name);
        if (line->command)
            return true;
        if (is_group(parser, name)) {
            (void)snprintf(line->group, sizeof line->group, "%s", name);
            return true;
        }
    }
    return line->group[0] == '\0'
               ? refuse_word(parser, word)
               : problem_set(parser->problem, PROBLEM_SETTING,
                   "There is no command '%s %.40s'. 'lectern %s --help' lists those there are.",
                   line->group, word, line->group);
}

static bool take_argument(struct parser *parser, const char *word)
{
    struct command_line *line = parser->line;
    size_t most = line->command->arguments_most;
    if (line->argument_count >= most || line->argument_count >= LINE_ARGUMENTS_MAX)
        return problem_set(parser->problem, PROBLEM_SETTING,
            "%s: '%.60s' is one word too many. Usage: lectern %s %s", line->command->name, word,
            line->command->name, line->command->arguments);
    line->arguments[line->argument_count++] = word;
    return true;
}

static bool take_word(struct parser *parser)
{
    const char *word = parser->argv[parser->at++];
    if (!parser->options_ended && text_equal(word, "--")) {
        parser->options_ended = true;
        return true;
    }
    if (!parser->options_ended && text_equal(word, "-h")) {
        parser->help = true;
        return true;
    }
    if (!parser->options_ended && text_starts_with(word, "--"))
        return take_option(parser, word + 2);
    if (!parser->options_ended && word[0] == '-' && word[1] != '\0')
        return problem_set(parser->problem, PROBLEM_SETTING,
            "Options begin with two dashes, unlike '%.60s'. Put -- before a word that begins with "
            "one.",
            word);
    return parser->line->command ? take_argument(parser, word) : take_command_word(parser, word);
}

static bool check_complete(const struct parser *parser)
{
    const struct command_line *line = parser->line;
    const struct command *command = line->command;
    if (!command && line->group[0] != '\0')
        return problem_set(parser->problem, PROBLEM_SETTING,
            "'lectern %s' needs another word. 'lectern %s --help' lists them.", line->group,
            line->group);
    if (!command)
        return problem_set(
            parser->problem, PROBLEM_SETTING, "Which command? 'lectern --help' lists them.");
    if (line->argument_count < command->arguments_least)
        return problem_set(parser->problem, PROBLEM_SETTING,
            "%s: something is missing. Usage: lectern %s %s", command->name, command->name,
            command->arguments);
    for (size_t i = 0; i < COMMAND_OPTIONS_MAX && command->options[i].name; i++)
        if (command->options[i].required && !command_option(line, command->options[i].name))
            return problem_set(parser->problem, PROBLEM_SETTING,
                "%s: --%s %s is missing. 'lectern %s --help' says more.", command->name,
                command->options[i].name, command->options[i].value, command->name);
    return true;
}

enum command_parse command_line_parse(const struct command *const *commands, size_t argc,
    char *const *argv, struct command_line *ret_line, struct problem *problem)
{
    *ret_line = (struct command_line){ 0 };
    struct parser parser = {
        .commands = commands, .argc = argc, .argv = argv, .line = ret_line, .problem = problem
    };
    while (parser.at < argc && !parser.help)
        if (!take_word(&parser))
            return PARSE_WRONG;
    if (parser.help)
        return PARSE_HELP;
    if (parser.version)
        return PARSE_VERSION;
    return check_complete(&parser) ? PARSE_RUN : PARSE_WRONG;
}

const char *command_option(const struct command_line *line, const char *name)
{
    for (size_t i = 0; i < line->option_count; i++)
        if (text_equal(line->options[i].option->name, name))
            return line->options[i].value;
    return NULL;
}

bool command_flag(const struct command_line *line, const char *name)
{
    return command_option(line, name);
}

bool command_number(const struct command_line *line, const char *name, int64_t least, int64_t most,
    int64_t *ret_value, struct problem *problem)
{
    const char *value = command_option(line, name);
    if (!value)
        return true;
    return text_to_int64(value, strlen(value), least, most, ret_value)
           || problem_set(problem, PROBLEM_SETTING,
               "--%s must be a whole number from %lld to %lld, not '%.40s'.", name,
               (long long)least, (long long)most, value);
}
