/*
 * The evidence log's Merkle tree as it is stored, so that a record's inclusion path (RFC 6962 section 2.1.1) is
 * found without reading the log; private to viewing/.
 *
 * Stored     the hashes of complete subtrees of EVIDENCE_BLOCK_RECORDS records and above (table evidence_node): two
 *            for 64 records.  What lies below is computed from the lines of one block, so a path reads at most two
 *            blocks and a node a level, however long the log is.
 * Growing    the nodes follow from the records alone, and parents are written with their children: a crash
 *            in between leaves less to be done next time, and two at once write the same.
 * Threads    growing blocks: never on a loop.
 */
#ifndef LECTERN_VIEWING_EVIDENCE_TREE_H
#define LECTERN_VIEWING_EVIDENCE_TREE_H

#include "store/db.h"
#include "viewing/evidence.h"
#include "viewing/merkle.h"

enum { EVIDENCE_BLOCK_LEVEL = 6, EVIDENCE_BLOCK_RECORDS = 1 << EVIDENCE_BLOCK_LEVEL };

/* Stores what records since the last time made complete, in short transactions. */
bool evidence_tree_grow(struct db *db, struct problem *problem);

/* A row that begins with seq, day, kind and commitment; false where it holds something else. */
bool evidence_line_of_row(struct db_rows *rows, struct evidence_line *ret_line);

/* The leaves of a block, kept from one path to the next. */
struct evidence_block {
    bool used;
    uint64_t place;
    size_t count;
    struct merkle_hash leaves[EVIDENCE_BLOCK_RECORDS];
};
/* Inside one db_read.  {connection, size} begins with nothing read. */
struct evidence_tree {
    struct db_connection *connection;
    uint64_t size; /* of the checkpoint that paths lead to */
    struct evidence_block own, last;
    struct problem *problem;
};
/* Of the record seq < size, in a tree that evidence_tree_grow() completed. */
bool evidence_tree_path(struct evidence_tree *tree, uint64_t seq, struct merkle_proof *ret_path,
    struct problem *problem);

#endif
