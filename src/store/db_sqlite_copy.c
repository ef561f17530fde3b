/*
 * A copy of the store at one moment, by SQLite's online backup.  In WAL mode its reading snapshot
 * keeps nobody from writing; it only keeps the WAL from shrinking until it is done.
 */
#include "store/db_sqlite.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BUSY_ATTEMPTS_MAX = 50, BUSY_PAUSE_MS = 100 }; /* while another process recovers the WAL */

/* All pages in one step, so that all are of one snapshot. */
static bool copy_pages(sqlite3 *from, sqlite3 *to, struct problem *problem)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup)
        return sqlite_fail(problem, to, "copy the store");
    int code = sqlite3_backup_step(backup, -1);
    for (int i = 0; (code == SQLITE_BUSY || code == SQLITE_LOCKED) && i < BUSY_ATTEMPTS_MAX; i++) {
        (void)nanosleep(&(struct timespec){ .tv_nsec = BUSY_PAUSE_MS * 1000000L }, NULL);
        code = sqlite3_backup_step(backup, -1);
    }
    code = sqlite3_backup_finish(backup);
    return code == SQLITE_OK || sqlite_fail(problem, to, "copy the store");
}

/* "file:" with what SQLite would read as more than a path percent-encoded; immutable, as nobody else
 * has the copy: so looking at it leaves no -wal and -shm beside it. */
static void write_uri(const char *path, struct text *uri)
{
    text_append_string(uri, "file:");
    for (const char *at = path; *at; at++)
        if (strchr("%?#", *at))
            text_printf(uri, "%%%02X", (unsigned)(unsigned char)*at);
        else
            text_append(uri, at, 1);
    text_append_string(uri, "?immutable=1");
}

static bool check_copy(const char *path, struct problem *problem)
{
    sqlite3 *handle = NULL;
    struct text uri;
    text_init(&uri, 4 * PATH_MAX);
    write_uri(path, &uri);
    bool sound = (sqlite3_open_v2(uri.bytes, &handle,
                      SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL)
                         == SQLITE_OK
                     || sqlite_fail(problem, handle, path))
                 && sqlite_is_sound(handle, problem);
    (void)sqlite3_close(handle);
    text_release(&uri);
    return sound;
}

bool sqlite_copy(const char *folder, const char *path, struct problem *problem)
{
    char source[PATH_MAX];
    if (snprintf(source, sizeof source, "%s/store.sqlite", folder) >= (int)sizeof source)
        return problem_set_errno(problem, ENAMETOOLONG, "copy the store in '%s'", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return problem_set_errno(problem, errno, "create '%s'", path);
    (void)close(fd);
    sqlite3 *from = NULL, *to = NULL;
    bool copied = (sqlite3_open_v2(source, &from, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL)
                          == SQLITE_OK
                      || sqlite_fail(problem, from, source))
                  && (sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)
                          == SQLITE_OK
                      || sqlite_fail(problem, to, path));
    if (copied) {
        (void)sqlite3_extended_result_codes(to, 1);
        /* The caller syncs the whole, and throws a half away: a journal would only double the writes. */
        copied
            = sqlite3_exec(to, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", NULL, NULL, NULL)
                  == SQLITE_OK
              || sqlite_fail(problem, to, path);
    }
    copied = copied && copy_pages(from, to, problem);
    (void)sqlite3_close(to);
    (void)sqlite3_close(from);
    return copied && check_copy(path, problem);
}
