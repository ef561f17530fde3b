#include "viewing/evidence.h"

#include "base/clock.h"
#include "base/text.h"

#include <string.h>

/* Numbers that one record "erasure" names: so it stays below EVIDENCE_DOCUMENT_MAX. */
enum { ERASED_MAX = 40000 };

// clang-format off
static const char place_sql[] =
    "SELECT COALESCE((SELECT MAX(seq) + 1 FROM evidence), 0),"
    "       (SELECT last_seq FROM evidence_subject WHERE subject_id = $1)";
static const char insert_sql[] =
    "INSERT INTO evidence (seq, day, kind, commitment, subject_id, previous_seq, salt, body)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
static const char subject_sql[] =
    "INSERT INTO evidence_subject (subject_id, last_seq) VALUES ($1, $2)"
    " ON CONFLICT (subject_id) DO UPDATE SET last_seq = excluded.last_seq";
static const char last_sql[] =
    "SELECT last_seq FROM evidence_subject WHERE subject_id = $1";
static const char previous_sql[] =
    "SELECT previous_seq FROM evidence WHERE seq = $1";
static const char erase_sql[] =
    "UPDATE evidence SET subject_id = NULL, previous_seq = NULL, salt = NULL, body = NULL WHERE seq = $1";
static const char forget_subject_sql[] =
    "DELETE FROM evidence_subject WHERE subject_id = $1";
// clang-format on

/* Where a record comes to stand: its number, and that of its subject's one before. */
struct place {
    int64_t seq, previous_seq;
    bool has_previous;
};

static bool find_place(struct db_connection *connection, const char *subject_id,
    struct place *ret_place, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, place_sql, "t", subject_id);
    struct place place = { 0 };
    if (db_next(rows)) {
        place.seq = db_int(rows, 0);
        place.previous_seq = db_int(rows, 1);
        place.has_previous = !db_is_null(rows, 1);
    }
    if (!db_end(rows, problem))
        return false;
    *ret_place = place;
    return true;
}

static bool is_kind(const char *kind)
{
    size_t length = strspn(kind, "abcdefghijklmnopqrstuvwxyz-");
    return length > 0 && length < EVIDENCE_KIND_SIZE && kind[length] == '\0';
}

/* Ids only, which need no escape. */
static bool is_subject(const char *subject_id)
{
    return subject_id[0] == '\0' || secure_is_uuid(subject_id);
}

static bool insert(struct db_connection *connection, const char *kind, const char *subject_id,
    const struct place *place, int64_t at_ms, const struct text *document, struct problem *problem)
{
    uint8_t salt[EVIDENCE_SALT_BYTES], commitment[SHA256_BYTES];
    secure_random(salt, sizeof salt);
    evidence_commit(salt, document->bytes, document->length, commitment);
    char day[CLOCK_ISO_SIZE];
    clock_format_iso(at_ms, day);
    day[EVIDENCE_DAY_SIZE - 1] = '\0';
    return db_exec(connection, NULL, problem, insert_sql, "ittbtIbt", place->seq, day, kind,
               commitment, sizeof commitment, subject_id,
               place->has_previous ? &place->previous_seq : NULL, salt, sizeof salt,
               document->bytes)
           && db_exec(connection, NULL, problem, subject_sql, "ti", subject_id, place->seq);
}

static void write_document(struct text *document, const char *subject_id, const struct place *place,
    int64_t at_ms, const char *record, size_t length)
{
    text_printf(document, "{\"at_ms\":%lld,\"previous\":", (long long)at_ms);
    if (place->has_previous)
        text_printf(document, "%lld", (long long)place->previous_seq);
    else
        text_append_string(document, "null");
    text_append_string(document, ",\"record\":");
    text_append(document, record, length);
    text_printf(document, ",\"subject\":\"%s\"}", subject_id);
}

