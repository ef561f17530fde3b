/* A bundle's making. */
#include "viewing/evidence_bundle.h"

#include "base/memory.h"
#include "viewing/evidence_keys.h"
#include "viewing/evidence_readme.h"
#include "viewing/evidence_stamps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* PAGE_RECORDS of one short transaction; SUBJECTS_MAX in one record "export", which so stays below
 * EVIDENCE_DOCUMENT_MAX. */
enum { PAGE_RECORDS = 2000, ATTEMPTS_MAX = 10, SUBJECTS_MAX = 10000, FILE_BUFFER_BYTES = 1 << 18 };

// clang-format off
static const char cohort_sql[] =
    "SELECT id FROM cohort WHERE id = $1";
/* The subjects of a cohort: itself, its participants, and the server. */
static const char subjects_sql[] =
    "SELECT evidence_subject.subject_id, evidence_subject.last_seq FROM evidence_subject"
    "  LEFT JOIN participant ON participant.id = evidence_subject.subject_id"
    " WHERE evidence_subject.subject_id = '' OR evidence_subject.subject_id = $1 OR participant.cohort_id = $1"
    " ORDER BY evidence_subject.subject_id";
static const char page_sql[] =
    "SELECT seq, day, kind, commitment,"
    "       CASE WHEN subject_id = '' OR subject_id = $3 OR participant.cohort_id = $3 THEN salt END,"
    "       CASE WHEN subject_id = '' OR subject_id = $3 OR participant.cohort_id = $3 THEN body END"
    "  FROM evidence"
    "  LEFT JOIN participant ON participant.id = evidence.subject_id"
    " WHERE seq >= $1 AND seq < $2"
    " ORDER BY seq";
static const char newest_record_sql[] =
    "SELECT MAX(seq) FROM evidence";
static const char exports_since_sql[] =
    "SELECT COUNT(*) FROM evidence WHERE seq > $1 AND seq < $2 AND kind = 'export'";
/* An erasure is a record of the cohort. */
static const char erasures_since_sql[] =
    "SELECT COUNT(*) FROM evidence WHERE seq > $1 AND kind = 'erasure' AND subject_id = $2";
static const char checkpoints_sql[] =
    "SELECT note FROM evidence_checkpoint WHERE size <= $1 ORDER BY size";
static const char stamp_sql[] =
    "SELECT stamp FROM evidence_checkpoint WHERE size = $1";
// clang-format on

struct exporting {
    const char *cohort_id;
    int folder_fd;
    FILE *log, *leaves, *records;
    int64_t export_seq; /* of its own record */
    int64_t next;       /* record to write */
    struct bundle_facts facts;
};

static FILE *make_file(int folder_fd, const char *name, struct problem *problem)
{
    int fd = openat(folder_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file) {
        (void)setvbuf(file, NULL, _IOFBF, FILE_BUFFER_BYTES);
        return file;
    }
    problem_set_errno(problem, errno, "make '%s' in the bundle", name);
    if (fd >= 0)
        (void)close(fd);
    return NULL;
}

static bool end_file(FILE *file, struct problem *problem)
{
    bool good = fflush(file) == 0 && !ferror(file) && fsync(fileno(file)) == 0;
    if (!good)
        problem_set_errno(problem, errno, "write the bundle");
    return (fclose(file) == 0 || problem_set_errno(problem, errno, "write the bundle")) && good;
}

static bool write_whole(
    int folder_fd, const char *name, const void *bytes, size_t count, struct problem *problem)
{
    FILE *file = make_file(folder_fd, name, problem);
    if (!file)
        return false;
    (void)fwrite(bytes, 1, count, file);
    return end_file(file, problem);
}

static bool require_cohort(
    struct db_connection *connection, const char *cohort_id, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, cohort_sql, "t", cohort_id);
    bool found = db_next(rows);
    return db_end(rows, problem)
           && (found || problem_set(problem, PROBLEM_NOT_FOUND, "no cohort '%.40s'", cohort_id));
}

static bool read_number(struct db_rows *rows, int64_t *ret_number, struct problem *problem)
{
    *ret_number = db_next(rows) ? db_int(rows, 0) : 0;
    return db_end(rows, problem);
}

static bool append_heads(
    struct db_connection *connection, const char *cohort_id, json_t *heads, struct problem *problem)
{
    json_t *record = json_pack("{s:O}", "subjects", heads);
    bool good = evidence_append(connection, "export", cohort_id, record, problem);
    json_decref(record);
    return good;
}

/* The record "export": where each subject's chain of documents ends. */
static bool record_export(struct db_connection *connection, void *data, struct problem *problem)
{
    struct exporting *exporting = data;
    if (!require_cohort(connection, exporting->cohort_id, problem))
        return false;
    json_t *heads = json_object();
    struct db_rows *rows = db_query(connection, subjects_sql, "t", exporting->cohort_id);
    while (db_next(rows))
        (void)json_object_set_new(heads, db_text(rows, 0), json_integer(db_int(rows, 1)));
    bool good = db_end(rows, problem)
                && (json_object_size(heads) <= SUBJECTS_MAX
                    || problem_set(problem, PROBLEM_CONFLICT,
                        "A bundle is of a cohort of at most %d people.", SUBJECTS_MAX))
                && append_heads(connection, exporting->cohort_id, heads, problem)
                && read_number(
                    db_query(connection, newest_record_sql, ""), &exporting->export_seq, problem);
    json_decref(heads);
    return good;
}

