#include "viewing/evidence_checkpoints.h"

#include "base/clock.h"
#include "base/memory.h"
#include "viewing/evidence_keys.h"
#include "viewing/evidence_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Records of one short transaction. */
enum { PAGE_RECORDS = 5000 };

// clang-format off
static const char newest_sql[] =
    "SELECT size, at_ms, root, note, frontier FROM evidence_checkpoint ORDER BY size DESC LIMIT 1";
static const char size_sql[] =
    "SELECT COALESCE(MAX(seq) + 1, 0) FROM evidence";
static const char page_sql[] =
    "SELECT seq, day, kind, commitment FROM evidence WHERE seq >= $1 AND seq < $2 ORDER BY seq";
static const char insert_sql[] =
    "INSERT INTO evidence_checkpoint (size, at_ms, cause, root, frontier, note, stamp)"
    " VALUES ($1, $2, $3, $4, $5, $6, NULL)"
    " ON CONFLICT (size) DO NOTHING";
static const char insert_or_replace_sql[] =
    "INSERT INTO evidence_checkpoint (size, at_ms, cause, root, frontier, note, stamp)"
    " VALUES ($1, $2, $3, $4, $5, $6, NULL)"
    " ON CONFLICT (size) DO UPDATE SET cause = excluded.cause, note = excluded.note, stamp = NULL";
static const char list_sql[] =
    "SELECT size, at_ms, cause, root, CASE WHEN stamp IS NULL THEN 0 ELSE 1 END FROM evidence_checkpoint"
    " ORDER BY size DESC LIMIT $1";
static const char ended_sql[] =
    "SELECT COUNT(*) FROM cohort WHERE closes_at_ms > $1 AND closes_at_ms <= $2";
// clang-format on

/* A tree on its way from one checkpoint to the next. */
struct growing {
    struct merkle_frontier frontier;
    struct evidence_head head; /* the newest there is, then the new one */
    int64_t end;               /* records to take */
    const char *cause;
    const struct note_signer *const *signers; /* the newest is the last */
    size_t signer_count;
};

static bool read_frontier(const void *bytes, size_t count, struct merkle_frontier *frontier)
{
    const uint8_t *at = bytes;
    for (unsigned level = 0; level <= MERKLE_LEVELS_MAX; level++) {
        if (!(frontier->size >> level & 1))
            continue;
        if (count < MERKLE_HASH_BYTES)
            return false;
        memcpy(frontier->nodes[level].bytes, at, MERKLE_HASH_BYTES);
        at += MERKLE_HASH_BYTES;
        count -= MERKLE_HASH_BYTES;
    }
    return count == 0;
}

static size_t write_frontier(
    const struct merkle_frontier *frontier, uint8_t ret_bytes[sizeof frontier->nodes])
{
    size_t count = 0;
    for (unsigned level = 0; level <= MERKLE_LEVELS_MAX; level++)
        if (frontier->size >> level & 1) {
            memcpy(ret_bytes + count, frontier->nodes[level].bytes, MERKLE_HASH_BYTES);
            count += MERKLE_HASH_BYTES;
        }
    return count;
}

static bool read_head(struct db_rows *rows, struct evidence_head *head)
{
    size_t root_count;
    const void *root = db_bytes(rows, 2, &root_count);
    const char *note = db_text(rows, 3);
    head->size = db_int(rows, 0);
    head->at_ms = db_int(rows, 1);
    if (!root || root_count != MERKLE_HASH_BYTES || !note || strlen(note) >= sizeof head->note)
        return false;
    memcpy(head->root.bytes, root, root_count);
    (void)snprintf(head->note, sizeof head->note, "%s", note);
    return true;
}

