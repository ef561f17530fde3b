/*
 * Between the child that prepares a lecture and its parent.
 *
 * Descriptors  the input, read-only; a pipe for what the child tells; a socket on which it waits for the word; its task; and
 *              a fixed number of files to write into, which the parent gives their names afterwards.
 * Told         JSON lines, each at most JOB_LINE_BYTES_MAX:
 *
 *   {"report":{...},"whole":true}             once, when the file has been looked at; then it waits for a "go" byte.
 *                                             Not whole: what was learnt before a refusal, which follows.
 *                                             Once more when it went on and has measured the sound
 *   {"progress":250}                          permille
 *   {"plan":{..., "cuts_us":[]}}              of a first pass: plan.h
 *   {"cuts_us":[us,...]}                      more cuts of the plan
 *   {"table":{..., "segments":[]},"output":2} of a rendition, and which of the files holds it
 *   {"segments":[[ticks,bytes,...],...]}      more segments of the last table
 *   {"previews":{"output":3,"thumbnails":{...},"sheet_bytes":[...],"poster_bytes":20000}}
 *                                             of a first pass: poster and thumbnails (previews.h)
 *   {"caption":{"track","language","start_ms","end_ms","text"}}, {"chapter":{"start_ms","title"}}
 *                                             of a first pass: what came inside (job_tracks.h)
 *   {"captions_left_out":{"count","at_ms"}}   captions that were too long, where there were any
 *   {"end":"done"} | {"end":"refused","reason":"...","verdict":{...}} | {"end":"failed", the same}
 *                                             verdict: a finding (finding.h) where there is a code for it
 *
 * The parent trusts none of it: a line that is too long, is not JSON or is not one of these ends the job.
 */
#ifndef LECTERN_MEDIA_JOB_PROTOCOL_H
#define LECTERN_MEDIA_JOB_PROTOCOL_H

#include "base/problem.h"
#include "media/plan.h"
#include "media/segment_table.h"

#include <jansson.h>
#include <stddef.h>
#include <sys/types.h>

enum {
    JOB_INPUT_FD = 3,
    JOB_REPORT_FD = 4,
    JOB_GO_FD = 5,
    JOB_TASK_FD = 6,
    JOB_OUTPUT_FD = 7, /* the first of JOB_OUTPUTS */
    JOB_OUTPUTS = 16,
    JOB_FDS_END = JOB_OUTPUT_FD + JOB_OUTPUTS,
    JOB_LINE_BYTES_MAX = 16384,
    JOB_REASON_BYTES_MAX = 399
};

/* Writes the value as a line, and ends it; false where the parent is gone. */
bool job_send(int fd, json_t *value);
bool job_send_table(int fd, const struct segment_table *table, int output);
bool job_send_plan(int fd, const struct media_plan *plan);

struct job_reader {
    char bytes[JOB_LINE_BYTES_MAX];
    size_t count;
};

/* One read(): more than 0: bytes came, 0: the child closed its end, below 0: nothing yet or an error (errno). */
ssize_t job_reader_fill(struct job_reader *reader, int fd);
/* The next whole line as an object, to be ended with json_decref().  NULL: none yet, or *problem is set. */
json_t *job_reader_next(struct job_reader *reader, struct problem *problem);

/* Collects what comes in pieces; the rest is the caller's. */
struct job_tables {
    json_t *plan; /* or NULL */
    struct {
        json_t *table;
        int output; /* no two have the same */
    } entries[JOB_OUTPUTS];
    size_t count;
};
bool job_tables_take(
    struct job_tables *tables, json_t *line, bool *ret_taken, struct problem *problem);
void job_tables_release(struct job_tables *tables);

#endif
