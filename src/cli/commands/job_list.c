/* The work on lectures: what waits, runs, and how the last ones ended. */
#include "catalog/ingest.h"
#include "catalog/lecture.h"
#include "cli/output.h"
#include "cli/transaction.h"

/* {lecture id: title} in the language asked for; NULL: *problem is set. */
static json_t *read_titles(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    json_t *lectures = lectures_json(connection, command_language(context, line), problem);
    if (!lectures)
        return NULL;
    json_t *titles = json_object(), *lecture;
    size_t index;
    json_array_foreach(lectures, index, lecture)
    {
        const char *id = json_string_value(json_object_get(lecture, "id"));
        (void)json_object_set(titles, id, json_object_get(lecture, "title"));
    }
    json_decref(lectures);
    return titles;
}

static json_t *list(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    json_t *titles = read_titles(connection, context, line, problem);
    json_t *jobs = titles ? jobs_json(connection, command_flag(line, "all"), problem) : NULL;
    json_t *job;
    size_t index;
    json_array_foreach(jobs, index, job)
    {
        const char *lecture_id = json_string_value(json_object_get(job, "lecture_id"));
        (void)json_object_set(job, "title", json_object_get(titles, lecture_id));
    }
    json_decref(titles);
    if (!jobs)
        return NULL;
    return json_pack("{s:o}", "jobs", jobs);
}

/* "12:05", minutes and seconds. */
static void print_left(struct table *table, const json_t *left_ms)
{
    long long seconds = json_integer_value(left_ms) / 1000;
    if (json_is_integer(left_ms))
        table_cell_format(table, "%lld:%02lld", seconds / 60, seconds % 60);
    else
        table_cell(table, NULL);
}

static void print(struct command_context *context, const json_t *jobs)
{
    static const char *const headings[]
        = { "JOB", "STATE", "PASS", "DONE", "LEFT", "LECTURE", "TITLE", "REASON" };
    struct table table;
    table_init(&table, 8, headings);
    size_t index;
    json_t *job;
    json_array_foreach(jobs, index, job)
    {
        table_cell(&table, json_string_value(json_object_get(job, "id")));
        table_cell(&table, json_string_value(json_object_get(job, "state")));
        table_cell(&table, json_string_value(json_object_get(job, "pass")));
        table_cell_format(
            &table, "%lld %%", json_integer_value(json_object_get(job, "permille")) / 10);
        print_left(&table, json_object_get(job, "left_ms"));
        table_cell(&table, json_string_value(json_object_get(job, "lecture_id")));
        table_cell(&table, json_string_value(json_object_get(job, "title")));
        table_cell(&table, json_string_value(json_object_get(job, "reason")));
    }
    table_print(
        &table, context, "No job waits or runs. 'lectern job list --all' shows those that ended.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_list(context, line, list, "jobs", print);
}

const struct command command_job_list = {
    .name = "job list",
    .arguments = "",
    .summary = "List the jobs that prepare lectures",
    .options = {
        { "all", NULL, "Also those that have ended.", false },
        TITLES_OPTION,
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .run = run,
};
