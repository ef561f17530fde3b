/* Where the parts of a lecture begin, from a list as people write it; without one, what is there. */
#include "base/memory.h"
#include "catalog/audit.h"
#include "catalog/chapter.h"
#include "catalog/lecture.h"
#include "cli/output.h"
#include "cli/transaction.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LIST_BYTES_MAX = 1 << 20 };

struct change {
    const struct settings *settings;
    const char *lecture_id;
    json_t *chapters;
};

static json_t *read_list(int fd, const char *language, struct problem *problem)
{
    char *bytes = memory_alloc(LIST_BYTES_MAX);
    size_t count = 0;
    ssize_t got = 1;
    while (got > 0 && count < LIST_BYTES_MAX) {
        got = read(fd, bytes + count, LIST_BYTES_MAX - count);
        if (got > 0)
            count += (size_t)got;
        else if (got < 0 && errno == EINTR)
            got = 1;
    }
    json_t *chapters = NULL;
    if (got < 0)
        problem_set(problem, PROBLEM_CONFLICT, "The file cannot be read: %s.", strerror(errno));
    else if (count == LIST_BYTES_MAX)
        problem_set(problem, PROBLEM_BODY_TOO_LARGE, "A list of chapters has less than 1 MB.");
    else if (!text_is_utf8(bytes, count))
        problem_set(problem, PROBLEM_BAD_REQUEST, "the list is not UTF-8");
    else
        chapters = chapters_from_text(bytes, count, language, problem);
    free(bytes);
    return chapters;
}

static bool set(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct change *change = data;
    return chapters_set(connection, change->settings, change->lecture_id, change->chapters, problem)
           && audit_add(connection, NULL, "chapters-set", change->lecture_id, "", problem);
}

static bool show(struct db_connection *connection, void *data, struct problem *problem)
{
    struct change *change = data;
    json_t *lecture = lecture_json(connection, change->lecture_id, NULL, problem);
    json_decref(change->chapters);
    change->chapters = lecture ? json_incref(json_object_get(lecture, "chapters")) : NULL;
    json_decref(lecture);
    return change->chapters != NULL;
}

static void print(
    struct command_context *context, const struct command_line *line, json_t *chapters)
{
    struct arena arena;
    if (command_flag(line, "json")) {
        command_print_json(context, json_pack("{s:O}", "chapters", chapters));
        return;
    }
    arena_init(&arena);
    for (size_t i = 0; i < json_array_size(chapters); i++) {
        const json_t *chapter = json_array_get(chapters, i);
        int64_t seconds = json_integer_value(json_object_get(chapter, "start_ms")) / 1000;
        command_print(context, "%" PRId64 ":%02" PRId64 ":%02" PRId64 " %s\n", seconds / 3600,
            seconds / 60 % 60, seconds % 60,
            printable(&arena, json_string_value(json_object_get(chapter, "title"))));
    }
    arena_release(&arena);
    if (json_array_size(chapters) == 0)
        command_say(context, "The lecture has no chapters.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    struct change change
        = { .settings = context->settings, .lecture_id = command_argument(line, 0) };
    const char *language = command_option(line, "language");
    bool sets = line->argument_count == 2 || command_flag(line, "remove");
    if (command_flag(line, "remove") && line->argument_count == 2)
        problem_set(&problem, PROBLEM_SETTING, "lecture chapters takes a file, or --remove.");
    else if (command_flag(line, "remove"))
        change.chapters = json_array();
    else if (sets)
        change.chapters = read_list(context->input_fd, language ? language : "en", &problem);
    bool done = !problem_is_set(&problem)
                && (!sets || db_write(context->db, set, &change, &problem))
                && db_read(context->db, show, &change, &problem);
    if (done)
        print(context, line, change.chapters);
    json_decref(change.chapters);
    return done ? COMMAND_DONE : command_problem(context, &problem);
}

const struct command command_lecture_chapters = {
    .name = "lecture chapters",
    .arguments = "LECTURE [FILE]",
    .arguments_least = 1,
    .arguments_most = 2,
    .file_argument = 2,
    .summary = "Show or replace a lecture's chapters",
    .help = "FILE has a line for each: a time and a title, such as 0:05:30 Safety first.",
    .options = {
        { "language", "TAG", "Language of the titles in FILE, such as vi; else en.", false },
        { "remove", NULL, "Remove those that are there.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .run = run,
};
