/* Captions of a lecture in one language, from a caption file. */
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
    struct captions *ret_captions, struct problem *problem)
{
    struct captions_given given = {
        .lecture_id = command_argument(line, 0),
        .language = command_option(line, "language"),
        .encoding = command_option(line, "encoding"),
    };
    char *bytes = read_file(
        context->input_fd, (size_t)context->settings->caption_bytes_max, &given.count, problem);
    given.bytes = bytes;
    bool done
        = bytes
          && lecture_set_captions(context->db, context->settings, &given, ret_captions, problem);
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

static void print_repairs(struct command_context *context, const struct captions *captions)
{
    json_t *repairs = caption_repairs_json(&captions->repairs);
    for (size_t i = 0; i < json_array_size(repairs); i++)
        command_print(context, "%s\n",
            json_string_value(json_object_get(json_array_get(repairs, i), "sentence")));
    json_decref(repairs);
}

static void print(struct command_context *context, const struct command_line *line,
    const struct captions *captions)
{
    bool json = command_flag(line, "json");
    const char *language = command_option(line, "language");
    if (command_flag(line, "remove") && json)
        command_print_json(context, json_pack("{s:s, s:b}", "language", language, "removed", 1));
    else if (command_flag(line, "remove"))
        command_print(context, "The captions are removed.\n");
    else if (json)
        command_print_json(context, lecture_captions_told(captions, language));
    else {
        command_print(context, "%zu captions were taken, in %s; %zu things were mended.\n",
            captions->cue_count, captions->encoding, captions->repairs.total);
        print_repairs(context, captions);
    }
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    struct captions captions = { 0 };
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
                        : set_captions(context, line, &captions, &problem);
    if (!done || !db_write(context->db, note_change, &noted, &problem)
        || (context->library && !library_refresh_lecture(context->library, lecture_id, &problem))) {
        captions_release(&captions);
        return command_problem(context, &problem);
    }
    print(context, line, &captions);
    captions_release(&captions);
    return COMMAND_DONE;
}

const struct command command_lecture_captions = {
    .name = "lecture captions",
    .arguments = "LECTURE [FILE]",
    .arguments_least = 1,
    .arguments_most = 2,
    .file_argument = 2,
    .summary = "Add or remove a lecture's captions in a language",
    .help = "FILE is WebVTT, SubRip, SubViewer or Advanced SubStation, in any usual encoding; what was\n"
            "mended in it is told. It replaces captions of the same language.",
    .options = {
        { "language", "TAG", "Language of the captions, such as vi.", true },
        { "encoding", "NAME", "What the file is in, such as windows-1251, where it is not found out.", false },
        { "remove", NULL, "Remove those that are there.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
