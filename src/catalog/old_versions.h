/*
 * Versions of lectures that others have taken the place of.  Who plays one goes on with it, and what a player recorded of it
 * counts however late it comes; but after old-version-hours without a sign of life of anybody who plays it, its files,
 * interpreters' recordings among them, are removed.  Its row, its timeline and all records stay.
 */
#ifndef LECTERN_CATALOG_OLD_VERSIONS_H
#define LECTERN_CATALOG_OLD_VERSIONS_H

#include "base/settings.h"
#include "store/db.h"

/* Blocks: for a pool thread or the keeper, now and then.  *ret_any: library_refresh() has something to drop.  A crash in between
 * leaves files, which the next start removes (ingest_files.h). */
bool old_versions_collect(
    struct db *db, const struct settings *settings, bool *ret_any, struct problem *problem);

#endif
