#include "base/files.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_write_all(int fd, const void *bytes, size_t count)
{
    const char *at = bytes;
    while (count > 0) {
        ssize_t written = write(fd, at, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        at += written;
        count -= (size_t)written;
    }
    return true;
}

static bool sync_parent(const char *path, struct problem *problem)
{
    char parent[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    if (length >= sizeof parent)
        return problem_set_errno(problem, ENAMETOOLONG, "sync '%s'", path);
    (void)snprintf(parent, sizeof parent, "%.*s", (int)length, path);
    return folder_sync(slash ? (length > 0 ? parent : "/") : ".", problem);
}

bool file_write_whole(
    const char *path, const void *bytes, size_t count, mode_t mode, struct problem *problem)
{
    char draft[PATH_MAX];
    if (snprintf(draft, sizeof draft, "%s.draft.XXXXXX", path) >= (int)sizeof draft)
        return problem_set_errno(problem, ENAMETOOLONG, "write '%s'", path);
    int fd = mkostemp(draft, O_CLOEXEC);
    if (fd < 0)
        return problem_set_errno(problem, errno, "create '%s'", draft);
    bool done = fchmod(fd, mode) == 0 && file_write_all(fd, bytes, count) && fsync(fd) == 0;
    int error_number = errno;
    if (close(fd) != 0 && done) {
        done = false;
        error_number = errno;
    }
    if (done && rename(draft, path) != 0) {
        done = false;
        error_number = errno;
    }
    if (!done) {
        (void)unlink(draft);
        return problem_set_errno(problem, error_number, "write '%s'", path);
    }
    return sync_parent(path, problem);
}

bool file_write_at(int fd, const void *bytes, size_t count, off_t at, size_t *ret_written)
{
    size_t done = 0;
    bool failed = false;
    while (done < count && !failed) {
        ssize_t step = pwrite(fd, (const char *)bytes + done, count - done, at + (off_t)done);
        failed = step < 0 && errno != EINTR;
        done += step > 0 ? (size_t)step : 0;
    }
    if (ret_written)
        *ret_written = done;
    return !failed;
}

bool file_read_whole(const char *path, size_t bytes_max, char **ret_bytes, size_t *ret_count,
    struct problem *problem)
{
    char *bytes = NULL;
    size_t count = 0;
    bool done = false;
    FILE *file = fopen(path, "rbe");
    struct stat facts;
    if (!file || fstat(fileno(file), &facts) != 0) {
        problem_set_errno(problem, errno, "open '%s'", path);
        goto out;
    }
    if (!S_ISREG(facts.st_mode) || facts.st_size < 0 || (size_t)facts.st_size > bytes_max) {
        problem_set(
            problem, PROBLEM_STORAGE, "'%s' is not a file of at most %zu bytes", path, bytes_max);
        goto out;
    }
    bytes = memory_alloc((size_t)facts.st_size + 1);
    count = fread(bytes, 1, (size_t)facts.st_size, file);
    if (ferror(file)) {
        problem_set_errno(problem, errno, "read '%s'", path);
        goto out;
    }
    bytes[count] = '\0';
    *ret_bytes = bytes;
    *ret_count = count;
    done = true;
out:
    if (file)
        (void)fclose(file);
    if (!done)
        free(bytes);
    return done;
}

bool folder_make(const char *path, mode_t mode, struct problem *problem)
{
    char partial[PATH_MAX];
    if (snprintf(partial, sizeof partial, "%s", path) >= (int)sizeof partial)
        return problem_set_errno(problem, ENAMETOOLONG, "make folder '%s'", path);
    for (char *at = partial + 1;; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        char end = *at;
        *at = '\0';
        if (mkdir(partial, mode) != 0 && errno != EEXIST)
            return problem_set_errno(problem, errno, "make folder '%s'", partial);
        if (end == '\0')
            return true;
        *at = end;
    }
}

bool folder_sync(const char *path, struct problem *problem)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;
    if (!done)
        problem_set_errno(problem, errno, "sync folder '%s'", path);
    if (fd >= 0)
        (void)close(fd);
    return done;
}

bool folder_remove(const char *path, struct problem *problem)
{
    char *root = memory_strdup(path);
    char *const roots[] = { root, NULL };
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
    bool done = walk != NULL;
    FTSENT *entry;
    while (walk && (entry = fts_read(walk))) {
        /* a folder is removed on the way back up, when it is empty */
        if (entry->fts_info == FTS_D)
            continue;
        if (remove(entry->fts_accpath) != 0 && errno != ENOENT) {
            problem_set_errno(problem, errno, "remove '%s'", entry->fts_path);
            done = false;
        }
    }
    if (walk)
        (void)fts_close(walk);
    free(root);
    return done;
}
