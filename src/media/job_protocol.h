/*
 * What the child that prepares a lecture tells its parent: JSON lines on a pipe, each at most JOB_LINE_BYTES_MAX.
 *
 *   {"report":{...},"whole":true}             once, when the file has been looked at; then it waits for a "go" byte.
 *                                             Not whole: what was learnt before a refusal, which follows
 *   {"progress":250}                          permille
 *   {"table":{..., "segments":[]}}            of the picture, or of the sound
 *   {"segments":[[ticks,bytes],...]}          more segments of the last table
 *   {"end":"done"} | {"end":"refused","reason":"..."} | {"end":"failed","reason":"..."}
 *
 * The parent trusts none of it: a line that is too long, is not JSON or is not one of these ends the job.
 */
#ifndef LECTERN_MEDIA_JOB_PROTOCOL_H
#define LECTERN_MEDIA_JOB_PROTOCOL_H

#include "base/problem.h"
#include "media/segment_table.h"

#include <jansson.h>
#include <stddef.h>
#include <sys/types.h>

enum {
    JOB_INPUT_FD = 3,
    JOB_VIDEO_FD = 4,
    JOB_AUDIO_FD = 5,
    JOB_REPORT_FD = 6,
    JOB_GO_FD = 7,
    JOB_FDS_END = 8,
    JOB_LINE_BYTES_MAX = 16384,
    JOB_REASON_BYTES_MAX = 399
};

/* Writes the value as a line, and ends it; false where the parent is gone. */
bool job_send(int fd, json_t *value);
bool job_send_table(int fd, const struct segment_table *table);

struct job_reader {
    char bytes[JOB_LINE_BYTES_MAX];
    size_t count;
};

/* One read(): more than 0: bytes came, 0: the child closed its end, below 0: nothing yet or an error (errno). */
ssize_t job_reader_fill(struct job_reader *reader, int fd);
/* The next whole line as an object, to be ended with json_decref().  NULL: none yet, or *problem is set. */
json_t *job_reader_next(struct job_reader *reader, struct problem *problem);

/* Collects tables; the rest is the caller's. */
struct job_tables {
    json_t *tables[2];
    size_t count;
};
bool job_tables_take(
    struct job_tables *tables, json_t *line, bool *ret_taken, struct problem *problem);
void job_tables_release(struct job_tables *tables);

#endif
