/*
 * Final uploads (tus: concatenation).  After the row of the final one:
 *
 *   1  the first part's file gets the final one's name      its file is there: step 2
 *   2  offset = the first part's length
 *   3  the next part is copied to its place, and synced     copied again, to the same place
 *   4  offset grows by its length
 *   5  its file is removed                                  removed when all is handed over
 *
 * Steps 3 to 5 again for each part.  Right: what is found after a crash in front of the next step,
 * and what is made of that.
 */
#include "catalog/upload_state.h"

#include "base/files.h"
#include "base/memory.h"
#include "catalog/failpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { COPY_BYTES = 1 << 20 };

static bool advance(struct upload_writer *writer, int64_t offset_bytes, struct problem *problem)
{
    if (!upload_row_advance(writer->uploads->db, writer->id, offset_bytes,
            writer->row.facts.expires_at_ms, problem))
        return false;
    writer->row.facts.offset_bytes = offset_bytes;
    writer->offset_bytes = writer->synced_bytes = writer->durable_bytes = offset_bytes;
    return true;
}

/* Steps 1 and 2. */
static bool begin(
    struct upload_writer *writer, const struct upload_part *first, struct problem *problem)
{
    const struct settings *settings = writer->uploads->settings;
    char from[PATH_MAX], to[PATH_MAX], folder[PATH_MAX];
    upload_path(settings, first->id, from);
    upload_path(settings, writer->id, to);
    (void)snprintf(folder, sizeof folder, "%s/uploads", settings->data);
    if (rename(from, to) != 0 && (errno != ENOENT || access(to, F_OK) != 0))
        return problem_set_errno(problem, errno, "rename to '%s'", to);
    failpoint("upload-part-renamed");
    if (!folder_sync(folder, problem) || !upload_open_file(writer, problem)
        || !advance(writer, first->length_bytes, problem))
        return false;
    digest_free(writer->whole.digest); /* the first part's is its beginning */
    writer->whole = upload_digests_take(&writer->uploads->digests, first->id, first->length_bytes);
    return true;
}

/* The kernel copies within itself where it can, and shares the bytes where the file system does. */
static bool copy_range(int from, int64_t from_at, int to, int64_t to_at, int64_t count)
{
    char *buffer = NULL;
    ssize_t done = 0;
    while (count > 0) {
        off_t in = from_at, out = to_at;
        done = copy_file_range(from, &in, to, &out, (size_t)count, 0);
        if (done < 0
            && (errno == EXDEV || errno == ENOSYS || errno == EOPNOTSUPP || errno == EINVAL)) {
            if (!buffer)
                buffer = memory_alloc(COPY_BYTES);
            done = pread(from, buffer, count < COPY_BYTES ? (size_t)count : COPY_BYTES, from_at);
            if (done > 0 && !file_write_at(to, buffer, (size_t)done, to_at, NULL))
                done = -1;
        }
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            break;
        from_at += done;
        to_at += done;
        count -= done;
    }
    int error_number = done == 0 ? EIO : errno; /* a part that lost bytes */
    free(buffer);
    errno = error_number;
    return count == 0;
}

/* Steps 3 to 5, of a part that begins at start_bytes: or a stretch of it. */
static bool join_part(struct upload_writer *writer, const struct upload_part *part,
    int64_t start_bytes, struct problem *problem)
{
    char path[PATH_MAX];
    int64_t within = writer->offset_bytes - start_bytes;
    int64_t count = part->length_bytes - within;
    bool last = count <= PREPARE_BYTES;
    count = last ? count : PREPARE_BYTES;
    upload_path(writer->uploads->settings, part->id, path);
    if (!upload_check_room(writer->uploads->settings, count, problem))
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return problem_set_errno(problem, errno, "open '%s'", path);
    bool done = copy_range(fd, within, writer->fd, writer->offset_bytes, count)
                && fdatasync(writer->fd) == 0;
    if (!done)
        problem_set_errno(problem, errno, "join '%s'", path);
    (void)close(fd);
    failpoint("upload-part-copied");
    if (!done || !advance(writer, writer->offset_bytes + count, problem))
        return false;
    failpoint("upload-part-joined");
    if (last)
        (void)unlink(path);
    return true;
}

bool upload_join_some(struct upload_writer *writer, struct problem *problem)
{
    struct upload_part *parts;
    size_t count;
    if (!upload_rows_parts(writer->uploads->db, writer->id, &parts, &count, problem))
        return false;
    int64_t start_bytes = 0;
    size_t i = 0;
    while (i < count && start_bytes + parts[i].length_bytes <= writer->offset_bytes)
        start_bytes += parts[i++].length_bytes;
    bool done = i < count
                    ? (i == 0 ? begin(writer, &parts[0], problem)
                              : join_part(writer, &parts[i], start_bytes, problem))
                    : problem_set(problem, PROBLEM_STORAGE, "upload %s has lost parts", writer->id);
    free(parts);
    return done;
}

void upload_parts_remove(
    const struct settings *settings, const struct upload_part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char path[PATH_MAX];
        upload_path(settings, parts[i].id, path);
        (void)unlink(path);
    }
}

void upload_joined_remove(struct upload_writer *writer)
{
    struct problem ignored = { 0 };
    struct upload_part *parts;
    size_t count;
    if (!upload_rows_parts(writer->uploads->db, writer->id, &parts, &count, &ignored))
        return; /* they go with the final one's row */
    upload_parts_remove(writer->uploads->settings, parts, count);
    free(parts);
}
