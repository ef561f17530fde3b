/* Writing an upload: the lock, the bytes, what is durable, and the hand-over. */
#include "catalog/upload_state.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/text.h"
#include "catalog/failpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

/* --- the lock --------------------------------------------------------------------------------- */

/* Under the lock. */
static struct upload_writer *find_writer(struct uploads *uploads, const char *id)
{
    struct upload_writer *writer = uploads->writers;
    while (writer && !text_equal(writer->id, id))
        writer = writer->next;
    return writer;
}

bool uploads_pause(struct uploads *uploads, int64_t most_ms)
{
    struct timespec until = clock_steady_after(most_ms);
    int waited = 0;
    (void)pthread_mutex_lock(&uploads->lock);
    uploads->paused = true;
    (void)pthread_cond_broadcast(&uploads->released); /* whoever waits for an upload is told */
    for (struct upload_writer *writer = uploads->writers; writer; writer = writer->next)
        atomic_store(&writer->must_let_go, true);
    while (uploads->writers && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&uploads->released, &uploads->lock, &until);
    bool none = !uploads->writers;
    (void)pthread_mutex_unlock(&uploads->lock);
    return none;
}

void uploads_resume(struct uploads *uploads)
{
    (void)pthread_mutex_lock(&uploads->lock);
    uploads->paused = false;
    (void)pthread_mutex_unlock(&uploads->lock);
}

struct upload_writer *upload_lock(
    struct uploads *uploads, const char *id, int64_t most_ms, struct problem *problem)
{
    struct timespec until = clock_steady_after(most_ms);
    struct upload_writer *present = NULL, *writer = NULL;
    int waited = most_ms > 0 ? 0 : ETIMEDOUT;
    (void)pthread_mutex_lock(&uploads->lock);
    while (!uploads->paused && (present = find_writer(uploads, id)) && waited != ETIMEDOUT) {
        atomic_store(&present->must_let_go, true);
        waited = pthread_cond_timedwait(&uploads->released, &uploads->lock, &until);
    }
    bool paused = uploads->paused;
    if (!paused && !present) {
        writer = memory_zeroed(1, sizeof *writer);
        writer->uploads = uploads;
        writer->fd = -1;
        (void)snprintf(writer->id, sizeof writer->id, "%s", id);
        writer->next = uploads->writers;
        uploads->writers = writer;
    }
    (void)pthread_mutex_unlock(&uploads->lock);
    if (paused)
        problem_set(problem, PROBLEM_BUSY, "another server goes on with the uploads");
    else if (!writer)
        problem_set(problem, PROBLEM_UPLOAD_LOCKED, "upload '%.40s' has a writer", id);
    return writer;
}

void upload_unlock(struct upload_writer *writer)
{
    struct uploads *uploads = writer->uploads;
    if (writer->fd >= 0)
        (void)close(writer->fd);
    digest_free(writer->expected_digest);
    /* Before somebody else becomes the writer. */
    if (writer->whole.digest && writer->whole.bytes <= writer->durable_bytes
        && writer->row.facts.lecture_id[0] == '\0')
        upload_digests_put(&uploads->digests, writer->id, &writer->whole);
    else
        digest_free(writer->whole.digest);
    (void)pthread_mutex_lock(&uploads->lock);
    struct upload_writer **at = &uploads->writers;
    while (*at != writer)
        at = &(*at)->next;
    *at = writer->next;
    (void)pthread_cond_broadcast(&uploads->released);
    (void)pthread_mutex_unlock(&uploads->lock);
    free(writer);
}

bool upload_must_let_go(struct upload_writer *writer)
{
    return atomic_load(&writer->must_let_go);
}

/* --- the bytes -------------------------------------------------------------------------------- */

void upload_path(const struct settings *settings, const char *id, char *ret_path)
{
    (void)snprintf(ret_path, PATH_MAX, "%s/uploads/%s.part", settings->data, id);
}

bool upload_open_file(struct upload_writer *writer, struct problem *problem)
{
    char path[PATH_MAX];
    struct stat facts;
    upload_path(writer->uploads->settings, writer->id, path);
    writer->fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (writer->fd < 0 && errno == ENOENT)
        return problem_set(problem, PROBLEM_UPLOAD_GONE, "'%s' is not there", path);
    if (writer->fd < 0 || fstat(writer->fd, &facts) != 0)
        return problem_set_errno(problem, errno, "open '%s'", path);
    int64_t stored_bytes = writer->row.facts.offset_bytes;
    writer->durable_bytes = facts.st_size < stored_bytes ? facts.st_size : stored_bytes;
    writer->offset_bytes = writer->synced_bytes = writer->durable_bytes;
    writer->whole
        = upload_digests_take(&writer->uploads->digests, writer->id, writer->durable_bytes);
    return true;
}

