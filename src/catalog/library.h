/*
 * What a loop must know without asking the store: which lecture versions exist (opened, see
 * media/media_files.h), which cohort may see which lecture, and when a cohort is open.  A snapshot
 * in memory, replaced whole after each change.
 *
 * Freshness  call library_refresh() after what changes a cohort, a program's lectures, an
 *            organizer's programs, a lecture's publication or handouts; library_refresh_lecture() after what
 *            changes its versions or captions.
 * Faults     a version whose folder cannot be opened is left out, remembered in library_faults(),
 *            and tried again at each refresh: one damaged lecture closes no other.
 * Threads    library_open(), _refresh() and _refresh_lecture() block: for pool threads.  The others
 *            are for loops too: they wait for nothing but a lock held for a search or a swap of
 *            pointers, and library_find() allocates nothing.
 */
#ifndef LECTERN_CATALOG_LIBRARY_H
#define LECTERN_CATALOG_LIBRARY_H

#include "access/media_token.h"
#include "base/settings.h"
#include "catalog/lecture.h"
#include "media/media_files.h"
#include "store/db.h"

#include <jansson.h>

struct library_handout {
    char lecture_id[UUID_TEXT_SIZE];
    char id[UUID_TEXT_SIZE];
    char file_name[FILE_NAME_BYTES_MAX + 1];
    char content_type[80];
};

struct library;
struct library *library_open(
    struct db *db, const struct settings *settings, struct problem *problem);
void library_free(struct library *library); /* accepts NULL */
/* Reads the store again, opens new versions and those whose captions changed, drops old ones.  On
 * failure the old snapshot stays. */
bool library_refresh(struct library *library, struct problem *problem);
/* The same, and opens this lecture's versions anew. */
bool library_refresh_lecture(
    struct library *library, const char *lecture_id, struct problem *problem);

/* The version that these claims may watch; a reference for the caller (media_version_release), or
 * NULL and PROBLEM_NOT_FOUND (unknown, another program's, not published) or PROBLEM_COHORT_NOT_OPEN
 * (before the cohort's first day, or cohort_grace_days after its last).  An admin's claims see
 * every lecture, an organizer's those of their programs, unpublished ones too. */
struct media_version *library_find(struct library *library, const struct media_claims *claims,
    const char *lecture_id, int64_t version, struct problem *problem);
/* The same for a handout of the lecture, copied to *ret_handout. */
bool library_find_handout(struct library *library, const struct media_claims *claims,
    const char *lecture_id, int64_t version, const char *handout_id,
    struct library_handout *ret_handout, struct problem *problem);
/* Whether a lecture is in a program of this organizer's. */
bool library_organizer_has(
    struct library *library, const char *organizer_id, const char *lecture_id);
/* Current version of a lecture that is ready, 0 when there is none. */
int64_t library_current_version(struct library *library, const char *lecture_id);

/* [{"lecture_id","version","detail"}...]: versions that could not be opened; for readiness and the
 * log. */
json_t *library_faults(struct library *library);
size_t library_fault_count(struct library *library);

#endif