/* frontier may be NULL. */
static bool read_newest(struct db_connection *connection, struct evidence_head *ret_head,
    struct merkle_frontier *frontier, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, newest_sql, "");
    bool good = true;
    ret_head->size = ret_head->at_ms = 0;
    ret_head->note[0] = '\0';
    if (db_next(rows)) {
        size_t count;
        good = read_head(rows, ret_head);
        const void *bytes = db_bytes(rows, 4, &count);
        if (good && frontier) {
            frontier->size = (uint64_t)ret_head->size;
            good = bytes && read_frontier(bytes, count, frontier);
        }
    }
    return db_end(rows, problem)
           && (good
               || problem_set(problem, PROBLEM_STORAGE, "a damaged row of evidence_checkpoint"));
}

bool evidence_head_read(
    struct db_connection *connection, struct evidence_head *ret_head, struct problem *problem)
{
    return read_newest(connection, ret_head, NULL, problem);
}

static bool read_size(struct db_connection *connection, int64_t *ret_size, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, size_sql, "");
    *ret_size = db_next(rows) ? db_int(rows, 0) : 0;
    return db_end(rows, problem);
}

static bool begin(struct db_connection *connection, void *data, struct problem *problem)
{
    struct growing *growing = data;
    growing->frontier.size = 0;
    return read_newest(connection, &growing->head, &growing->frontier, problem)
           && read_size(connection, &growing->end, problem);
}

static bool add_record(struct growing *growing, struct db_rows *rows)
{
    struct evidence_line line;
    char text[EVIDENCE_LINE_SIZE];
    if (!evidence_line_of_row(rows, &line) || line.seq != (int64_t)growing->frontier.size)
        return false;
    struct merkle_hash leaf = merkle_leaf(text, evidence_line_write(&line, text));
    merkle_add(&growing->frontier, &leaf);
    return true;
}

static bool add_page(struct db_connection *connection, void *data, struct problem *problem)
{
    struct growing *growing = data;
    int64_t from = (int64_t)growing->frontier.size;
    int64_t to = growing->end < from + PAGE_RECORDS ? growing->end : from + PAGE_RECORDS;
    struct db_rows *rows = db_query(connection, page_sql, "ii", from, to);
    bool good = true;
    while (good && db_next(rows))
        good = add_record(growing, rows);
    good = good && (int64_t)growing->frontier.size == to;
    return db_end(rows, problem)
           && (good
               || problem_set(problem, PROBLEM_STORAGE,
                   "evidence record %llu is not as it was written",
                   (unsigned long long)growing->frontier.size));
}

/* A key may have retired since its signer was opened: what it signs now, nobody would accept. */
static bool require_current_key(
    struct db_connection *connection, const struct growing *growing, struct problem *problem)
{
    const struct note_signer *newest = growing->signers[growing->signer_count - 1];
    bool current;
    return evidence_key_is_current(connection, note_signer_key(newest), &current, problem)
           && (current
               || problem_set(
                   problem, PROBLEM_CONFLICT, "the evidence log's key changed meanwhile"));
}

static bool insert(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct growing *growing = data;
    const struct evidence_head *head = &growing->head;
    const char *sql = growing->signer_count > 1 ? insert_or_replace_sql : insert_sql;
    uint8_t frontier[sizeof growing->frontier.nodes];
    size_t count = write_frontier(&growing->frontier, frontier);
    return require_current_key(connection, growing, problem)
           && db_exec(connection, NULL, problem, sql, "iitbbt", head->size, head->at_ms,
               growing->cause, head->root.bytes, (size_t)MERKLE_HASH_BYTES, frontier, count,
               head->note);
}

static bool sign(struct growing *growing, struct problem *problem)
{
    struct evidence_head *head = &growing->head;
    struct text note;
    text_init(&note, sizeof head->note - 1);
    head->size = growing->end;
    head->at_ms = clock_now_ms();
    head->root = merkle_root(&growing->frontier);
    bool good = checkpoint_write((uint64_t)head->size, &head->root, growing->signers,
                    growing->signer_count, &note)
                && !note.overflowed;
    if (good)
        (void)snprintf(head->note, sizeof head->note, "%s", note.bytes);
    else
        problem_set(problem, PROBLEM_INTERNAL, "OpenSSL cannot sign a checkpoint");
    text_release(&note);
    return good;
}