/* A final one has no file before its first part is joined. */
static bool has_file(const struct upload_facts *facts)
{
    return facts->kind != UPLOAD_FINAL || facts->offset_bytes > 0;
}

static bool open_at(struct upload_writer *writer, const char *staff_id, int64_t offset_bytes,
    struct problem *problem)
{
    const struct upload_facts *facts = &writer->row.facts;
    if (!upload_row_find(writer->uploads->db, writer->id, staff_id, &writer->row, problem))
        return false;
    if (facts->lecture_id[0] != '\0') {
        writer->offset_bytes = facts->length_bytes;
        writer->durable_bytes = facts->length_bytes;
    } else if (has_file(facts) && !upload_open_file(writer, problem)) {
        return false;
    }
    if (facts->kind == UPLOAD_FINAL && offset_bytes != UPLOAD_AT_ITS_END)
        return problem_set(problem, PROBLEM_UPLOAD_FINAL, "upload %s is final", writer->id);
    return facts->kind == UPLOAD_FINAL || writer->offset_bytes == offset_bytes
           || problem_set(problem, PROBLEM_UPLOAD_OFFSET, "at %lld, not %lld",
               (long long)writer->offset_bytes, (long long)offset_bytes);
}

struct upload_writer *upload_open(struct uploads *uploads, const char *id, const char *staff_id,
    int64_t offset_bytes, struct problem *problem)
{
    if (!secure_is_uuid(id)) {
        problem_set(problem, PROBLEM_UPLOAD_GONE, "not an upload's id");
        return NULL;
    }
    struct upload_writer *writer = upload_lock(uploads, id, LET_GO_MS, problem);
    if (writer && !open_at(writer, staff_id, offset_bytes, problem)) {
        upload_unlock(writer);
        return NULL;
    }
    return writer;
}

bool upload_set_length(struct upload_writer *writer, int64_t length_bytes, struct problem *problem)
{
    const struct settings *settings = writer->uploads->settings;
    struct upload_facts *facts = &writer->row.facts;
    if (facts->length_bytes == length_bytes)
        return true;
    if (facts->length_bytes >= 0)
        return problem_set(problem, PROBLEM_CONFLICT, "This upload has another length already.");
    if (length_bytes < 1 || length_bytes < writer->offset_bytes)
        return problem_set_field(
            problem, "Upload-Length", "The length must not be less than what came already.");
    if (length_bytes > settings->upload_bytes_max)
        return problem_set(problem, PROBLEM_BODY_TOO_LARGE,
            "A lecture's file can have at most %lld bytes.", (long long)settings->upload_bytes_max);
    if (!upload_check_room(settings, length_bytes - writer->offset_bytes, problem)
        || !upload_row_set_length(
            writer->uploads->db, settings, &writer->row, length_bytes, problem))
        return false;
    facts->length_bytes = length_bytes;
    return true;
}

int64_t upload_room_bytes(const struct settings *settings)
{
    enum { RESERVE_BYTES = 64 << 20, RESERVE_PART = 16 }; /* of a small disk a part of it */
    struct statvfs space;
    if (statvfs(settings->data, &space) != 0)
        return INT64_MAX;
    uint64_t reserve_blocks = RESERVE_BYTES / space.f_frsize;
    if (reserve_blocks > space.f_blocks / RESERVE_PART)
        reserve_blocks = space.f_blocks / RESERVE_PART;
    if (space.f_bavail <= reserve_blocks)
        return 0;
    uint64_t blocks = space.f_bavail - reserve_blocks;
    return blocks > INT64_MAX / space.f_frsize ? INT64_MAX : (int64_t)(blocks * space.f_frsize);
}

bool upload_check_room(const struct settings *settings, int64_t bytes, struct problem *problem)
{
    return bytes < upload_room_bytes(settings)
           || problem_set(problem, PROBLEM_STORAGE_FULL, "no room for %lld bytes in '%s'",
               (long long)bytes, settings->data);
}

void upload_expect(struct upload_writer *writer, const struct upload_checksum *checksum)
{
    writer->expected = *checksum;
    writer->expected_digest = digest_new(checksum->kind);
}

/* What is announced, or the most that may be. */
static int64_t end_of(const struct upload_writer *writer)
{
    int64_t length_bytes = writer->row.facts.length_bytes;
    return length_bytes >= 0 ? length_bytes : writer->uploads->settings->upload_bytes_max;
}

