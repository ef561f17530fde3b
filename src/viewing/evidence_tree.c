#include "viewing/evidence_tree.h"

#include <stdio.h>
#include <string.h>

/* Blocks of one transaction. */
enum { PAGE_BLOCKS = 64 };

// clang-format off
static const char places_sql[] =
    "SELECT COALESCE((SELECT MAX(place) + 1 FROM evidence_node WHERE level = $1), 0),"
    "       COALESCE((SELECT MAX(seq) + 1 FROM evidence), 0)";
static const char lines_sql[] =
    "SELECT seq, day, kind, commitment FROM evidence WHERE seq >= $1 AND seq < $2 ORDER BY seq";
static const char node_sql[] =
    "SELECT hash FROM evidence_node WHERE level = $1 AND place = $2";
static const char insert_sql[] =
    "INSERT INTO evidence_node (level, place, hash) VALUES ($1, $2, $3)"
    " ON CONFLICT (level, place) DO NOTHING";
// clang-format on

bool evidence_line_of_row(struct db_rows *rows, struct evidence_line *ret_line)
{
    struct evidence_line line = { .seq = db_int(rows, 0) };
    size_t count;
    const char *day = db_text(rows, 1), *kind = db_text(rows, 2);
    const void *commitment = db_bytes(rows, 3, &count);
    if (!day || strlen(day) >= sizeof line.day || !kind || strlen(kind) >= sizeof line.kind
        || !commitment || count != SHA256_BYTES)
        return false;
    (void)snprintf(line.day, sizeof line.day, "%s", day);
    (void)snprintf(line.kind, sizeof line.kind, "%s", kind);
    memcpy(line.commitment, commitment, count);
    *ret_line = line;
    return true;
}

/* The leaves of records [from, to). */
static bool read_leaves(struct db_connection *connection, uint64_t from, uint64_t to,
    struct merkle_hash *ret_leaves, struct problem *problem)
{
    uint64_t next = from;
    bool good = true;
    struct db_rows *rows = db_query(connection, lines_sql, "ii", (int64_t)from, (int64_t)to);
    while (good && db_next(rows)) {
        struct evidence_line line;
        char text[EVIDENCE_LINE_SIZE];
        good = evidence_line_of_row(rows, &line) && line.seq == (int64_t)next;
        if (good)
            ret_leaves[next++ - from] = merkle_leaf(text, evidence_line_write(&line, text));
    }
    return db_end(rows, problem)
           && (next == to
               || problem_set(problem, PROBLEM_STORAGE,
                   "evidence record %llu is not as it was written", (unsigned long long)next));
}

static bool read_node(struct db_connection *connection, unsigned level, uint64_t place,
    struct merkle_hash *ret_hash, struct problem *problem)
{
    size_t count = 0;
    struct db_rows *rows = db_query(connection, node_sql, "ii", (int64_t)level, (int64_t)place);
    const void *bytes = db_next(rows) ? db_bytes(rows, 0, &count) : NULL;
    bool found = bytes && count == MERKLE_HASH_BYTES;
    if (found)
        memcpy(ret_hash->bytes, bytes, MERKLE_HASH_BYTES);
    return db_end(rows, problem)
           && (found
               || problem_set(problem, PROBLEM_STORAGE,
                   "node %llu of level %u of the evidence log's tree is missing",
                   (unsigned long long)place, level));
}

static struct merkle_hash root_of(const struct merkle_hash *leaves, size_t count)
{
    struct merkle_frontier frontier = { 0 };
    for (size_t i = 0; i < count; i++)
        merkle_add(&frontier, &leaves[i]);
    return merkle_root(&frontier);
}

/* --- growing ----------------------------------------------------------------------------------- */

struct tree_page {
    uint64_t place; /* of the first */
    size_t count;
    struct merkle_hash hashes[PAGE_BLOCKS];
};