bool evidence_append_text(struct db_connection *connection, const char *kind,
    const char *subject_id, const char *record, size_t length, struct problem *problem)
{
    if (!is_kind(kind) || !is_subject(subject_id))
        return problem_set(
            problem, PROBLEM_INTERNAL, "evidence of '%.40s' about '%.40s'", kind, subject_id);
    struct place place;
    if (!find_place(connection, subject_id, &place, problem))
        return false;
    int64_t at_ms = clock_now_ms();
    struct text document;
    text_init(&document, EVIDENCE_DOCUMENT_MAX);
    write_document(&document, subject_id, &place, at_ms, record, length);
    bool good = document.overflowed
                    ? problem_set(problem, PROBLEM_INTERNAL, "evidence of %zu bytes", length)
                    : insert(connection, kind, subject_id, &place, at_ms, &document, problem);
    text_release(&document);
    return good;
}

static int append_piece(const char *bytes, size_t length, void *data)
{
    text_append(data, bytes, length);
    return 0;
}

bool evidence_append(struct db_connection *connection, const char *kind, const char *subject_id,
    const json_t *record, struct problem *problem)
{
    struct text text;
    text_init(&text, EVIDENCE_DOCUMENT_MAX);
    bool good
        = json_is_object(record)
          && json_dump_callback(record, append_piece, &text, JSON_COMPACT | JSON_SORT_KEYS) == 0
          && !text.overflowed;
    good = good ? evidence_append_text(
               connection, kind, subject_id, text.bytes, text.length, problem)
                : problem_set(problem, PROBLEM_INTERNAL, "evidence that is no object");
    text_release(&text);
    return good;
}

/* *ret_found false where there is no row, or a null. */
static bool read_number(
    struct db_rows *rows, int64_t *ret_number, bool *ret_found, struct problem *problem)
{
    *ret_found = db_next(rows) && !db_is_null(rows, 0);
    *ret_number = *ret_found ? db_int(rows, 0) : 0;
    return db_end(rows, problem);
}

/* Along the subject's chain, newest first: an array of their numbers. */
static bool erase_chain(
    struct db_connection *connection, const char *subject_id, json_t *seqs, struct problem *problem)
{
    int64_t seq = 0;
    bool found = false;
    bool good = read_number(db_query(connection, last_sql, "t", subject_id), &seq, &found, problem);
    while (good && found) {
        int64_t erased = seq;
        (void)json_array_append_new(seqs, json_integer(erased));
        good = read_number(db_query(connection, previous_sql, "i", erased), &seq, &found, problem)
               && db_exec(connection, NULL, problem, erase_sql, "i", erased);
    }
    return good && db_exec(connection, NULL, problem, forget_subject_sql, "t", subject_id);
}

/* seqs[from..to), which is newest first, in ascending order. */
static bool record_erasure(struct db_connection *connection, const char *cohort_id,
    const char *reason, const json_t *seqs, size_t from, size_t to, struct problem *problem)
{
    json_t *erased = json_array();
    for (size_t i = to; i > from; i--)
        (void)json_array_append(erased, json_array_get(seqs, i - 1));
    json_t *record = json_pack("{s:o,s:s}", "erased", erased, "reason", reason);
    bool good = evidence_append(connection, "erasure", cohort_id, record, problem);
    json_decref(record);
    return good;
}

bool evidence_erase(struct db_connection *connection, const char *participant_id,
    const char *cohort_id, const char *reason, int64_t *ret_count, struct problem *problem)
{
    json_t *seqs = json_array();
    bool good = erase_chain(connection, participant_id, seqs, problem);
    size_t count = json_array_size(seqs);
    for (size_t to = count; good && to > 0;) {
        size_t from = to > ERASED_MAX ? to - ERASED_MAX : 0;
        good = record_erasure(connection, cohort_id, reason, seqs, from, to, problem);
        to = from;
    }
    json_decref(seqs);
    if (good && ret_count)
        *ret_count = (int64_t)count;
    return good;
}
