#include "catalog/upload.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/text.h"
#include "catalog/failpoint.h"
#include "catalog/lecture_version.h"
#include "catalog/upload_state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void folder_path(const struct settings *settings, char *ret_path)
{
    (void)snprintf(ret_path, PATH_MAX, "%s/uploads", settings->data);
}

/* --- creating --------------------------------------------------------------------------------- */

static bool check_length(
    const struct settings *settings, int64_t length_bytes, struct problem *problem)
{
    if (length_bytes == UPLOAD_LENGTH_UNKNOWN)
        return upload_check_room(settings, 0, problem);
    if (length_bytes < 1)
        return problem_set_field(
            problem, "Upload-Length", "This file is empty, so it cannot be a lecture.");
    if (length_bytes > settings->upload_bytes_max)
        return problem_set(problem, PROBLEM_BODY_TOO_LARGE,
            "A lecture's file can have at most %lld bytes.", (long long)settings->upload_bytes_max);
    return upload_check_room(settings, length_bytes, problem);
}

/* Empty, and durably there. */
static bool make_file(const struct settings *settings, const char *id, struct problem *problem)
{
    char path[PATH_MAX], folder[PATH_MAX];
    upload_path(settings, id, path);
    folder_path(settings, folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0)
        return problem_set_errno(problem, errno, "create '%s'", path);
    (void)close(fd);
    if (folder_sync(folder, problem))
        return true;
    (void)unlink(path);
    return false;
}

static void remove_file(const struct settings *settings, const char *id)
{
    char path[PATH_MAX];
    upload_path(settings, id, path);
    (void)unlink(path);
}

/* The file before the row: a row whose file is missing would be a promise to keep bytes. */
static bool create(
    struct uploads *uploads, struct upload_row *row, const char *concat, struct problem *problem)
{
    const struct settings *settings = uploads->settings;
    if (!check_length(settings, row->facts.length_bytes, problem)
        || !make_file(settings, row->facts.id, problem))
        return false;
    failpoint("upload-made");
    if (upload_row_insert(uploads->db, settings, row, concat, problem))
        return true;
    remove_file(settings, row->facts.id);
    return false;
}

static void unlock_all(struct upload_writer **writers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        upload_unlock(writers[i]);
    free(writers);
}

/* Nobody else removes or ends a part meanwhile. */
static bool create_final(struct uploads *uploads, struct upload_row *row,
    const struct upload_concat *concat, const char *concat_field, struct problem *problem)
{
    struct upload_writer **writers = memory_zeroed(concat->part_count, sizeof *writers);
    size_t locked = 0;
    while (
        locked < concat->part_count
        && (writers[locked] = upload_lock(uploads, concat->part_ids[locked], LET_GO_MS, problem)))
        locked++;
    bool done = locked == concat->part_count
                && upload_row_insert_final(
                    uploads->db, uploads->settings, row, concat, concat_field, problem);
    unlock_all(writers, locked);
    return done;
}

static void fill_row(
    const struct uploads *uploads, const struct upload_wish *wish, struct upload_row *row)
{
    struct upload_facts *facts = &row->facts;
    secure_make_uuid(facts->id);
    (void)snprintf(
        facts->staff_id, sizeof facts->staff_id, "%s", wish->staff_id ? wish->staff_id : "");
    (void)snprintf(
        facts->metadata, sizeof facts->metadata, "%s", wish->metadata ? wish->metadata : "");
    facts->length_bytes = wish->length_bytes;
    facts->expires_at_ms = clock_now_ms() + uploads->settings->upload_expires_hours * HOUR_MS;
}

/* Before the first byte: whether its lecture takes this sound, or this version. */
static bool check_purpose(
    struct uploads *uploads, const struct upload_metadata *metadata, struct problem *problem)
{
    const struct sound_wish wish = upload_sound_wish(metadata);
    const struct version_order order = { .lecture_id = metadata->lecture_id,
        .file_name = metadata->file_name,
        .timeline = metadata->timeline };
    switch (metadata->purpose) {
    case UPLOAD_AS_SOUND:
        return lecture_sound_check(uploads->db, &wish, problem);
    case UPLOAD_AS_VERSION:
        return version_order_check(uploads->db, &order, problem);
    case UPLOAD_AS_LECTURE:
        break;
    }
    return true;
}

bool upload_create(struct uploads *uploads, const struct upload_wish *wish,
    struct upload_facts *ret_facts, struct problem *problem)
{
    struct upload_row *row = memory_zeroed(1, sizeof *row);
    struct upload_concat *concat = memory_zeroed(1, sizeof *concat);
    bool done = upload_concat_read(wish->concat, concat, problem)
                && upload_metadata_read(wish->metadata, &row->metadata, problem);
    done = done && check_purpose(uploads, &row->metadata, problem);
    if (done) {
        fill_row(uploads, wish, row);
        row->facts.kind = concat->kind;
        done = concat->kind == UPLOAD_FINAL
                   ? create_final(uploads, row, concat, wish->concat, problem)
                   : create(uploads, row, wish->concat, problem);
    }
    if (done)
        *ret_facts = row->facts;
    free(concat);
    free(row);
    return done;
}