static void digest_piece(struct upload_writer *writer, const void *bytes, size_t count)
{
    if (writer->expected_digest)
        digest_add(writer->expected_digest, bytes, count);
    if (writer->whole.digest && writer->whole.bytes == writer->offset_bytes) {
        digest_add(writer->whole.digest, bytes, count);
        writer->whole.bytes += (int64_t)count;
    }
}

static bool sync_file(struct upload_writer *writer, struct problem *problem)
{
    if (fdatasync(writer->fd) != 0) {
        int error_number = errno;
        /* The kernel may have dropped the pages: what came since is lost, and comes again. */
        writer->offset_bytes = writer->synced_bytes = writer->durable_bytes;
        return problem_set_errno(problem, error_number, "sync upload %s", writer->id);
    }
    writer->synced_bytes = writer->offset_bytes;
    return true;
}

bool upload_write(
    struct upload_writer *writer, const void *bytes, size_t count, struct problem *problem)
{
    const struct settings *settings = writer->uploads->settings;
    int64_t ignored;
    if (writer->row.facts.kind == UPLOAD_FINAL && count > 0)
        return problem_set(problem, PROBLEM_UPLOAD_FINAL, "upload %s is final", writer->id);
    if (count > (uint64_t)(end_of(writer) - writer->offset_bytes))
        return problem_set(problem, PROBLEM_BODY_TOO_LARGE,
            "The upload sends more than the %lld bytes that it announced.",
            (long long)end_of(writer));
    if (!upload_check_room(settings, (int64_t)count, problem))
        return false;
    size_t written;
    bool done = file_write_at(writer->fd, bytes, count, writer->offset_bytes, &written);
    int error_number = errno;
    digest_piece(writer, bytes, written);
    writer->offset_bytes += (int64_t)written; /* what came is kept, also of half a piece */
    if (!done)
        return problem_set_errno(problem, error_number, "write upload %s", writer->id);
    if (writer->offset_bytes - writer->synced_bytes < settings->upload_unsynced_bytes_max)
        return true;
    return writer->expected_digest ? sync_file(writer, problem)
                                   : upload_sync(writer, &ignored, problem);
}

/* tus: with another digest nothing of the piece is kept, also where only its beginning came. */
static bool check_expected(struct upload_writer *writer, struct problem *problem)
{
    uint8_t value[DIGEST_BYTES_MAX];
    if (!writer->expected_digest)
        return true;
    size_t length = digest_value(writer->expected_digest, value);
    digest_free(writer->expected_digest);
    writer->expected_digest = NULL;
    if (memcmp(value, writer->expected.value, length) == 0)
        return true;
    writer->offset_bytes = writer->synced_bytes = writer->durable_bytes;
    return problem_set(problem, PROBLEM_UPLOAD_CHECKSUM, "upload %s at %lld", writer->id,
        (long long)writer->offset_bytes);
}

bool upload_sync(struct upload_writer *writer, int64_t *ret_offset, struct problem *problem)
{
    struct uploads *uploads = writer->uploads;
    int64_t expires_at_ms = clock_now_ms() + uploads->settings->upload_expires_hours * HOUR_MS;
    if (!check_expected(writer, problem))
        return false;
    if (writer->offset_bytes > writer->durable_bytes) {
        if (!sync_file(writer, problem))
            return false;
        failpoint("upload-synced");
        if (!upload_row_advance(
                uploads->db, writer->id, writer->offset_bytes, expires_at_ms, problem))
            return false;
        failpoint("upload-stored");
        writer->durable_bytes = writer->offset_bytes;
        writer->row.facts.offset_bytes = writer->offset_bytes;
        writer->row.facts.expires_at_ms = expires_at_ms;
    }
    *ret_offset = writer->durable_bytes;
    return true;
}

/* --- the hand-over ---------------------------------------------------------------------------- */

static bool is_complete(const struct upload_writer *writer)
{
    const struct upload_facts *facts = &writer->row.facts;
    return facts->kind == UPLOAD_FINAL
           || (facts->kind == UPLOAD_WHOLE && writer->durable_bytes == facts->length_bytes);
}

/* What an earlier process digested, or nobody, is read again. */
static bool digest_some(struct upload_writer *writer, struct problem *problem)
{
    enum { READ_BYTES = 1 << 20 };
    int64_t end = writer->whole.bytes + PREPARE_BYTES;
    char *buffer = memory_alloc(READ_BYTES);
    ssize_t count = 1;
    if (end > writer->durable_bytes)
        end = writer->durable_bytes;
    while (count != 0 && writer->whole.bytes < end) {
        count = pread(writer->fd, buffer, READ_BYTES, writer->whole.bytes);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            break;
        digest_add(writer->whole.digest, buffer, (size_t)count);
        writer->whole.bytes += count;
    }
    int error_number = errno;
    free(buffer);
    if (count < 0)
        return problem_set_errno(problem, error_number, "read upload %s", writer->id);
    return count > 0 || problem_set(problem, PROBLEM_STORAGE, "upload %s lost bytes", writer->id);
}

