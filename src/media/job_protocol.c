#include "media/job_protocol.h"

#include "base/json.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { SEGMENTS_A_LINE = 100 };

static bool write_all(int fd, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t written = write(fd, bytes, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        count -= (size_t)written;
    }
    return true;
}

bool job_send(int fd, json_t *value)
{
    struct text line;
    text_init(&line, JOB_LINE_BYTES_MAX - 1);
    json_write(value, &line);
    text_append(&line, "\n", 1);
    bool sent = !line.overflowed && write_all(fd, line.bytes, line.length);
    text_release(&line);
    json_decref(value);
    return sent;
}

bool job_send_table(int fd, const struct segment_table *table)
{
    struct segment_table head = *table;
    size_t sent = 0;
    /* The head keeps the first segment's start; the list follows in pieces. */
    head.count = table->count > 0;
    json_t *json = segment_table_to_json(&head);
    json_object_set_new(json, "segments", json_array());
    bool done = job_send(fd, json_pack("{s:o}", "table", json));
    while (done && sent < table->count) {
        json_t *list = json_array();
        for (int i = 0; i < SEGMENTS_A_LINE && sent < table->count; i++, sent++)
            json_array_append_new(
                list, json_pack("[I, I]", (json_int_t)table->segments[sent].duration_ticks,
                          (json_int_t)table->segments[sent].size_bytes));
        done = job_send(fd, json_pack("{s:o}", "segments", list));
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

static bool take_table(struct job_tables *tables, json_t *table, struct problem *problem)
{
    if (tables->count == sizeof tables->tables / sizeof tables->tables[0]
        || !json_is_array(json_object_get(table, "segments")))
        return problem_set(problem, PROBLEM_BAD_REQUEST, "a table too many, or without a list");
    tables->tables[tables->count++] = json_incref(table);
    return true;
}

static bool take_segments(struct job_tables *tables, json_t *segments, struct problem *problem)
{
    json_t *list
        = tables->count > 0 ? json_object_get(tables->tables[tables->count - 1], "segments") : NULL;
    if (!list || !json_is_array(segments)
        || json_array_size(list) + json_array_size(segments) > SEGMENTS_MAX)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "segments of no table, or too many");
    return json_array_extend(list, segments) == 0
           || problem_set(problem, PROBLEM_BAD_REQUEST, "segments are not a list");
}

bool job_tables_take(
    struct job_tables *tables, json_t *line, bool *ret_taken, struct problem *problem)
{
    json_t *table = json_object_get(line, "table");
    json_t *segments = json_object_get(line, "segments");
    *ret_taken = table || segments;
    if (table)
        return take_table(tables, table, problem);
    return !segments || take_segments(tables, segments, problem);
}

void job_tables_release(struct job_tables *tables)
{
    for (size_t i = 0; i < tables->count; i++)
        json_decref(tables->tables[i]);
    *tables = (struct job_tables){ 0 };
}