bool upload_find(struct uploads *uploads, const char *id, const char *staff_id,
    struct upload_facts *ret_facts, struct problem *problem)
{
    char path[PATH_MAX];
    struct stat file;
    if (!secure_is_uuid(id))
        return problem_set(problem, PROBLEM_UPLOAD_GONE, "not an upload's id");
    struct upload_row *row = memory_alloc(sizeof *row);
    struct upload_facts *facts = &row->facts;
    bool done = upload_row_find(uploads->db, id, staff_id, row, problem);
    /* A final one has no file before its first part is joined. */
    bool has_file = done && facts->lecture_id[0] == '\0'
                    && (facts->kind != UPLOAD_FINAL || facts->offset_bytes > 0);
    if (has_file) {
        upload_path(uploads->settings, id, path);
        if (stat(path, &file) != 0)
            done = problem_set(problem, PROBLEM_UPLOAD_GONE, "'%s': %s", path, strerror(errno));
        else if (file.st_size < facts->offset_bytes)
            facts->offset_bytes = file.st_size;
    }
    if (done)
        *ret_facts = *facts;
    free(row);
    return done;
}

bool upload_settle(struct uploads *uploads, const char *id, const char *staff_id,
    struct upload_facts *ret_facts, struct problem *problem)
{
    /* Whoever may not see it does not disturb its writer. */
    if (!upload_find(uploads, id, staff_id, ret_facts, problem))
        return false;
    struct upload_writer *writer = upload_lock(uploads, id, LET_GO_MS, problem);
    /* While another server takes over nobody writes here: what is stored is where that one goes on. */
    if (!writer && problem->kind != PROBLEM_BUSY)
        return false;
    problem_clear(problem);
    bool done = upload_find(uploads, id, staff_id, ret_facts, problem);
    if (writer)
        upload_unlock(writer);
    return done;
}

char *upload_concat_field(struct uploads *uploads, const char *id, struct problem *problem)
{
    return upload_row_concat(uploads->db, id, problem);
}

/* --- removing --------------------------------------------------------------------------------- */

/* On a full disk the store has no room even to forget; the bytes that nobody wants make some.  Should
 * it fail all the same, the upload begins at zero. */
static bool delete_row(struct upload_writer *writer, struct problem *problem)
{
    char path[PATH_MAX];
    struct problem first = { 0 };
    struct db *db = writer->uploads->db;
    if (upload_row_delete(db, writer->id, &first))
        return true;
    upload_path(writer->uploads->settings, writer->id, path);
    if (first.kind == PROBLEM_STORAGE_FULL && truncate(path, 0) == 0)
        return upload_row_delete(db, writer->id, problem);
    *problem = first;
    return false;
}

/* The row before the files: a file without a row is removed at the next start. */
bool upload_remove_locked(struct upload_writer *writer, struct problem *problem)
{
    struct uploads *uploads = writer->uploads;
    struct upload_part *parts;
    size_t count;
    if (!upload_rows_parts(uploads->db, writer->id, &parts, &count, problem))
        return false;
    bool done = delete_row(writer, problem);
    failpoint("upload-forgotten");
    if (done) {
        remove_file(uploads->settings, writer->id);
        upload_parts_remove(uploads->settings, parts, count);
    }
    free(parts);
    return done;
}

bool upload_remove(
    struct uploads *uploads, const char *id, const char *staff_id, struct problem *problem)
{
    if (!secure_is_uuid(id))
        return problem_set(problem, PROBLEM_UPLOAD_GONE, "not an upload's id");
    struct upload_writer *writer = upload_lock(uploads, id, LET_GO_MS, problem);
    if (!writer)
        return false;
    bool done = upload_row_find(uploads->db, id, staff_id, &writer->row, problem)
                && upload_remove_locked(writer, problem);
    upload_unlock(writer);
    return done;
}

/* What somebody writes to right now is left for the next time. */
static bool for_each_free(struct uploads *uploads, enum upload_choice choice,
    bool (*visit)(struct upload_writer *writer, struct problem *problem), struct problem *problem)
{
    char(*ids)[UUID_TEXT_SIZE];
    size_t count;
    if (!upload_rows_list(uploads->db, choice, &ids, &count, problem))
        return false;
    bool done = true;
    for (size_t i = 0; i < count; i++) {
        struct problem in_use = { 0 };
        struct upload_writer *writer = upload_lock(uploads, ids[i], 0, &in_use);
        if (!writer)
            continue;
        done = visit(writer, problem) && done;
        upload_unlock(writer);
    }
    free(ids);
    return done;
}

