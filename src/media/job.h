/*
 * Preparing a lecture: a child process of the same binary (`lectern media-job`) that gets descriptors only, looks at a
 * file, says what it is or why it cannot be used, and packages it.  The file is hostile until shown otherwise.
 *
 * Child       input file read-only as descriptor 3, packed outputs 4 (video) and 5 (audio), report pipe 6, and 7, on
 *             which the parent says go; everything else closed; sandbox.h says what holds it.  One process, two phases:
 *             the look has the small probe-* limits; having read the report, the parent raises them for packaging.
 *             Wall-clock limits are held by the parent.
 * Protocol    JSON lines on the report pipe, each bounded, read strictly (job_protocol.h).
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
    const char
        *program; /* what is started with "media-job"; NULL: this very binary (/proc/self/exe) */
};

struct media_result {
    enum media_outcome outcome;
    struct media_report
        report; /* valid for MEDIA_READY, and for others when the probe got that far */
    bool report_valid;
    char reason[400]; /* a sentence for a person, for REFUSED and FAILED */
    char detail[400]; /* for the log, for FAILED: what the system said; else "" */
};

/* Blocks until the child has ended, or was ended.  Several may run at once, on threads of their own. */
void media_job_run(const struct media_job *job, struct media_result *ret_result);

/* The child's side: `lectern media-job`, never started by hand.  Ends the process, with 0 done, 2 refused, 1 failed;
 * returns only where it was started by hand. */
int media_job_child(int argc, char **argv);

#endif
