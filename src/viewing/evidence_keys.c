#include "viewing/evidence_keys.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/secure.h"
#include "viewing/evidence.h"

#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEM_MAX = 4096 };

// clang-format off
static const char current_sql[] =
    "SELECT seq, name, public_key FROM evidence_key WHERE retired_at_ms IS NULL ORDER BY seq DESC LIMIT 1";
static const char all_sql[] =
    "SELECT seq, name, public_key, made_at_ms, retired_at_ms FROM evidence_key ORDER BY seq";
static const char retire_sql[] =
    "UPDATE evidence_key SET retired_at_ms = $1 WHERE retired_at_ms IS NULL";
static const char insert_sql[] =
    "INSERT INTO evidence_key (seq, name, public_key, made_at_ms, retired_at_ms)"
    " SELECT MAX(seq), $1, $2, $3, NULL FROM evidence WHERE kind = 'key'";
// clang-format on

/* A change of keys, on its way into the store. */
struct changing {
    const struct note_key *old_key; /* NULL: there is none yet */
    const struct note_key *new_key;
    json_t *record;
};

struct found_key {
    bool found;
    struct note_key key;
};

void evidence_key_message(const char *key_text, struct text *text)
{
    text_printf(text, "lectern evidence key\n%s\n", key_text);
}

static bool read_key(struct db_rows *rows, int name_column, struct note_key *ret_key)
{
    size_t count;
    const char *name = db_text(rows, name_column);
    const void *bytes = db_bytes(rows, name_column + 1, &count);
    if (!name || !bytes || count != NOTE_KEY_BYTES || !note_name_is_good(name))
        return false;
    (void)snprintf(ret_key->name, sizeof ret_key->name, "%s", name);
    memcpy(ret_key->public_key, bytes, count);
    return true;
}

static bool find_current(struct db_connection *connection, void *data, struct problem *problem)
{
    struct found_key *found = data;
    *found = (struct found_key){ 0 };
    struct db_rows *rows = db_query(connection, current_sql, "");
    bool damaged = false;
    if (db_next(rows)) {
        found->found = read_key(rows, 1, &found->key);
        damaged = !found->found;
    }
    return db_end(rows, problem)
           && (!damaged || problem_set(problem, PROBLEM_STORAGE, "a damaged row of evidence_key"));
}

bool evidence_key_is_current(struct db_connection *connection, const struct note_key *key,
    bool *ret_current, struct problem *problem)
{
    struct found_key current;
    if (!find_current(connection, &current, problem))
        return false;
    *ret_current = current.found && note_key_equal(&current.key, key);
    return true;
}

/* "localhost:8443/evidence" of "https://localhost:8443". */
static bool name_of_this_log(
    const struct settings *settings, char ret_name[NOTE_NAME_SIZE], struct problem *problem)
{
    const char *host = strstr(settings->public_url, "://");
    host = host ? host + 3 : settings->public_url;
    int length = snprintf(ret_name, NOTE_NAME_SIZE, "%.*s/evidence", (int)strcspn(host, "/"), host);
    return (length < NOTE_NAME_SIZE && note_name_is_good(ret_name))
           || problem_set(problem, PROBLEM_SETTING,
               "public-url gives no name for the evidence log: '%.100s'", settings->public_url);
}

static bool path_of(const struct settings *settings, const struct note_key *key,
    char ret_path[PATH_MAX], struct problem *problem)
{
    uint8_t id[NOTE_ID_BYTES];
    char id_text[2 * NOTE_ID_BYTES + 1];
    note_key_id(key, id);
    text_hex_encode(id, sizeof id, id_text);
    return snprintf(ret_path, PATH_MAX, "%s/evidence-keys/%s.pem", settings->data, id_text)
               < PATH_MAX
           || problem_set(problem, PROBLEM_SETTING, "the data folder's path is too long");
}

