/*
 * Which renditions of a version are published: what the store says, and not what lies in the folder,
 * where a pass may be at work.
 */
#ifndef LECTERN_CATALOG_RENDITIONS_H
#define LECTERN_CATALOG_RENDITIONS_H

#include "media/media_files.h"
#include "store/db.h"

struct renditions {
    size_t count;
    const char *names[MEDIA_RENDITIONS_MAX]; /* in order; point into bytes */
    char bytes[MEDIA_RENDITIONS_MAX][RENDITION_NAME_SIZE];
};

/* Blocks: its own db_read. */
bool renditions_read(struct db *db, const char *lecture_id, int64_t version,
    struct renditions *ret_renditions, struct problem *problem);
bool renditions_have(const struct renditions *renditions, const char *name);
/* One more, if it is not there; false when there is no room for it. */
bool renditions_add(struct renditions *renditions, const char *name);
/* The version in this folder with these, opened. */
struct media_version *renditions_open(const struct renditions *renditions, const char *folder,
    const char *language, struct problem *problem);

#endif
