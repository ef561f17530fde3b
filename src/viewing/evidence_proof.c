/* A person's proof: its making. */
#include "viewing/evidence_proof.h"

#include "base/json.h"
#include "viewing/evidence_tree.h"

#include <string.h>

enum { PAGE_RECORDS = 500 };

// clang-format off
static const char newest_sql[] =
    "SELECT size, note FROM evidence_checkpoint ORDER BY size DESC LIMIT 1";
static const char of_size_sql[] =
    "SELECT size, note FROM evidence_checkpoint WHERE size = $1";
/* Along the subject's chain, beside the keys. */
static const char records_sql[] =
    "WITH RECURSIVE chain (seq, previous_seq) AS ("
    " SELECT evidence.seq, evidence.previous_seq FROM evidence_subject"
    "   JOIN evidence ON evidence.seq = evidence_subject.last_seq"
    "  WHERE evidence_subject.subject_id = $1"
    " UNION ALL"
    " SELECT evidence.seq, evidence.previous_seq FROM chain"
    "   JOIN evidence ON evidence.seq = chain.previous_seq)"
    " SELECT evidence.seq, evidence.day, evidence.kind, evidence.commitment, evidence.salt, evidence.body"
    "   FROM (SELECT seq FROM chain UNION SELECT seq FROM evidence_key) AS shown"
    "   JOIN evidence ON evidence.seq = shown.seq"
    "  WHERE shown.seq > $2 AND shown.seq < $3"
    "  ORDER BY shown.seq LIMIT $4";
// clang-format on

struct proving {
    struct proof_page *page, next; /* as it was asked for, and as it will be */
    struct text *text;
    size_t begin; /* of the text before this page */
};

static void write_object(struct text *text, json_t *object)
{
    json_write(object, text);
    text_append_string(text, "\n");
    json_decref(object);
}

static bool read_checkpoint(
    struct db_connection *connection, struct proving *proving, struct problem *problem)
{
    const struct proof_page *page = proving->page;
    struct db_rows *rows = page->size > 0 ? db_query(connection, of_size_sql, "i", page->size)
                                          : db_query(connection, newest_sql, "");
    bool found = db_next(rows);
    if (found) {
        proving->next.size = db_int(rows, 0);
        if (page->after < 0)
            write_object(proving->text, json_pack("{s:s,s:s}", "checkpoint", db_text(rows, 1),
                                            "subject", page->subject_id));
    }
    return db_end(rows, problem)
           && (found
               || problem_set(problem, PROBLEM_NOT_FOUND,
                   page->size > 0 ? "no checkpoint of %lld records has been signed"
                                  : "no checkpoint has been signed yet",
                   (long long)page->size));
}

static json_t *path_json(const struct merkle_proof *path)
{
    json_t *hashes = json_array();
    for (size_t i = 0; i < path->count; i++) {
        char digits[2 * MERKLE_HASH_BYTES + 1];
        text_hex_encode(path->hashes[i].bytes, MERKLE_HASH_BYTES, digits);
        (void)json_array_append_new(hashes, json_string(digits));
    }
    return hashes;
}

static bool write_record(struct proving *proving, struct evidence_tree *tree, struct db_rows *rows,
    struct problem *problem)
{
    struct evidence_line line;
    struct merkle_proof path;
    size_t salt_count;
    char text[EVIDENCE_LINE_SIZE], salt_text[2 * EVIDENCE_SALT_BYTES + 1];
    const void *salt = db_bytes(rows, 4, &salt_count);
    const char *document = db_text(rows, 5);
    if (!evidence_line_of_row(rows, &line) || !salt || salt_count != EVIDENCE_SALT_BYTES
        || !document)
        return problem_set(problem, PROBLEM_STORAGE,
            "evidence record %lld is not as it was written", (long long)db_int(rows, 0));
    if (!evidence_tree_path(tree, (uint64_t)line.seq, &path, problem))
        return false;
    text[evidence_line_write(&line, text)] = '\0';
    text_hex_encode(salt, salt_count, salt_text);
    write_object(proving->text, json_pack("{s:s,s:s,s:o,s:s}", "document", document, "line", text,
                                    "path", path_json(&path), "salt", salt_text));
    proving->next.after = line.seq;
    proving->next.own_count += strcmp(line.kind, "key") != 0;
    return true;
}

static bool write_records(
    struct db_connection *connection, struct proving *proving, struct problem *problem)
{
    const struct proof_page *page = proving->page;
    struct evidence_tree tree = { .connection = connection, .size = (uint64_t)proving->next.size };
    int64_t count = 0;
    bool good = true, full = false;
    struct db_rows *rows = db_query(connection, records_sql, "tiii", page->subject_id, page->after,
        proving->next.size, (int64_t)PAGE_RECORDS);
    while (good && !full && db_next(rows)) {
        good = write_record(proving, &tree, rows, problem);
        count++;
        full = proving->text->length - proving->begin >= PROOF_PAGE_BYTES;
    }
    proving->next.is_last = !full && count < PAGE_RECORDS;
    return db_end(rows, problem) && good;
}

static bool write_page(struct db_connection *connection, void *data, struct problem *problem)
{
    struct proving *proving = data;
    if (!read_checkpoint(connection, proving, problem)
        || !write_records(connection, proving, problem))
        return false;
    return !proving->text->overflowed
           || problem_set(problem, PROBLEM_INTERNAL, "a page of a proof is over %d bytes",
               PROOF_TEXT_BYTES_MAX);
}

bool evidence_proof_next(
    struct db *db, struct proof_page *page, struct text *text, struct problem *problem)
{
    struct proving proving = { .page = page, .next = *page, .text = text, .begin = text->length };
    if (!evidence_tree_grow(db, problem) || !db_read(db, write_page, &proving, problem))
        return false;
    *page = proving.next;
    return true;
}