static struct note_signer *read_file(
    const struct settings *settings, const struct note_key *key, struct problem *problem)
{
    char path[PATH_MAX], *pem = NULL;
    size_t length = 0;
    struct problem reading = { 0 };
    if (!path_of(settings, key, path, problem))
        return NULL;
    struct note_signer *signer = NULL;
    if (file_read_whole(path, PEM_MAX, &pem, &length, &reading)) {
        signer = note_signer_read(key->name, pem, length);
        secure_wipe(pem, length);
        free(pem);
    }
    if (signer && note_key_equal(note_signer_key(signer), key))
        return signer;
    note_signer_free(signer);
    problem_set(problem, PROBLEM_STORAGE,
        "the key that signs the evidence log is not in '%.200s'; if it is lost, 'lectern evidence "
        "key replace' makes another",
        path);
    return NULL;
}

static bool write_file(
    const struct settings *settings, const struct note_signer *signer, struct problem *problem)
{
    char path[PATH_MAX], folder[PATH_MAX];
    struct text pem;
    text_init(&pem, PEM_MAX);
    bool good = path_of(settings, note_signer_key(signer), path, problem);
    if (good) {
        (void)snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
        good = folder_make(folder, 0700, problem)
               && (note_signer_write(signer, &pem)
                   || problem_set(problem, PROBLEM_INTERNAL, "OpenSSL cannot write a key"))
               && file_write_whole(path, pem.bytes, pem.length, 0600, problem);
    }
    if (pem.bytes)
        secure_wipe(pem.bytes, pem.capacity);
    text_release(&pem);
    return good;
}

/* The file is there before the store knows the key: after a crash in between, one file is too many. */
static struct note_signer *make_key(
    const struct settings *settings, const char *name, struct problem *problem)
{
    struct note_signer *signer = note_signer_make(name);
    if (!signer)
        problem_set(problem, PROBLEM_INTERNAL, "OpenSSL cannot make an Ed25519 key");
    if (signer && write_file(settings, signer, problem))
        return signer;
    note_signer_free(signer);
    return NULL;
}

static bool change(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct changing *changing = data;
    struct found_key current;
    if (!find_current(connection, &current, problem))
        return false;
    if (changing->old_key ? !current.found || !note_key_equal(&current.key, changing->old_key)
                          : current.found)
        return problem_set(problem, PROBLEM_CONFLICT, "the evidence log's key changed meanwhile");
    int64_t now_ms = clock_now_ms();
    return evidence_append(connection, "key", "", changing->record, problem)
           && db_exec(connection, NULL, problem, retire_sql, "i", now_ms)
           && db_exec(connection, NULL, problem, insert_sql, "tbi", changing->new_key->name,
               changing->new_key->public_key, (size_t)NOTE_KEY_BYTES, now_ms);
}

/* Takes the record. */
static bool store_change(struct db *db, const struct note_key *old_key,
    const struct note_key *new_key, json_t *record, struct problem *problem)
{
    struct changing changing = { old_key, new_key, record };
    bool good = db_write(db, change, &changing, problem);
    json_decref(record);
    return good;
}

static json_t *describe(
    const char *event, const struct note_key *key, const struct note_key *old_key)
{
    char text[NOTE_KEY_TEXT_SIZE];
    note_key_write(key, text);
    json_t *record = json_pack("{s:s,s:s}", "event", event, "key", text);
    if (old_key) {
        note_key_write(old_key, text);
        (void)json_object_set_new(record, "previous", json_string(text));
    }
    return record;
}

static struct note_signer *make_first(
    struct db *db, const struct settings *settings, struct problem *problem)
{
    char name[NOTE_NAME_SIZE];
    if (!name_of_this_log(settings, name, problem))
        return NULL;
    struct note_signer *signer = make_key(settings, name, problem);
    if (!signer)
        return NULL;
    const struct note_key *key = note_signer_key(signer);
    if (store_change(db, NULL, key, describe("first", key, NULL), problem))
        return signer;
    note_signer_free(signer);
    return NULL;
}

