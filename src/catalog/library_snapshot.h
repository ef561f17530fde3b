/*
 * A picture of the store for library.c: built by one thread, then read-only.
 * library_snapshot_read() gives; library_snapshot_free() accepts NULL.
 */
#ifndef LECTERN_CATALOG_LIBRARY_SNAPSHOT_H
#define LECTERN_CATALOG_LIBRARY_SNAPSHOT_H

#include "base/secure.h"
#include "base/settings.h"
#include "catalog/library.h"
#include "media/media_files.h"
#include "store/db.h"

struct library_version {
    char lecture_id[UUID_TEXT_SIZE];
    int64_t version;
    bool current, published;
    char language[36];           /* of the lecture: names its own sound */
    int64_t captions_mark;       /* changes with the lecture's captions */
    int64_t files_mark;          /* changes as the version grows */
    struct media_version *media; /* NULL: could not be opened */
    char fault[400];             /* why */
};

struct library_cohort {
    char id[UUID_TEXT_SIZE];
    char program_id[UUID_TEXT_SIZE];
    int64_t opens_at_ms, open_until_ms;
};

/* A lecture that belongs to a program, or lies in an organizer's scope. */
struct library_place {
    char owner_id[UUID_TEXT_SIZE];
    char lecture_id[UUID_TEXT_SIZE];
};

struct library_places {
    struct library_place *list; /* by owner and lecture */
    size_t count;
};

struct library_snapshot {
    struct library_version *versions; /* by lecture and version */
    size_t version_count;
    struct library_cohort *cohorts; /* by id */
    size_t cohort_count;
    struct library_handout *handouts; /* by lecture and id */
    size_t handout_count;
    struct library_places of_programs, of_organizers;
};

/* Without media; see library_snapshot_open_media(). */
struct library_snapshot *library_snapshot_read(
    struct db *db, const struct settings *settings, struct problem *problem);
/* Takes over what `old` (may be NULL) has opened, unless its captions or files changed or it is
 * reopened_id's (may be NULL), and opens the rest. */
void library_snapshot_open_media(struct library_snapshot *snapshot, struct db *db,
    const struct settings *settings, const struct library_snapshot *old, const char *reopened_id);
void library_snapshot_free(struct library_snapshot *snapshot);

/* version 0: the current one. */
const struct library_version *library_snapshot_version(
    const struct library_snapshot *snapshot, const char *lecture_id, int64_t version);
const struct library_cohort *library_snapshot_cohort(
    const struct library_snapshot *snapshot, const char *cohort_id);
/* NULL: that lecture has no such handout. */
const struct library_handout *library_snapshot_handout(
    const struct library_snapshot *snapshot, const char *lecture_id, const char *handout_id);
bool library_places_have(
    const struct library_places *places, const char *owner_id, const char *lecture_id);

#endif
