/*
 * A backup: a folder that holds what a server needs to go on, as it was at one moment.
 *
 *   data/           the data folder without what belongs to a running process (sockets, locks, logs,
 *                   work that begins again)
 *   data/store.sqlite
 *                   the store as of one moment (db_copy)
 *   lectern.conf    the settings as they were in effect
 *   backup.json     when, by which version, with which schema, and how media came here
 *   SHA256SUMS      a digest of each file above, for `sha256sum --check`
 *
 * Moment     the files are gathered before the store and, until a look finds nothing new, after it:
 *            what a row of the store names is never missing.  What is there without a row is removed
 *            by the next server that starts on it (catalog/ingest.c).
 * Whole      everything is made below TARGET.draft.XXXXXX, synced, and renamed; an existing target is
 *            refused.  A kill leaves the draft, which is of no use, and nothing under the target's name.
 * Beside     runs in a process of its own, with or without a running server, and takes no lock.
 */
#ifndef LECTERN_CLI_BACKUP_H
#define LECTERN_CLI_BACKUP_H

#include "base/settings.h"

/* Prepared lectures, their originals and handouts. */
enum backup_media {
    BACKUP_MEDIA_LINK, /* hard links: no space, but the same disk; they are never changed in place */
    BACKUP_MEDIA_COPY,
    BACKUP_MEDIA_NONE
};

struct backup_facts {
    enum backup_media media;
    int64_t file_count, bytes;          /* in all */
    int64_t linked_count, linked_bytes; /* of these */
};

/* Linked where the target lies on the data folder's file system, else copied. */
enum backup_media backup_media_for(const struct settings *settings, const char *target);
/* target: no trailing slash.  PROBLEM_CONFLICT where it exists or lies inside the data folder, or
 * where a link is asked for across file systems. */
bool backup_make(const struct settings *settings, const char *target, enum backup_media media,
    struct backup_facts *ret_facts, struct problem *problem);

#endif
