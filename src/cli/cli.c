#include "cli/cli.h"

#include "base/clock.h"
#include "base/secure.h"
#include "cli/command_line.h"
#include "cli/control.h"
#include "cli/help.h"
#include "cli/house.h"
#include "cli/new_folder.h"
#include "cli/output.h"
#include "cli/password.h"
#include "cli/settings_source.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Another command, or a server that is just starting or ending, has the folder for so long at most. */
enum { FOLDER_WAIT_MS = 10000, FOLDER_ASK_AGAIN_MS = 100 };

/* What a person's own process holds while its command runs. */
struct terminal {
    bool shows_progress;
    int shown_permille; /* -1: nothing is on the line */
};

static void clear_progress(struct terminal *terminal)
{
    if (terminal->shown_permille >= 0)
        (void)fputs("\r\033[K", stderr);
    terminal->shown_permille = -1;
}

static void terminal_write(void *data, enum command_stream stream, const char *bytes, size_t count)
{
    clear_progress(data);
    FILE *file = stream == STREAM_OUT ? stdout : stderr;
    (void)fwrite(bytes, 1, count, file);
    (void)fflush(file);
}

static void terminal_progress(void *data, int permille)
{
    struct terminal *terminal = data;
    if (!terminal->shows_progress || permille == terminal->shown_permille)
        return;
    (void)fprintf(stderr, "\rPreparing the lecture: %d.%d %%", permille / 10, permille % 10);
    (void)fflush(stderr);
    terminal->shown_permille = permille;
}

/* Ctrl-C ends the process as ever. */
static bool terminal_abandoned(void *data)
{
    (void)data;
    return false;
}

/* "ja_JP.UTF-8" says ja; C and POSIX say nothing, which is English. */
static void find_language(char *ret_language, size_t size)
{
    static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
    const char *value = NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && (!value || !*value); i++)
        value = getenv(names[i]);
    size_t length = value ? strspn(value, "abcdefghijklmnopqrstuvwxyz") : 0;
    bool known = (length == 2 || length == 3) && length < size;
    (void)snprintf(ret_language, size, "%.*s", known ? (int)length : 2, known ? value : "en");
}

/* By the person's own rights, before any others are taken. */
static bool open_input(
    struct command_context *context, const struct command_line *line, struct problem *problem)
{
    size_t place = line->command->file_argument;
    if (place == 0 || line->argument_count < place)
        return true;
    const char *path = line->arguments[place - 1];
    if (line->command->makes_folder) {
        context->input_fd = new_folder_open(path, context->settings, problem);
        return context->input_fd >= 0;
    }
    context->input_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return context->input_fd >= 0
           || problem_set(problem, PROBLEM_CONFLICT, "The file '%.200s' cannot be read: %s.", path,
               strerror(errno));
}

static bool take_password(struct command_context *context, const struct command_line *line,
    char password[PASSWORD_TEXT_SIZE], struct problem *problem)
{
    if (!line->command->takes_password || command_flag(line, "generate-password"))
        return true;
    if (command_flag(line, "password-stdin") ? !password_from_stdin(password, problem)
                                             : !password_from_terminal(password, problem))
        return false;
    context->password = password;
    return true;
}

static int run_here(
    struct command_context *context, const struct command_line *line, struct house *house)
{
    context->db = house->db;
    context->ingest = house->ingest;
    int code = line->command->run(context, line);
    house_close(house);
    return code;
}

/*
 * In the running server, or else here.  The folder may be held for a moment by a server that does not
 * listen yet, or by another command.
 */
static int run_with_store(struct command_context *context, const struct command_line *line)
{
    const char *data = context->settings->data;
    int64_t deadline_ms = clock_steady_ms() + FOLDER_WAIT_MS;
    for (;;) {
        struct problem problem = { 0 };
        struct house house;
        int code = COMMAND_FAILED;
        enum control_reply reply = control_call(data, line, context, &code, &problem);
        if (reply == CONTROL_ANSWERED)
            return code;
        if (reply == CONTROL_LOST)
            return command_problem(context, &problem);
        if (become_owner(data, &problem)
            && house_open(
                &house, context->settings, line->command->place == COMMAND_INGEST, &problem))
            return run_here(context, line, &house);
        if (problem.kind != PROBLEM_CONFLICT || clock_steady_ms() > deadline_ms) {
            context->store_problem = &problem;
            return line->command->place == COMMAND_IF_OPENED ? line->command->run(context, line)
                                                             : command_problem(context, &problem);
        }
        (void)nanosleep(&(struct timespec){ .tv_nsec = FOLDER_ASK_AGAIN_MS * 1000000L }, NULL);
    }
}

static int run_line(const struct command_line *line, const struct command_output *output)
{
    struct settings settings;
    settings_init(&settings);
    char language[8], password[PASSWORD_TEXT_SIZE] = "";
    find_language(language, sizeof language);
    struct command_context context
        = { .settings = &settings, .language = language, .input_fd = -1, .output = output };
    struct problem problem = { 0 };
    int code;
    if (!settings_gather(&settings, line, &problem) || !open_input(&context, line, &problem)
        || !take_password(&context, line, password, &problem))
        code = command_problem(&context, &problem);
    else if (line->command->place == COMMAND_ALONE)
        code = line->command->run(&context, line);
    else
        code = run_with_store(&context, line);
    secure_wipe(password, sizeof password);
    if (context.input_fd >= 0)
        (void)close(context.input_fd);
    settings_release(&settings);
    return code;
}

static int print_help(const struct command_line *line)
{
    struct text text;
    text_init(&text, 1 << 20);
    help_print(all_commands, line, &text);
    (void)fputs(text.bytes, stdout);
    text_release(&text);
    return COMMAND_DONE;
}

int cli_main(int argc, char **argv)
{
    (void)signal(SIGPIPE, SIG_IGN);
    struct terminal terminal
        = { .shows_progress = isatty(STDERR_FILENO) == 1, .shown_permille = -1 };
    const struct command_output output
        = { terminal_write, terminal_progress, terminal_abandoned, &terminal };
    struct command_context context = { .output = &output };
    struct command_line line;
    struct problem problem = { 0 };
    size_t count = argc > 0 ? (size_t)argc - 1 : 0;
    int code = COMMAND_DONE;
    switch (command_line_parse(all_commands, count, argv + 1, &line, &problem)) {
    case PARSE_RUN:
        code = run_line(&line, &output);
        break;
    case PARSE_HELP:
        code = print_help(&line);
        break;
    case PARSE_VERSION:
        command_print(&context, "lectern %s\n", LECTERN_VERSION);
        break;
    case PARSE_WRONG:
        code = command_problem(&context, &problem);
        break;
    }
    clear_progress(&terminal);
    /* A full disk or a closed pipe behind the output is a failure too. */
    if (fflush(stdout) != 0 || ferror(stdout))
        code = code == COMMAND_DONE ? COMMAND_FAILED : code;
    return code;
}
