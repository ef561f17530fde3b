/*
 * What a loop must know without asking the store: which published lecture versions exist (opened, see media/media_files.h), which
 * cohort may see which lecture, and when a cohort is open.  A snapshot in memory, replaced whole after each change.
 *
 * Threads    library_find() is for loops: no allocation, no blocking beyond a short lock.  library_refresh() blocks; any pool thread.
 */
#ifndef LECTERN_CATALOG_LIBRARY_H
#define LECTERN_CATALOG_LIBRARY_H

#include "access/media_token.h"
#include "base/settings.h"
#include "media/media_files.h"
#include "store/db.h"

struct library;
struct library *library_open(struct db *db, const struct settings *settings, struct problem *problem);
void library_free(struct library *library);
/* Reads the store again, opens new versions, drops old ones.  On failure the old snapshot stays. */
bool library_refresh(struct library *library, struct problem *problem);
/* Also opens a version again whose captions changed. */
bool library_refresh_lecture(struct library *library, const char *lecture_id, struct problem *problem);

/* The version that these claims may watch; a reference for the caller (media_version_release), or NULL and PROBLEM_NOT_FOUND
 * (unknown, another program's, not published) or PROBLEM_COHORT_NOT_OPEN.  Staff claims see unpublished ones too. */
struct media_version *library_find(struct library *library, const struct media_claims *claims, const char *lecture_id,
    int64_t version, struct problem *problem);
/* Current version of a lecture, 0 when there is none. */
int64_t library_current_version(struct library *library, const char *lecture_id);

#endif
