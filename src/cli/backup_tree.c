#include "cli/backup_tree.h"

#include "base/digest.h"
#include "base/files.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_BYTES = 1 << 18 };

/* Whether the copy is of this very file. */
static bool is_taken(const char *copy, const struct stat *source)
{
    struct stat facts;
    if (lstat(copy, &facts) != 0)
        return false;
    if (facts.st_dev == source->st_dev && facts.st_ino == source->st_ino)
        return true;
    return facts.st_size == source->st_size && facts.st_mtim.tv_sec == source->st_mtim.tv_sec
           && facts.st_mtim.tv_nsec == source->st_mtim.tv_nsec;
}

/* With the source's times, by which is_taken() knows it again. */
static bool copy_bytes(int from, int into, const struct stat *source)
{
    char *piece = memory_alloc(PIECE_BYTES);
    off_t at = 0;
    ssize_t count;
    bool copied = true;
    while (copied && (count = pread(from, piece, PIECE_BYTES, at)) != 0) {
        copied = count > 0 && file_write_at(into, piece, (size_t)count, at, NULL);
        at += count > 0 ? count : 0;
    }
    free(piece);
    const struct timespec times[] = { source->st_atim, source->st_mtim };
    return copied && fchmod(into, source->st_mode & 0700) == 0 && futimens(into, times) == 0
           && fsync(into) == 0;
}

static bool copy_file(const char *path, const char *copy, struct problem *problem)
{
    struct stat facts;
    int from = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (from < 0)
        return errno == ENOENT || problem_set_errno(problem, errno, "read '%s'", path);
    int into = open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool copied = into >= 0 && fstat(from, &facts) == 0 && copy_bytes(from, into, &facts);
    if (!copied)
        problem_set_errno(problem, errno, "copy '%s' to '%s'", path, copy);
    (void)close(from);
    if (into >= 0)
        (void)close(into);
    return copied;
}

static bool link_file(const char *path, const char *copy, struct problem *problem)
{
    return link(path, copy) == 0 || errno == ENOENT
           || problem_set_errno(problem, errno, "link '%s' to '%s'", path, copy);
}

static bool take_file(const FTSENT *entry, const char *copy, enum tree_way way,
    struct tree_counts *taken, struct problem *problem)
{
    if (is_taken(copy, entry->fts_statp))
        return true;
    if (unlink(copy) != 0 && errno != ENOENT)
        return problem_set_errno(problem, errno, "replace '%s'", copy);
    taken->files++;
    taken->bytes += entry->fts_statp->st_size;
    return way == TREE_LINK ? link_file(entry->fts_accpath, copy, problem)
                            : copy_file(entry->fts_accpath, copy, problem);
}

static bool take_entry(FTS *walk, FTSENT *entry, const char *into, size_t root_length,
    enum tree_way way, tree_choice choice, void *choice_data, struct tree_counts *taken,
    struct problem *problem)
{
    const char *path = entry->fts_path + root_length;
    char copy[PATH_MAX];
    path += strspn(path, "/");
    if (*path == '\0' || entry->fts_info == FTS_DP)
        return true;
    if (!choice(choice_data, path)) {
        (void)fts_set(walk, entry, FTS_SKIP);
        return true;
    }
    if (snprintf(copy, sizeof copy, "%s/%s", into, path) >= (int)sizeof copy)
        return problem_set_errno(problem, ENAMETOOLONG, "copy '%s'", entry->fts_path);
    switch (entry->fts_info) {
    case FTS_D:
        return mkdir(copy, 0700) == 0 || errno == EEXIST
               || problem_set_errno(problem, errno, "make folder '%s'", copy);
    case FTS_F:
        return take_file(entry, copy, way, taken, problem);
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return entry->fts_errno == ENOENT
               || problem_set_errno(problem, entry->fts_errno, "read '%s'", entry->fts_path);
    default:
        return true;
    }
}

static int by_name(const FTSENT **left, const FTSENT **right)
{
    return strcmp((*left)->fts_name, (*right)->fts_name);
}

static FTS *walk_open(const char *folder, struct problem *problem)
{
    char *root = memory_strdup(folder);
    char *const roots[] = { root, NULL };
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    if (!walk)
        problem_set_errno(problem, errno, "read '%s'", folder);
    free(root);
    return walk;
}

bool tree_take(const char *from, const char *into, enum tree_way way, tree_choice choice,
    void *data, struct tree_counts *ret_taken, struct problem *problem)
{
    FTS *walk = walk_open(from, problem);
    bool taken = walk != NULL;
    FTSENT *entry;
    *ret_taken = (struct tree_counts){ 0 };
    while (taken && (entry = fts_read(walk)))
        taken = take_entry(walk, entry, into, strlen(from), way, choice, data, ret_taken, problem);
    if (walk)
        (void)fts_close(walk);
    return taken;
}

static bool digest_file(const char *path, char ret_text[DIGEST_SHA256_TEXT_SIZE],
    int64_t *ret_bytes, struct problem *problem)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return problem_set_errno(problem, errno, "read '%s'", path);
    struct digest *digest = digest_new(DIGEST_SHA256);
    char *piece = memory_alloc(PIECE_BYTES);
    ssize_t count;
    *ret_bytes = 0;
    while ((count = read(fd, piece, PIECE_BYTES)) > 0) {
        digest_add(digest, piece, (size_t)count);
        *ret_bytes += count;
    }
    if (count < 0)
        problem_set_errno(problem, errno, "read '%s'", path);
    digest_sha256_text(digest, ret_text);
    digest_free(digest);
    free(piece);
    (void)close(fd);
    return count == 0;
}

static bool seal_entry(const FTSENT *entry, size_t root_length, FILE *sums,
    struct tree_counts *counts, struct problem *problem)
{
    char digest[DIGEST_SHA256_TEXT_SIZE];
    int64_t bytes = 0;
    if (entry->fts_info == FTS_D)
        return true;
    if (entry->fts_info == FTS_DP)
        return folder_sync(entry->fts_accpath, problem);
    if (entry->fts_info != FTS_F)
        return problem_set_errno(problem, entry->fts_errno, "read '%s'", entry->fts_path);
    if (!digest_file(entry->fts_accpath, digest, &bytes, problem))
        return false;
    counts->files++;
    counts->bytes += bytes;
    return fprintf(sums, "%s  %s\n", digest, entry->fts_path + root_length + 1) > 0
           || problem_set_errno(problem, errno, "write the digests");
}

bool tree_seal(
    const char *folder, FILE *sums, struct tree_counts *ret_counts, struct problem *problem)
{
    FTS *walk = walk_open(folder, problem);
    bool sealed = walk != NULL;
    FTSENT *entry;
    *ret_counts = (struct tree_counts){ 0 };
    while (sealed && (entry = fts_read(walk)))
        sealed = seal_entry(entry, strlen(folder), sums, ret_counts, problem);
    if (walk)
        (void)fts_close(walk);
    return sealed;
}