bool upload_prepare(struct upload_writer *writer, struct problem *problem)
{
    const struct upload_facts *facts = &writer->row.facts;
    if (!is_complete(writer) || facts->lecture_id[0] != '\0')
        return false;
    if (writer->durable_bytes < facts->length_bytes)
        return upload_join_some(writer, problem);
    return writer->whole.bytes < facts->length_bytes && digest_some(writer, problem);
}

struct sound_wish upload_sound_wish(const struct upload_metadata *metadata)
{
    return (struct sound_wish){
        .lecture_id = metadata->lecture_id,
        .language = metadata->language,
        .file_name = metadata->file_name,
        .offset_ms = metadata->offset_ms,
    };
}

static bool hand_over_lecture(struct upload_writer *writer, const char *path,
    const struct ingest_also *also, struct problem *problem)
{
    const struct upload_metadata *metadata = &writer->row.metadata;
    const struct lecture_fields fields = {
        .language = metadata->language,
        .title = metadata->title,
        .description = "",
        .file_name = metadata->file_name,
    };
    char job_id[UUID_TEXT_SIZE];
    return ingest_add_file(writer->uploads->ingest, &fields, writer->fd, path, true, also,
        writer->row.facts.lecture_id, job_id, problem);
}

/* As sound or as a new version of a lecture that is there. */
static bool hand_over_part(struct upload_writer *writer, const char *path,
    const struct ingest_also *also, struct problem *problem)
{
    const struct upload_metadata *metadata = &writer->row.metadata;
    struct ingest *ingest = writer->uploads->ingest;
    const struct sound_wish wish = upload_sound_wish(metadata);
    const struct ingest_replacement replacement = { .lecture_id = metadata->lecture_id,
        .file_name = metadata->file_name,
        .timeline = metadata->timeline };
    char job_id[UUID_TEXT_SIZE];
    bool added
        = metadata->purpose == UPLOAD_AS_SOUND
              ? lecture_sound_add(ingest, &wish, writer->fd, path, true, also, job_id, problem)
              : ingest_replace(ingest, &replacement, writer->fd, path, true, also, job_id, problem);
    if (added)
        memcpy(writer->row.facts.lecture_id, metadata->lecture_id, UUID_TEXT_SIZE);
    return added;
}

/*
 * The file gets a second name in data/incoming, then one transaction makes the lecture, its job and
 * the mark in the upload's row, then the first name goes (ingest.h).  A crash before the
 * transaction leaves a complete upload, handed over at the next start; after it, a file whose
 * upload is handed over, removed at the next start.
 */
bool upload_hand_over(struct upload_writer *writer, struct problem *problem)
{
    struct uploads *uploads = writer->uploads;
    struct ingest_also also = { .run = upload_row_complete, .data = &writer->row };
    char path[PATH_MAX], sha256[DIGEST_SHA256_TEXT_SIZE];
    upload_path(uploads->settings, writer->id, path);
    if (writer->fd < 0 && has_file(&writer->row.facts) && !upload_open_file(writer, problem))
        return false;
    while (upload_prepare(writer, problem))
        ;
    if (problem_is_set(problem))
        return false;
    if (writer->durable_bytes != writer->row.facts.length_bytes)
        return problem_set(problem, PROBLEM_STORAGE, "'%s' lost bytes", path);
    digest_sha256_text(writer->whole.digest, sha256);
    also.sha256 = sha256;
    bool added = writer->row.metadata.purpose == UPLOAD_AS_LECTURE
                     ? hand_over_lecture(writer, path, &also, problem)
                     : hand_over_part(writer, path, &also, problem);
    if (!added)
        return false;
    if (writer->row.facts.kind == UPLOAD_FINAL)
        upload_joined_remove(writer);
    return true;
}

bool upload_close(
    struct upload_writer *writer, struct upload_facts *ret_facts, struct problem *problem)
{
    const struct upload_facts *facts = &writer->row.facts;
    bool done
        = !is_complete(writer) || facts->lecture_id[0] != '\0' || upload_hand_over(writer, problem);
    if (done) {
        *ret_facts = *facts;
        ret_facts->offset_bytes = writer->durable_bytes;
    }
    upload_unlock(writer);
    return done;
}

void upload_abandon(struct upload_writer *writer)
{
    upload_unlock(writer);
}