static bool grow(struct db *db, struct growing *growing, struct problem *problem)
{
    if (!db_read(db, begin, growing, problem))
        return false;
    if (growing->end == growing->head.size && growing->signer_count == 1)
        return true;
    while ((int64_t)growing->frontier.size < growing->end)
        if (!db_read(db, add_page, growing, problem))
            return false;
    return sign(growing, problem) && db_write(db, insert, growing, problem);
}

bool evidence_checkpoint_by(struct db *db, const struct note_signer *const *signers,
    size_t signer_count, const char *cause, struct evidence_head *ret_head, struct problem *problem)
{
    struct growing *growing = memory_zeroed(1, sizeof *growing);
    growing->cause = cause;
    growing->signers = signers;
    growing->signer_count = signer_count;
    bool good = grow(db, growing, problem);
    if (good && ret_head)
        *ret_head = growing->head;
    free(growing);
    return good;
}

static bool checkpoint_by_current(struct db *db, const struct settings *settings, const char *cause,
    struct evidence_head *ret_head, struct problem *problem)
{
    struct note_signer *signer = evidence_signer_open(db, settings, problem);
    if (!signer)
        return false;
    const struct note_signer *const signers[] = { signer };
    bool good = evidence_checkpoint_by(db, signers, 1, cause, ret_head, problem);
    note_signer_free(signer);
    return good;
}

bool evidence_checkpoint(struct db *db, const struct settings *settings, const char *cause,
    struct evidence_head *ret_head, struct problem *problem)
{
    if (checkpoint_by_current(db, settings, cause, ret_head, problem))
        return true;
    if (problem->kind != PROBLEM_CONFLICT)
        return false;
    problem_clear(problem);
    return checkpoint_by_current(db, settings, cause, ret_head, problem);
}

json_t *evidence_checkpoints_json(
    struct db_connection *connection, int64_t most, struct problem *problem)
{
    json_t *checkpoints = json_array();
    struct db_rows *rows = db_query(connection, list_sql, "i", most);
    while (db_next(rows)) {
        size_t count;
        char root[2 * MERKLE_HASH_BYTES + 1] = "";
        const void *bytes = db_bytes(rows, 3, &count);
        if (bytes && count == MERKLE_HASH_BYTES)
            text_hex_encode(bytes, count, root);
        (void)json_array_append_new(
            checkpoints, json_pack("{s:I,s:I,s:s,s:s,s:b}", "size", (json_int_t)db_int(rows, 0),
                             "at_ms", (json_int_t)db_int(rows, 1), "cause", db_text(rows, 2),
                             "root", root, "stamped", (int)(db_int(rows, 4) != 0)));
    }
    if (db_end(rows, problem))
        return checkpoints;
    json_decref(checkpoints);
    return NULL;
}

static bool cohorts_ended(struct db_connection *connection, int64_t since_ms, int64_t until_ms,
    bool *ret_ended, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, ended_sql, "ii", since_ms, until_ms);
    *ret_ended = db_next(rows) && db_int(rows, 0) > 0;
    return db_end(rows, problem);
}

bool evidence_checkpoint_due(struct db_connection *connection, int64_t now_ms, int64_t every_ms,
    const char **ret_cause, struct problem *problem)
{
    struct evidence_head head;
    int64_t size;
    bool ended = false;
    if (!read_newest(connection, &head, NULL, problem) || !read_size(connection, &size, problem)
        || !cohorts_ended(connection, head.at_ms, now_ms, &ended, problem))
        return false;
    *ret_cause = size == head.size                 ? NULL
                 : ended && head.size > 0          ? "cohort-end"
                 : now_ms - head.at_ms >= every_ms ? "interval"
                                                   : NULL;
    return true;
}