static bool hand_over(struct upload_writer *writer, struct problem *problem)
{
    struct uploads *uploads = writer->uploads;
    struct problem gone = { 0 };
    /* Meanwhile somebody may have handed it over, or removed it: then there is nothing to do. */
    if (!upload_row_find(uploads->db, writer->id, NULL, &writer->row, &gone)
        || writer->row.facts.lecture_id[0] != '\0')
        return true;
    return upload_hand_over(writer, problem);
}

static bool remove_expired(struct upload_writer *writer, struct problem *problem)
{
    struct problem gone = { 0 };
    /* Meanwhile somebody may have gone on with it. */
    if (upload_row_find(writer->uploads->db, writer->id, NULL, &writer->row, &gone))
        return true;
    return gone.kind == PROBLEM_UPLOAD_GONE && upload_remove_locked(writer, problem);
}

bool uploads_expire(struct uploads *uploads, struct problem *problem)
{
    bool removed = for_each_free(uploads, UPLOADS_EXPIRED, remove_expired, problem);
    return for_each_free(uploads, UPLOADS_COMPLETE, hand_over, problem) && removed;
}

json_t *uploads_json(struct uploads *uploads, const char *staff_id, struct problem *problem)
{
    return upload_rows_json(
        uploads->db, uploads->settings, staff_id, upload_room_bytes(uploads->settings), problem);
}

json_t *upload_json(
    struct uploads *uploads, const char *id, const char *staff_id, struct problem *problem)
{
    if (secure_is_uuid(id))
        return upload_row_json(uploads->db, id, staff_id, problem);
    problem_set(problem, PROBLEM_UPLOAD_GONE, "not an upload's id");
    return NULL;
}

/* --- start and end ---------------------------------------------------------------------------- */

/* Files whose row is gone, or says that they were handed over. */
static void remove_strays(const char *folder, char (*kept_ids)[UUID_TEXT_SIZE], size_t kept_count)
{
    static const char suffix[] = ".part";
    json_t *kept = json_object();
    for (size_t i = 0; i < kept_count; i++)
        (void)json_object_set_new(kept, kept_ids[i], json_true());
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    while (entries && (entry = readdir(entries))) {
        char id[UUID_TEXT_SIZE], path[PATH_MAX];
        size_t length = strlen(entry->d_name);
        if (length != sizeof id - 1 + strlen(suffix)
            || strcmp(entry->d_name + sizeof id - 1, suffix) != 0)
            continue;
        memcpy(id, entry->d_name, sizeof id - 1);
        id[sizeof id - 1] = '\0';
        if (!json_object_get(kept, id)
            && snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < PATH_MAX)
            (void)unlink(path);
    }
    if (entries)
        (void)closedir(entries);
    json_decref(kept);
}

static bool clean_folder(struct uploads *uploads, struct problem *problem)
{
    char folder[PATH_MAX];
    char(*ids)[UUID_TEXT_SIZE];
    size_t count;
    folder_path(uploads->settings, folder);
    if (!folder_make(folder, 0750, problem) || !folder_sync(uploads->settings->data, problem)
        || !upload_rows_list(uploads->db, UPLOADS_WITH_FILE, &ids, &count, problem))
        return false;
    remove_strays(folder, ids, count);
    free(ids);
    return true;
}

struct uploads *uploads_open_beside(
    struct db *db, struct ingest *ingest, const struct settings *settings)
{
    struct uploads *uploads = memory_zeroed(1, sizeof *uploads);
    uploads->db = db;
    uploads->ingest = ingest;
    uploads->settings = settings;
    pthread_condattr_t steady;
    (void)pthread_condattr_init(&steady);
    (void)pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&uploads->lock, NULL);
    (void)pthread_cond_init(&uploads->released, &steady);
    (void)pthread_condattr_destroy(&steady);
    upload_digests_init(&uploads->digests);
    (void)pthread_mutex_init(&uploads->looking, NULL);
    return uploads;
}

struct uploads *uploads_open(
    struct db *db, struct ingest *ingest, const struct settings *settings, struct problem *problem)
{
    struct uploads *uploads = uploads_open_beside(db, ingest, settings);
    struct problem passing = { 0 };
    if (!clean_folder(uploads, problem)) {
        uploads_free(uploads);
        return NULL;
    }
    /* A disk that is full keeps nobody from starting; uploads_expire() tries again. */
    (void)for_each_free(uploads, UPLOADS_COMPLETE, hand_over, &passing);
    return uploads;
}

void uploads_free(struct uploads *uploads)
{
    if (!uploads)
        return;
    upload_digests_release(&uploads->digests);
    (void)pthread_mutex_destroy(&uploads->looking);
    (void)pthread_cond_destroy(&uploads->released);
    (void)pthread_mutex_destroy(&uploads->lock);
    free(uploads);
}
