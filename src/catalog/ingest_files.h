/*
 * The files of jobs, below the data folder:
 *
 *   incoming/{job}.input              the file as it came; from before the job's row until its pass
 *                                     has ended
 *   originals/{lecture}/{version}.input
 *                                     the same, once the version is published: what its further passes
 *                                     are made of
 *   originals/{lecture}/sound-{track}.input
 *                                     an interpreter's recording (lecture_sound.h)
 *   *.input.draft                     being copied
 *   drafts/{job}/                     what the job's child writes
 *   lectures/{lecture}/{version}/     a version: files come, and never change (media/media_files.h)
 *
 * Errors     PROBLEM_STORAGE_FULL when the disk is full, with nothing half made left behind.
 * Threads    safe from any thread, one job a thread.
 */
#ifndef LECTERN_CATALOG_INGEST_FILES_H
#define LECTERN_CATALOG_INGEST_FILES_H

#include "base/settings.h"
#include "catalog/job_queue.h"
#include "catalog/renditions.h"

/* Into PATH_MAX. */
void job_draft_path(const struct settings *settings, const char *job_id, char *ret_path);

bool job_folders_make(const struct settings *settings, struct problem *problem);

/* Makes the job's input durable, as something that waits in incoming.  The file behind input_fd (regular; its position is not touched)
 * gets a second name where `link` is set and the file system allows it, so that one is there at
 * every moment; else it is copied. */
bool job_input_take(const struct settings *settings, const char *job_id, int input_fd, bool link,
    struct problem *problem);
/* Read-only, from where it lies at the job's pass; -1 with *problem. */
int job_input_open(const struct settings *settings, const struct job *job, struct problem *problem);

/* Gives the input its place as the version's original, by a second name where the file system allows
 * it; durably.  Its size, or -1 with *problem. */
int64_t job_original_keep(
    const struct settings *settings, const struct job *job, struct problem *problem);
/* Read-only; -1 with *problem: PROBLEM_CONFLICT with a sentence where it was not kept. */
int job_original_open(const struct settings *settings, const char *lecture_id, int64_t version,
    struct problem *problem);
void job_original_remove(const struct settings *settings, const char *lecture_id, int64_t version);

/* The same for an interpreter's recording, out of its job's input; -1: it was not kept. */
bool sound_original_keep(const struct settings *settings, const struct job *job,
    const char *track_id, struct problem *problem);
int sound_original_open(
    const struct settings *settings, const char *lecture_id, const char *track_id);
void sound_original_remove(
    const struct settings *settings, const char *lecture_id, const char *track_id);

/* An empty folder for the child. */
bool job_draft_make(const struct settings *settings, const char *job_id, struct problem *problem);
/* The rename that makes a draft a version.  What is there already came from a crash before its row,
 * and goes. */
bool job_draft_publish(
    const struct settings *settings, const struct job *job, struct problem *problem);
/* Takes it back: nobody has heard of it. */
void job_version_remove(const struct settings *settings, const struct job *job);

/* Moves what a further pass made into the version's folder, durably; nobody looks at it before its rows
 * are there. */
bool job_draft_add(const struct settings *settings, const struct job *job, struct problem *problem);
/* Removes packed files and their tables that are not among these.  Whoever calls has the folder to
 * himself. */
void job_version_sweep(const char *folder, const struct renditions *published);
void job_draft_remove(const struct settings *settings, const char *job_id);
void job_input_remove(const struct settings *settings, const char *job_id);

/* At start, after jobs_recover(): removes what a crash left behind: drafts, inputs without a job
 * that waits for them, originals and version folders without a row, renditions, caption files
 * and handouts without a row.  What cannot be removed does no harm and waits for the next start. */
bool job_leftovers_remove(struct db *db, const struct settings *settings, struct problem *problem);

#endif
