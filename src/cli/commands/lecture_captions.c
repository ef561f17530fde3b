/* Captions of a lecture in one language, from a WebVTT or SubRip file. */
#include "base/memory.h"
#include "catalog/audit.h"
#include "catalog/lecture.h"
#include "cli/output.h"
#include "cli/transaction.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One byte more than is allowed is read, so that too large a file is told from one that just fits. */
static char *read_file(int fd, size_t bytes_max, size_t *ret_count, struct problem *problem)
{
    char *bytes = memory_alloc(bytes_max + 1);
    size_t count = 0;
    while (count <= bytes_max) {
        ssize_t got = read(fd, bytes + count, bytes_max + 1 - count);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            problem_set(problem, PROBLEM_CONFLICT, "The file cannot be read: %s.", strerror(errno));
            free(bytes);
            return NULL;
        }
        if (got == 0)
            break;
        count += (size_t)got;
    }
    *ret_count = count;
    return bytes;
}

static bool set_captions(struct command_context *context, const struct command_line *line,
    struct captions_facts *ret_facts, struct problem *problem)
{
    size_t count = 0;
    char *bytes = read_file(
        context->input_fd, (size_t)context->settings->caption_bytes_max, &count, problem);
    bool done = bytes
                && lecture_set_captions(context->db, context->settings, command_argument(line, 0),
                    command_option(line, "language"), bytes, count, ret_facts, problem);
    free(bytes);
    return done;
}

static bool note_change(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct command_line *line = data;
    return audit_add(connection, NULL,
        command_flag(line, "remove") ? "captions-remove" : "captions-set",
        command_argument(line, 0), command_option(line, "language"), problem);
}

static void print(struct command_context *context, const struct command_line *line,
    const struct captions_facts *facts)
{
    if (command_flag(line, "json"))
        command_print_json(context,
            json_pack("{s:s, s:I, s:I}", "language", command_option(line, "language"), "cue_count",
                (json_int_t)facts->cue_count, "repaired_count", (json_int_t)facts->repaired_count));
    else if (command_flag(line, "remove"))
        command_print(context, "The captions are removed.\n");
    else
        command_print(context, "%zu cues were taken, %zu of them mended.\n", facts->cue_count,
            facts->repaired_count);
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    struct captions_facts facts = { 0 };
    struct command_line noted = *line;
    const char *lecture_id = command_argument(line, 0);
    bool removes = command_flag(line, "remove");
    if (removes == (line->argument_count == 2)) {
        problem_set(&problem, PROBLEM_SETTING,
            "lecture captions takes a file to add, or --remove and no file.");
        return command_problem(context, &problem);
    }
    bool done = removes ? lecture_remove_captions(context->db, context->settings, lecture_id,
                    command_option(line, "language"), &problem)
                        : set_captions(context, line, &facts, &problem);
    if (!done || !db_write(context->db, note_change, &noted, &problem)
        || (context->library && !library_refresh_lecture(context->library, lecture_id, &problem)))
        return command_problem(context, &problem);
    print(context, line, &facts);
    return COMMAND_DONE;
}

const struct command command_lecture_captions = {
    .name = "lecture captions",
    .arguments = "LECTURE [FILE]",
    .arguments_least = 1,
    .arguments_most = 2,
    .file_argument = 2,
    .summary = "Add or remove a lecture's captions in a language",
    .help = "FILE is WebVTT or SubRip, in UTF-8. It replaces captions of the same language.",
    .options = {
        { "language", "TAG", "Language of the captions, such as vi.", true },
        { "remove", NULL, "Remove those that are there.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
