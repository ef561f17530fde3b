/*
 * Preparing a lecture: a child process (the program lectern-media) that gets descriptors only, looks at a
 * file, says what it is or why it cannot be used, and packages it.  The file is hostile until shown otherwise.
 *
 * Passes      FIRST gives all that is needed to watch: sound, stills, the smallest rung, what can be copied, and plan.json.
 *             REST gives the other rungs of the ladder, cut at the same times; it may find nothing to do.  TRACK gives an
 *             interpreter's sound.  Each is a job of its own with a folder of its own; what it made is then moved into the
 *             version (media_job_adopt()).  A rendition that the version has is not made again.
 * Child       its descriptors are numbered in job_protocol.h, everything else is closed; its task is one JSON line
 *             (job_task.h); sandbox.h says what holds it.  One process, two phases: the look has the small probe-*
 *             limits; having read the report, the parent raises them for packaging.  Wall-clock limits are held by the
 *             parent.
 * Outputs     a fixed number of files, opened before and named by the parent afterwards, when the tables told of them
 *             were found to hold.
 * Atomicity   everything is written below `folder`, which the caller renames into place when all is done.
 */
#ifndef LECTERN_MEDIA_JOB_H
#define LECTERN_MEDIA_JOB_H

#include "base/problem.h"
#include "base/settings.h"
#include "media/plan.h"
#include "media/report.h"
#include "media/segment_table.h"

/* LOOK: not for media_job_run(), see early_look.h. */
enum media_pass { MEDIA_PASS_FIRST, MEDIA_PASS_REST, MEDIA_PASS_TRACK, MEDIA_PASS_LOOK };

enum media_outcome {
    MEDIA_READY, /* folder holds what was made, all synced: packed files with their tables; of a FIRST pass a whole
                      version with report.json and plan.json.  A REST may have made nothing. */
    MEDIA_REFUSED, /* the file cannot be a lecture: *reason is the sentence for the admin */
    MEDIA_FAILED, /* something else went wrong: child crashed, ran out of time or memory, disk full */
    MEDIA_CANCELLED
};

struct media_job {
    const struct settings *settings;
    enum media_pass pass;
    int input_fd;                 /* lent; read-only regular file */
    const char *folder;           /* exists, empty */
    const char *published_folder; /* REST and TRACK: the version's, read only; else NULL */
    struct media_trim trim;       /* FIRST: what of the recording is kept */
    const char *language;         /* TRACK: BCP 47, in lower case */
    int64_t offset_ms; /* TRACK: when the sound begins on the lecture's clock; may be below 0 */
    int revision;      /* TRACK: 1, and one more each time that a language's sound is made anew */
    /* Called on the thread of media_job_run as things become known; may be NULL. */
    void (*probed)(void *data, const struct media_report *report);
    void (*progressed)(void *data, int permille);
    bool (*cancelled)(void *data); /* asked at least twice a second */
    void *data;
    const char *program; /* what is started; NULL: see media_job_program_beside() */
};

enum { MEDIA_MADE_MAX = 16 };

struct media_result {
    enum media_outcome outcome;
    struct media_report
        report; /* valid for MEDIA_READY, and for others when the probe got that far or there is a verdict */
    bool report_valid;
    char names[MEDIA_MADE_MAX][RENDITION_NAME_SIZE]; /* of the renditions made, for MEDIA_READY */
    size_t name_count;
    char reason[400]; /* a sentence for a person, for REFUSED and FAILED */
    char detail[400]; /* for the log, for FAILED: what the system said; else "" */
};

/* Blocks until the child has ended, or was ended.  Several may run at once, on threads of their own. */
void media_job_run(const struct media_job *job, struct media_result *ret_result);

/* Moves what a later pass made into the version's folder: tables first, as a packed file is what makes a rendition.  What
 * is there already stays.  Done again after a crash, it goes on where it was. */
bool media_job_adopt(const char *folder, const char *published_folder, struct problem *problem);

/* Once, before any thread: children are the program that lies beside the running one and has its name and "-media", as it is
 * now, whatever is installed later; where there is none, they will not start.  Before, or in a program that does not call
 * this, they are the running program itself, with the argument "media-job". */
void media_job_program_beside(void);

/* The child's side, never started by hand.  Ends the process, with 0 done, 2 refused, 1 failed;
 * returns only where it was started by hand. */
int media_job_child(int argc, char **argv);

#endif
