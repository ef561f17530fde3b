/*
 * The files of jobs, below the data folder:
 *
 *   incoming/{job}.input              the file as it came; from before the job's row until after
 *                                     the job's end
 *   incoming/{job}.input.draft        being copied
 *   drafts/{job}/                     what the job's child writes
 *   lectures/{lecture}/{version}/     a version: whole, and never changed (media/media_files.h)
 *
 * Errors     PROBLEM_STORAGE_FULL when the disk is full, with nothing half made left behind.
 * Threads    safe from any thread, one job a thread.
 */
#ifndef LECTERN_CATALOG_INGEST_FILES_H
#define LECTERN_CATALOG_INGEST_FILES_H

#include "base/settings.h"
#include "catalog/job_queue.h"

/* Both into PATH_MAX. */
void job_input_path(const struct settings *settings, const char *job_id, char *ret_path);
void job_draft_path(const struct settings *settings, const char *job_id, char *ret_path);

bool job_folders_make(const struct settings *settings, struct problem *problem);

/* Makes the job's input durable.  The file behind input_fd (regular; its position is not touched)
 * gets a second name where `link` is set and the file system allows it, so that one is there at
 * every moment; else it is copied. */
bool job_input_take(const struct settings *settings, const char *job_id, int input_fd, bool link,
    struct problem *problem);
/* Read-only; -1 with *problem. */
int job_input_open(const struct settings *settings, const char *job_id, struct problem *problem);

/* An empty folder for the child. */
bool job_draft_make(const struct settings *settings, const char *job_id, struct problem *problem);
/* The rename that makes a draft a version.  What is there already came from a crash before its row,
 * and goes. */
bool job_draft_publish(
    const struct settings *settings, const struct job *job, struct problem *problem);
/* Takes it back: nobody has heard of it. */
void job_version_remove(const struct settings *settings, const struct job *job);
void job_draft_remove(const struct settings *settings, const char *job_id);
void job_input_remove(const struct settings *settings, const char *job_id);

/* At start, after jobs_recover(): removes what a crash left behind: drafts, inputs without a job
 * that waits for them, version folders without a row, caption files without a row.  What cannot be
 * removed does no harm and waits for the next start. */
bool job_leftovers_remove(struct db *db, const struct settings *settings, struct problem *problem);

#endif
