#include "media/job_protocol.h"

#include "base/files.h"
#include "base/json.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { MEMBERS_A_LINE = 100 };

bool job_send(int fd, json_t *value)
{
    struct text line;
    text_init(&line, JOB_LINE_BYTES_MAX - 1);
    json_write(value, &line);
    text_append(&line, "\n", 1);
    bool sent = !line.overflowed && file_write_all(fd, line.bytes, line.length);
    text_release(&line);
    json_decref(value);
    return sent;
}

bool job_send_table(int fd, const struct segment_table *table, int output)
{
    struct segment_table head = *table;
    size_t sent = 0;
    /* The head keeps the first segment's start; the list follows in pieces. */
    head.count = table->count > 0;
    json_t *json = segment_table_to_json(&head);
    json_object_set_new(json, "segments", json_array());
    bool done = job_send(fd, json_pack("{s:o, s:i}", "table", json, "output", output));
    while (done && sent < table->count) {
        json_t *list = json_array();
        for (int i = 0; i < MEMBERS_A_LINE && sent < table->count; i++)
            json_array_append_new(list, segment_to_json(&table->segments[sent++]));
        done = job_send(fd, json_pack("{s:o}", "segments", list));
    }
    return done;
}

bool job_send_plan(int fd, const struct media_plan *plan)
{
    struct media_plan head = *plan;
    size_t sent = 0;
    head.cut_count = 0;
    bool done = job_send(fd, json_pack("{s:o}", "plan", plan_to_json(&head)));
    while (done && sent < plan->cut_count) {
        json_t *list = json_array();
        for (int i = 0; i < MEMBERS_A_LINE && sent < plan->cut_count; i++)
            json_array_append_new(list, json_integer((json_int_t)plan->cuts_us[sent++]));
        done = job_send(fd, json_pack("{s:o}", "cuts_us", list));
    }
    return done;
}

ssize_t job_reader_fill(struct job_reader *reader, int fd)
{
    ssize_t count;
    do
        count = read(fd, reader->bytes + reader->count, sizeof reader->bytes - reader->count);
    while (count < 0 && errno == EINTR);
    if (count > 0)
        reader->count += (size_t)count;
    return count;
}

json_t *job_reader_next(struct job_reader *reader, struct problem *problem)
{
    const char *end = memchr(reader->bytes, '\n', reader->count);
    if (!end) {
        if (reader->count == sizeof reader->bytes)
            (void)problem_set(problem, PROBLEM_BAD_REQUEST, "a line is too long");
        return NULL;
    }
    size_t length = (size_t)(end - reader->bytes);
    json_t *line = json_read_object(reader->bytes, length, problem);
    reader->count -= length + 1;
    memmove(reader->bytes, end + 1, reader->count);
    return line;
}

static bool output_is_free(const struct job_tables *tables, int64_t output)
{
    for (size_t i = 0; i < tables->count; i++)
        if (tables->entries[i].output == output)
            return false;
    return true;
}

static bool take_table(struct job_tables *tables, const json_t *line, struct problem *problem)
{
    json_t *table = json_object_get(line, "table");
    int64_t output;
    if (!json_get_int64(line, "output", 0, JOB_OUTPUTS - 1, &output, problem))
        return false;
    if (!output_is_free(tables, output) || !json_is_array(json_object_get(table, "segments")))
        return problem_set(problem, PROBLEM_BAD_REQUEST, "a table too many, or without a list");
    tables->entries[tables->count].table = json_incref(table);
    tables->entries[tables->count++].output = (int)output;
    return true;
}

static bool take_plan(struct job_tables *tables, json_t *plan, struct problem *problem)
{
    if (tables->plan || !json_is_array(json_object_get(plan, "cuts_us")))
        return problem_set(problem, PROBLEM_BAD_REQUEST, "a second plan, or one without cuts");
    tables->plan = json_incref(plan);
    return true;
}

/* More members of a list that came before. */
static bool extend(json_t *list, json_t *more, size_t most, struct problem *problem)
{
    if (!list || !json_is_array(more) || json_array_size(list) + json_array_size(more) > most)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "members of no list, or too many");
    return json_array_extend(list, more) == 0
           || problem_set(problem, PROBLEM_BAD_REQUEST, "members are not a list");
}

bool job_tables_take(
    struct job_tables *tables, json_t *line, bool *ret_taken, struct problem *problem)
{
    json_t *plan = json_object_get(line, "plan");
    json_t *cuts = json_object_get(line, "cuts_us");
    json_t *segments = json_object_get(line, "segments");
    json_t *last = tables->count > 0 ? tables->entries[tables->count - 1].table : NULL;
    *ret_taken = true;
    if (plan)
        return take_plan(tables, plan, problem);
    if (cuts)
        return extend(json_object_get(tables->plan, "cuts_us"), cuts, SEGMENTS_MAX, problem);
    if (json_object_get(line, "table"))
        return take_table(tables, line, problem);
    if (segments)
        return extend(json_object_get(last, "segments"), segments, SEGMENTS_MAX, problem);
    *ret_taken = false;
    return true;
}

void job_tables_release(struct job_tables *tables)
{
    json_decref(tables->plan);
    for (size_t i = 0; i < tables->count; i++)
        json_decref(tables->entries[i].table);
    *tables = (struct job_tables){ 0 };
}