/* The next complete blocks that are not stored. */
static bool read_page(struct db_connection *connection, void *data, struct problem *problem)
{
    struct tree_page *page = data;
    struct db_rows *rows = db_query(connection, places_sql, "i", (int64_t)EVIDENCE_BLOCK_LEVEL);
    uint64_t end = 0;
    page->count = 0;
    if (db_next(rows)) {
        page->place = (uint64_t)db_int(rows, 0);
        end = (uint64_t)db_int(rows, 1) >> EVIDENCE_BLOCK_LEVEL;
    }
    bool good = db_end(rows, problem);
    while (good && page->count < PAGE_BLOCKS && page->place + page->count < end) {
        struct merkle_hash leaves[EVIDENCE_BLOCK_RECORDS];
        uint64_t from = (page->place + page->count) << EVIDENCE_BLOCK_LEVEL;
        good = read_leaves(connection, from, from + EVIDENCE_BLOCK_RECORDS, leaves, problem);
        if (good)
            page->hashes[page->count++] = root_of(leaves, EVIDENCE_BLOCK_RECORDS);
    }
    return good;
}

/* A node, and each parent that it makes complete. */
static bool insert_node(struct db_connection *connection, uint64_t place, struct merkle_hash hash,
    struct problem *problem)
{
    for (unsigned level = EVIDENCE_BLOCK_LEVEL;; level++) {
        struct merkle_hash left;
        if (!db_exec(connection, NULL, problem, insert_sql, "iib", (int64_t)level, (int64_t)place,
                hash.bytes, (size_t)MERKLE_HASH_BYTES))
            return false;
        if (!(place & 1))
            return true;
        if (!read_node(connection, level, place - 1, &left, problem))
            return false;
        hash = merkle_node(&left, &hash);
        place >>= 1;
    }
}

static bool insert_page(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct tree_page *page = data;
    bool good = true;
    for (size_t i = 0; good && i < page->count; i++)
        good = insert_node(connection, page->place + i, page->hashes[i], problem);
    return good;
}

bool evidence_tree_grow(struct db *db, struct problem *problem)
{
    struct tree_page page;
    do {
        if (!db_read(db, read_page, &page, problem)
            || (page.count > 0 && !db_write(db, insert_page, &page, problem)))
            return false;
    } while (page.count == PAGE_BLOCKS);
    return true;
}

/* --- paths ------------------------------------------------------------------------------------- */

/* The last block of a tree is in nearly every path, so it has a place of its own. */
static struct evidence_block *block_of(struct evidence_tree *tree, uint64_t place)
{
    uint64_t from = place << EVIDENCE_BLOCK_LEVEL, to = from + EVIDENCE_BLOCK_RECORDS;
    struct evidence_block *block = to >= tree->size ? &tree->last : &tree->own;
    if (to > tree->size)
        to = tree->size;
    if (block->used && block->place == place)
        return block;
    block->used = read_leaves(tree->connection, from, to, block->leaves, tree->problem);
    block->place = place;
    block->count = (size_t)(to - from);
    return block->used ? block : NULL;
}

static bool read_hash(void *data, unsigned level, uint64_t index, struct merkle_hash *ret_hash)
{
    struct evidence_tree *tree = data;
    if (level >= EVIDENCE_BLOCK_LEVEL)
        return read_node(tree->connection, level, index, ret_hash, tree->problem);
    uint64_t from = index << level;
    const struct evidence_block *block = block_of(tree, from >> EVIDENCE_BLOCK_LEVEL);
    if (!block)
        return false;
    *ret_hash = root_of(block->leaves + from % EVIDENCE_BLOCK_RECORDS, (size_t)1 << level);
    return true;
}

bool evidence_tree_path(struct evidence_tree *tree, uint64_t seq, struct merkle_proof *ret_path,
    struct problem *problem)
{
    tree->problem = problem;
    return merkle_prove_inclusion(seq, tree->size, read_hash, tree, ret_path)
           || problem_set(problem, PROBLEM_INTERNAL, "no path to record %llu in a tree of %llu",
               (unsigned long long)seq, (unsigned long long)tree->size);
}
