/* Files that go with a lecture. */
#include "base/text.h"
#include "catalog/handout.h"
#include "cli/output.h"
#include "cli/transaction.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool copy(int fd, struct handout_draft *draft, struct problem *problem)
{
    char bytes[1 << 16];
    for (;;) {
        ssize_t got = read(fd, bytes, sizeof bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return problem_set(
                problem, PROBLEM_CONFLICT, "The file cannot be read: %s.", strerror(errno));
        if (got == 0)
            return true;
        if (!handout_write(draft, bytes, (size_t)got, problem))
            return false;
    }
}

static int add(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    json_t *handout = NULL;
    const char *name = command_option(line, "name");
    struct handout_draft *draft = handout_begin(context->db, context->settings,
        command_argument(line, 0), name ? name : file_name(command_argument(line, 1)), &problem);
    if (draft && !copy(context->input_fd, draft, &problem)) {
        handout_abandon(draft);
        draft = NULL;
    }
    if (!draft || !handout_finish(draft, NULL, &handout, &problem))
        return command_problem(context, &problem);
    if (command_flag(line, "json"))
        command_print_json(context, handout);
    else {
        command_print(context, "%s\n", json_string_value(json_object_get(handout, "id")));
        json_decref(handout);
    }
    return COMMAND_DONE;
}

static int remove_one(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    if (!handout_remove(context->db, context->settings, command_argument(line, 0),
            command_option(line, "remove"), NULL, &problem))
        return command_problem(context, &problem);
    command_say(context, "The handout is removed.");
    return COMMAND_DONE;
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    bool removes = command_option(line, "remove") != NULL;
    if (removes == (line->argument_count == 2)) {
        problem_set(&problem, PROBLEM_SETTING,
            "lecture handout takes a file to add, or --remove and no file.");
        return command_problem(context, &problem);
    }
    return removes ? remove_one(context, line) : add(context, line);
}

const struct command command_lecture_handout = {
    .name = "lecture handout",
    .arguments = "LECTURE [FILE]",
    .arguments_least = 1,
    .arguments_most = 2,
    .file_argument = 2,
    .summary = "Add a file for participants to keep, or remove one",
    .help = "PDF, Office and OpenDocument files, text, pictures, zip and epub. The id is printed;\n"
            "lecture show lists them.",
    .options = {
        { "name", "NAME", "What participants save it as; else the file's own name.", false },
        { "remove", "HANDOUT", "Remove this one.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
