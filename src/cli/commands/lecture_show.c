/* One lecture: what it is called in each language, and what was found in its file. */
#include "base/text.h"
#include "catalog/lecture.h"
#include "cli/output.h"
#include "cli/transaction.h"

#include <stdio.h>

static json_t *show(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    return lecture_json(
        connection, command_argument(line, 0), command_language(context, line), problem);
}

static void print_line(struct command_context *context, const char *label, const char *value)
{
    struct arena arena;
    arena_init(&arena);
    if (value && value[0] != '\0')
        command_print(context, "%-12s %s\n", label, printable(&arena, value));
    arena_release(&arena);
}

static void print_member(struct command_context *context, const json_t *lecture, const char *member)
{
    print_line(context, member, json_string_value(json_object_get(lecture, member)));
}

static void print_titles(struct command_context *context, const json_t *lecture)
{
    const char *language;
    json_t *text;
    json_object_foreach(json_object_get(lecture, "titles"), language, text)
    {
        char label[48];
        (void)snprintf(label, sizeof label, "title %s", language);
        print_line(context, label, json_string_value(json_object_get(text, "title")));
    }
}

static void print_report(struct command_context *context, const json_t *report)
{
    size_t index;
    json_t *note;
    json_array_foreach(json_object_get(report, "notes"), index, note)
        print_line(context, "note", json_string_value(note));
}

static void print_captions(struct command_context *context, const json_t *lecture)
{
    size_t index;
    json_t *language;
    json_array_foreach(json_object_get(lecture, "captions"), index, language)
        print_line(context, "captions", json_string_value(language));
}

static int run(struct command_context *context, const struct command_line *line)
{
    json_t *lecture = command_read(context, line, show);
    if (!lecture)
        return COMMAND_FAILED;
    if (command_flag(line, "json")) {
        command_print_json(context, lecture);
        return COMMAND_DONE;
    }
    const json_t *job = json_object_get(lecture, "job");
    print_member(context, lecture, "id");
    print_member(context, lecture, "state");
    print_line(
        context, "published", json_is_true(json_object_get(lecture, "published")) ? "yes" : "no");
    print_member(context, lecture, "language");
    print_titles(context, lecture);
    print_member(context, lecture, "description");
    print_member(context, lecture, "provider");
    print_member(context, lecture, "file_name");
    if (json_is_integer(json_object_get(lecture, "duration_ms")))
        command_print(context, "%-12s %.1f s\n", "duration",
            (double)json_integer_value(json_object_get(lecture, "duration_ms")) / 1000);
    print_captions(context, lecture);
    print_line(context, "job", json_string_value(json_object_get(job, "id")));
    print_line(context, "reason", json_string_value(json_object_get(job, "reason")));
    print_report(context, json_object_get(lecture, "report"));
    json_decref(lecture);
    return COMMAND_DONE;
}

const struct command command_lecture_show = {
    .name = "lecture show",
    .arguments = "LECTURE",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Show a lecture",
    .options = { TITLES_OPTION, JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
