/*
 * Copies of folders, file by file, that can be brought up to date.  Private to cli/.
 *
 * What is copied    plain files and folders; symbolic links, sockets and drafts are left out.
 * What changes      a file that goes away meanwhile is not missed, one that was replaced is taken anew.
 * Durable           copied files are synced; folders by tree_seal().
 */
#ifndef LECTERN_CLI_BACKUP_TREE_H
#define LECTERN_CLI_BACKUP_TREE_H

#include "base/problem.h"

#include <stdint.h>
#include <stdio.h>

enum tree_way { TREE_COPY, TREE_LINK };

struct tree_counts {
    int64_t files, bytes;
};

/* True: goes into the copy.  path: below the source. */
typedef bool (*tree_choice)(void *data, const char *path);

/* From one folder into another that exists.  ret_taken: files that were not there yet, or were
 * replaced. */
bool tree_take(const char *from, const char *into, enum tree_way way, tree_choice choice,
    void *data, struct tree_counts *ret_taken, struct problem *problem);
/* Writes "digest  path" lines, as sha256sum does, of all files below the folder in the order of their
 * names, and syncs its folders. */
bool tree_seal(
    const char *folder, FILE *sums, struct tree_counts *ret_counts, struct problem *problem);

#endif
