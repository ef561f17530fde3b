/*
 * Getting rid of what was deleted: the WAL still holds old pages, and pages that were taken apart may
 * hold cells that secure_delete did not reach.
 */
#include "store/db_sqlite.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BUSY_ATTEMPTS_MAX = 5, /* beside the busy timeout of each: readers of long snapshots */
    PIECE_BYTES = 1 << 20
};

/* Columns: busy, pages in the WAL, pages moved. */
static int take_busy(void *data, int count, char **values, char **names)
{
    (void)names;
    *(bool *)data = count < 1 || !values[0] || strcmp(values[0], "0") != 0;
    return 0;
}

static bool empty_wal(sqlite3 *handle, struct problem *problem)
{
    bool busy = true;
    for (int i = 0; busy && i < BUSY_ATTEMPTS_MAX; i++)
        if (sqlite3_exec(handle, "PRAGMA wal_checkpoint(TRUNCATE)", take_busy, &busy, NULL)
            != SQLITE_OK)
            return sqlite_fail(problem, handle, "empty the WAL");
    return !busy
           || problem_set(problem, PROBLEM_BUSY, "somebody reads the store for long: try again");
}

/* SQLite's setting is the process's; nothing else makes temporary files (db_sqlite.c), so that who holds
 * this has it alone. */
static pthread_mutex_t temporary_folder = PTHREAD_MUTEX_INITIALIZER;

/* VACUUM makes the new file aside, unlinked from the start: on the store's own disk, as it may be larger
 * than memory, and as what it holds belongs nowhere else. */
static bool write_anew(sqlite3 *handle, struct problem *problem)
{
    const char *path = sqlite3_db_filename(handle, "main");
    (void)pthread_mutex_lock(&temporary_folder);
    sqlite3_temp_directory = sqlite3_mprintf(
        "%.*s", (int)(strrchr(path, '/') - path), path); /* absolute, as SQLite says */
    bool done
        = sqlite3_exec(handle, "PRAGMA temp_store=FILE; VACUUM", NULL, NULL, NULL) == SQLITE_OK
          || sqlite_fail(problem, handle, "write the store anew");
    (void)sqlite3_exec(handle, "PRAGMA temp_store=MEMORY", NULL, NULL, NULL);
    sqlite3_free(sqlite3_temp_directory);
    sqlite3_temp_directory = NULL;
    (void)pthread_mutex_unlock(&temporary_folder);
    return done;
}

bool sqlite_scrub(struct db_connection *connection, bool anew, struct problem *problem)
{
    sqlite3 *handle = ((struct sqlite_connection *)connection)->handle;
    return (!anew || write_anew(handle, problem)) && empty_wal(handle, problem);
}

static bool contains(
    const char *bytes, size_t count, const char *const *needles, size_t needle_count)
{
    for (size_t i = 0; i < needle_count; i++)
        if (memmem(bytes, count, needles[i], strlen(needles[i])))
            return true;
    return false;
}

/* A needle may lie across two pieces: the end of each is kept before the next. */
static bool search(int fd, const char *const *needles, size_t needle_count, bool *ret_found)
{
    char *piece = memory_alloc(DB_NEEDLE_BYTES_MAX + PIECE_BYTES);
    size_t kept = 0;
    off_t at = 0;
    ssize_t count = 0;
    *ret_found = false;
    while (!*ret_found && (count = pread(fd, piece + kept, PIECE_BYTES, at)) > 0) {
        size_t length = kept + (size_t)count;
        *ret_found = contains(piece, length, needles, needle_count);
        kept = length < DB_NEEDLE_BYTES_MAX ? length : DB_NEEDLE_BYTES_MAX;
        memmove(piece, piece + length - kept, kept);
        at += count;
    }
    int error_number = errno;
    free(piece);
    errno = error_number;
    return *ret_found || count == 0;
}

bool sqlite_holds(const char *folder, const char *const *needles, size_t needle_count,
    bool *ret_found, struct problem *problem)
{
    static const char *const names[] = { "store.sqlite", "store.sqlite-wal" };
    bool found = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && !found; i++) {
        char path[PATH_MAX];
        if (snprintf(path, sizeof path, "%s/%s", folder, names[i]) >= (int)sizeof path)
            return problem_set_errno(problem, ENAMETOOLONG, "read the store in '%s'", folder);
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0 && errno == ENOENT)
            continue;
        bool read = fd >= 0 && search(fd, needles, needle_count, &found);
        if (!read)
            problem_set_errno(problem, errno, "read '%s'", path);
        if (fd >= 0)
            (void)close(fd);
        if (!read)
            return false;
    }
    *ret_found = found;
    return true;
}