static bool count_exports_since(
    struct db_connection *connection, void *data, struct problem *problem)
{
    struct exporting *exporting = data;
    return read_number(db_query(connection, exports_since_sql, "ii", exporting->export_seq,
                           exporting->facts.head.size),
        &exporting->next, problem);
}

/* The last record "export" below the checkpoint is this one's, so that nobody can leave it out.  Another
 * export at the same moment makes it begin again. */
static bool begin(struct db *db, const struct settings *settings, struct exporting *exporting,
    struct problem *problem)
{
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        if (!db_write(db, record_export, exporting, problem)
            || !evidence_checkpoint(db, settings, "export", &exporting->facts.head, problem)
            || !db_read(db, count_exports_since, exporting, problem))
            return false;
        if (exporting->next == 0)
            return true;
    }
    return problem_set(problem, PROBLEM_BUSY, "other exports came between, each time");
}

struct erasures {
    const struct exporting *exporting;
    int64_t count;
};

static bool count_erasures_since(
    struct db_connection *connection, void *data, struct problem *problem)
{
    struct erasures *erasures = data;
    return read_number(db_query(connection, erasures_since_sql, "it",
                           erasures->exporting->export_seq, erasures->exporting->cohort_id),
        &erasures->count, problem);
}

static bool write_line(struct exporting *exporting, struct db_rows *rows)
{
    struct evidence_line line = { .seq = db_int(rows, 0) };
    char text[EVIDENCE_LINE_SIZE];
    size_t count;
    const void *commitment = db_bytes(rows, 3, &count);
    if (line.seq != exporting->next || !commitment || count != SHA256_BYTES)
        return false;
    (void)snprintf(line.day, sizeof line.day, "%s", db_text(rows, 1));
    (void)snprintf(line.kind, sizeof line.kind, "%s", db_text(rows, 2));
    memcpy(line.commitment, commitment, count);
    size_t length = evidence_line_write(&line, text);
    struct merkle_hash leaf = merkle_leaf(text, length);
    text[length] = '\n';
    (void)fwrite(text, 1, length + 1, exporting->log);
    (void)fwrite(leaf.bytes, 1, sizeof leaf.bytes, exporting->leaves);
    exporting->next++;
    return true;
}

/* Of an erased record, and of others' records, there is none. */
static void write_document(struct exporting *exporting, struct db_rows *rows)
{
    char salt_text[2 * EVIDENCE_SALT_BYTES + 1];
    size_t count;
    const void *salt = db_bytes(rows, 4, &count);
    const char *body = db_text(rows, 5);
    if (!salt || count != EVIDENCE_SALT_BYTES || !body)
        return;
    text_hex_encode(salt, count, salt_text);
    (void)fprintf(
        exporting->records, "%lld\t%s\t%s\n", (long long)db_int(rows, 0), salt_text, body);
    exporting->facts.documents++;
}

static bool write_page(struct db_connection *connection, void *data, struct problem *problem)
{
    struct exporting *exporting = data;
    int64_t to = exporting->next + PAGE_RECORDS;
    if (to > exporting->facts.head.size)
        to = exporting->facts.head.size;
    struct db_rows *rows
        = db_query(connection, page_sql, "iit", exporting->next, to, exporting->cohort_id);
    bool good = true;
    while (good && db_next(rows)) {
        good = write_line(exporting, rows);
        if (good)
            write_document(exporting, rows);
    }
    return db_end(rows, problem)
           && ((good && exporting->next == to)
               || problem_set(problem, PROBLEM_STORAGE,
                   "evidence record %lld is not as it was written", (long long)exporting->next));
}

static bool write_pages(struct db *db, struct exporting *exporting, struct problem *problem)
{
    bool good = true;
    while (good && exporting->next < exporting->facts.head.size)
        good = db_read(db, write_page, exporting, problem)
               && ((!ferror(exporting->log) && !ferror(exporting->leaves)
                       && !ferror(exporting->records))
                   || problem_set_errno(problem, errno, "write the bundle"));
    exporting->facts.records = exporting->next;
    return good;
}

static bool write_records(struct db *db, struct exporting *exporting, struct problem *problem)
{
    FILE **const files[] = { &exporting->log, &exporting->leaves, &exporting->records };
    static const char *const names[] = { BUNDLE_LOG, BUNDLE_LEAVES, BUNDLE_RECORDS };
    bool good = true;
    for (size_t i = 0; good && i < 3; i++)
        good = (*files[i] = make_file(exporting->folder_fd, names[i], problem)) != NULL;
    good = good && write_pages(db, exporting, problem);
    for (size_t i = 0; i < 3; i++)
        if (*files[i]) {
            good = end_file(*files[i], problem) && good;
            *files[i] = NULL;
        }
    return good;
}

