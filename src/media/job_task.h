/*
 * What the child of a media job is to do, as its parent writes it: one JSON object on one line, in a file without a name.
 * Read strictly before anything else is; the child knows nothing but this and the input.
 *
 * Ownership  job_task_init() gives, job_task_release() ends.
 * Errors     PROBLEM_INVALID_FIELD or PROBLEM_BAD_REQUEST; PROBLEM_STORAGE where the version's folder cannot be read.
 */
#ifndef LECTERN_MEDIA_JOB_TASK_H
#define LECTERN_MEDIA_JOB_TASK_H

#include "base/settings.h"
#include "media/job.h"
#include "media/ladder.h"
#include "media/plan.h"
#include "media/segment_table.h"

enum { JOB_TASK_BYTES_MAX = 16 << 20, JOB_MADE_MAX = 64 };

struct job_task {
    enum media_pass pass;
    struct settings settings; /* those that are the child's business; the rest are presets */
    struct media_trim trim;   /* first pass */
    char language[RENDITION_NAME_SIZE]; /* track */
    int64_t offset_ms;
    int revision;
    struct ladder ladder;
    bool has_plan; /* of the version, when this is a later pass */
    struct media_plan plan;
    char made[JOB_MADE_MAX][RENDITION_NAME_SIZE]; /* renditions that the version has */
    size_t made_count;
};

void job_task_init(struct job_task *task);
void job_task_release(struct job_task *task);

/* The parent's side: the job, and what lies in the version's folder.  A descriptor of the written task, or -1. */
int job_task_write(const struct media_job *job, struct problem *problem);
/* The child's side.  The task must have been initialized. */
bool job_task_read(int fd, struct job_task *task, struct problem *problem);
bool job_task_from_json(const json_t *json, struct job_task *task, struct problem *problem);

bool job_task_has(const struct job_task *task, const char *rendition);

#endif