struct note_signer *evidence_signer_open(
    struct db *db, const struct settings *settings, struct problem *problem)
{
    struct found_key current;
    if (!db_read(db, find_current, &current, problem))
        return NULL;
    return current.found ? read_file(settings, &current.key, problem)
                         : make_first(db, settings, problem);
}

/* With the old one's signature. */
static json_t *describe_rotation(
    const struct note_signer *old_signer, const struct note_signer *new_signer)
{
    uint8_t signature[NOTE_SIGNATURE_BYTES];
    char text[NOTE_KEY_TEXT_SIZE], encoded[NOTE_SIGNATURE_BYTES * 2];
    struct text message;
    note_key_write(note_signer_key(new_signer), text);
    text_init(&message, NOTE_SIZE_MAX);
    evidence_key_message(text, &message);
    bool good = note_signer_sign(old_signer, message.bytes, message.length, signature);
    text_release(&message);
    if (!good)
        return NULL;
    json_t *record = describe("rotated", note_signer_key(new_signer), note_signer_key(old_signer));
    (void)EVP_EncodeBlock((unsigned char *)encoded, signature, sizeof signature);
    (void)json_object_set_new(record, "signature", json_string(encoded));
    return record;
}

bool evidence_key_rotate(struct db *db, const struct settings *settings,
    struct note_signer **ret_old, struct note_signer **ret_new, struct problem *problem)
{
    struct note_signer *old_signer = evidence_signer_open(db, settings, problem),
                       *new_signer = NULL;
    if (!old_signer)
        return false;
    new_signer = make_key(settings, note_signer_key(old_signer)->name, problem);
    json_t *record = new_signer ? describe_rotation(old_signer, new_signer) : NULL;
    if (new_signer && !record)
        problem_set(problem, PROBLEM_INTERNAL, "OpenSSL cannot sign a key");
    if (record
        && store_change(
            db, note_signer_key(old_signer), note_signer_key(new_signer), record, problem)) {
        *ret_old = old_signer;
        *ret_new = new_signer;
        return true;
    }
    note_signer_free(old_signer);
    note_signer_free(new_signer);
    return false;
}

struct note_signer *evidence_key_replace(
    struct db *db, const struct settings *settings, const char *reason, struct problem *problem)
{
    struct found_key current;
    if (!db_read(db, find_current, &current, problem))
        return NULL;
    if (!current.found) {
        problem_set(problem, PROBLEM_CONFLICT, "There is no key yet that could be replaced.");
        return NULL;
    }
    struct note_signer *signer = make_key(settings, current.key.name, problem);
    if (!signer)
        return NULL;
    json_t *record = describe("replaced", note_signer_key(signer), &current.key);
    (void)json_object_set_new(record, "reason", json_string(reason));
    if (store_change(db, &current.key, note_signer_key(signer), record, problem))
        return signer;
    note_signer_free(signer);
    return NULL;
}

json_t *evidence_keys_json(struct db_connection *connection, struct problem *problem)
{
    json_t *keys = json_array();
    struct note_key key;
    char text[NOTE_KEY_TEXT_SIZE];
    struct db_rows *rows = db_query(connection, all_sql, "");
    while (db_next(rows)) {
        if (!read_key(rows, 1, &key))
            continue;
        note_key_write(&key, text);
        json_t *item
            = json_pack("{s:s,s:I,s:I,s:n}", "key", text, "record", (json_int_t)db_int(rows, 0),
                "made_at_ms", (json_int_t)db_int(rows, 3), "retired_at_ms");
        if (!db_is_null(rows, 4))
            (void)json_object_set_new(item, "retired_at_ms", json_integer(db_int(rows, 4)));
        (void)json_array_append_new(keys, item);
    }
    if (db_end(rows, problem))
        return keys;
    json_decref(keys);
    return NULL;
}