/* Makes the folder empty again. */
static bool remove_records(int folder_fd, struct problem *problem)
{
    static const char *const names[] = { BUNDLE_LOG, BUNDLE_LEAVES, BUNDLE_RECORDS };
    for (size_t i = 0; i < 3; i++)
        if (unlinkat(folder_fd, names[i], 0) != 0)
            return problem_set_errno(problem, errno, "remove '%s' from the bundle", names[i]);
    return true;
}

/* An erasure after the record "export" takes documents away that this one counts on, and perhaps in the
 * middle of the reading: then all begins again, once. */
static bool write_records_of_now(struct db *db, const struct settings *settings,
    struct exporting *exporting, struct problem *problem)
{
    for (int attempt = 0; attempt < 2; attempt++) {
        struct problem unstamped = { 0 };
        struct erasures erasures = { .exporting = exporting };
        bool stamped;
        exporting->facts.documents = 0;
        if (!begin(db, settings, exporting, problem))
            return false;
        /* An authority that cannot be reached leaves the bundle without a stamp. */
        (void)evidence_stamp_newest(db, settings, &stamped, &unstamped);
        if (!write_records(db, exporting, problem)
            || !db_read(db, count_erasures_since, &erasures, problem))
            return false;
        if (erasures.count == 0)
            return true;
        if (!remove_records(exporting->folder_fd, problem))
            return false;
    }
    return problem_set(problem, PROBLEM_BUSY, "somebody was erased meanwhile: export again");
}

/* The last is the head, whose note may be another by now: with both keys of a rotation. */
static bool write_checkpoints(
    struct db_connection *connection, struct exporting *exporting, struct problem *problem)
{
    struct evidence_head *head = &exporting->facts.head;
    FILE *file = make_file(exporting->folder_fd, BUNDLE_CHECKPOINTS, problem);
    if (!file)
        return false;
    struct db_rows *rows = db_query(connection, checkpoints_sql, "i", head->size);
    while (db_next(rows)) {
        (void)snprintf(head->note, sizeof head->note, "%s", db_text(rows, 0));
        json_t *line = json_pack("{s:s}", "note", db_text(rows, 0));
        (void)json_dumpf(line, file, JSON_COMPACT);
        (void)fputc('\n', file);
        json_decref(line);
    }
    bool good = db_end(rows, problem);
    return end_file(file, problem) && good;
}

static bool write_stamp(
    struct db_connection *connection, const struct exporting *exporting, struct problem *problem)
{
    bool good = true;
    struct db_rows *rows = db_query(connection, stamp_sql, "i", exporting->facts.head.size);
    if (db_next(rows) && !db_is_null(rows, 0)) {
        size_t count;
        const void *stamp = db_bytes(rows, 0, &count);
        good = write_whole(exporting->folder_fd, BUNDLE_STAMP, stamp, count, problem);
    }
    return db_end(rows, problem) && good;
}

static bool write_keys(
    struct db_connection *connection, const struct exporting *exporting, struct problem *problem)
{
    json_t *keys = evidence_keys_json(connection, problem);
    FILE *file = keys ? make_file(exporting->folder_fd, BUNDLE_KEYS, problem) : NULL;
    size_t index;
    json_t *key;
    if (file)
        json_array_foreach(keys, index, key)
        {
            /* One that came after the checkpoint is none of this bundle's. */
            if (json_integer_value(json_object_get(key, "record")) < exporting->facts.head.size)
                (void)fprintf(file, "%s\n", json_string_value(json_object_get(key, "key")));
        }
    json_decref(keys);
    return file && end_file(file, problem);
}

/* In one snapshot: a stamp is of the note beside it. */
static bool write_heads(struct db_connection *connection, void *data, struct problem *problem)
{
    struct exporting *exporting = data;
    const char *note = exporting->facts.head.note;
    return write_checkpoints(connection, exporting, problem)
           && write_whole(exporting->folder_fd, BUNDLE_CHECKPOINT, note, strlen(note), problem)
           && write_stamp(connection, exporting, problem)
           && write_keys(connection, exporting, problem);
}

bool evidence_export(struct db *db, const struct settings *settings, const char *cohort_id,
    int folder_fd, struct bundle_facts *ret_facts, struct problem *problem)
{
    struct exporting exporting = { .cohort_id = cohort_id, .folder_fd = folder_fd };
    /* Makes the first key where there is none yet: its record comes before this one's. */
    struct note_signer *signer = evidence_signer_open(db, settings, problem);
    note_signer_free(signer);
    bool good = signer && write_records_of_now(db, settings, &exporting, problem)
                && db_read(db, write_heads, &exporting, problem)
                && write_whole(
                    folder_fd, BUNDLE_README, evidence_readme, strlen(evidence_readme), problem)
                && (fsync(folder_fd) == 0
                    || problem_set_errno(problem, errno, "sync the bundle's folder"));
    if (good)
        *ret_facts = exporting.facts;
    return good;
}
