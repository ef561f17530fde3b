/*
 * Preparing a lecture: a child process of the same binary (`lectern media-job`) that gets descriptors only, looks at a
 * file, says what it is or why it cannot be used, and packages it.  The file is hostile until shown otherwise.
 *
 * Child       input file read-only as descriptor 3, packed outputs 4 (video) and 5 (audio), report pipe 6; everything else
 *             closed; rlimits (address space, CPU, output bytes, files), wall-clock limit held by the parent, seccomp
 *             (no open, no socket, no exec), no network namespace where the system allows, nice 10, idle I/O priority.
 * Protocol    JSON lines on the report pipe, each bounded, read strictly.
 * Atomicity   everything is written below `folder`, which the caller renames into place when all is done.
 */
#ifndef LECTERN_MEDIA_JOB_H
#define LECTERN_MEDIA_JOB_H

#include "base/problem.h"
#include "base/settings.h"
#include "media/report.h"

enum media_outcome {
    MEDIA_READY,   /* folder holds a whole version: report.json, packed files, tables, all synced */
    MEDIA_REFUSED, /* the file cannot be a lecture: *reason is the sentence for the admin */
    MEDIA_FAILED, /* something else went wrong: child crashed, ran out of time or memory, disk full */
    MEDIA_CANCELLED
};

struct media_job {
    const struct settings *settings;
    int input_fd;       /* lent; read-only regular file */
    const char *folder; /* exists, empty */
    /* Called on the thread of media_job_run as things become known; may be NULL. */
    void (*probed)(void *data, const struct media_report *report);
    void (*progressed)(void *data, int permille);
    bool (*cancelled)(void *data); /* asked at least twice a second */
    void *data;
};

struct media_result {
    enum media_outcome outcome;
    struct media_report
        report; /* valid for MEDIA_READY, and for MEDIA_REFUSED when the probe got that far */
    bool report_valid;
    char reason[400]; /* a sentence for a person, for REFUSED and FAILED */
};

/* Blocks until the child has ended.  Starts the child from /proc/self/exe (or $LECTERN_BINARY for tests). */
void media_job_run(const struct media_job *job, struct media_result *ret_result);

/* The child's side: `lectern media-job`, never started by hand.  Returns the exit code. */
int media_job_child(int argc, char **argv);

#endif
