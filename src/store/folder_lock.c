#include "store/folder_lock.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static bool refuse(int fd, const char *folder, struct problem *problem)
{
    char holder[24] = "";
    int64_t process;
    ssize_t count = pread(fd, holder, sizeof holder - 1, 0);
    size_t length = count > 0 ? strcspn(holder, "\n") : 0;
    if (!text_to_int64(holder, length, 1, INT_MAX, &process))
        return problem_set(problem, PROBLEM_CONFLICT,
            "The data folder '%s' is in use by another process.", folder);
    return problem_set(problem, PROBLEM_CONFLICT, "The data folder '%s' is in use by process %d.",
        folder, (int)process);
}

/* The number is for people only, so a disk too full for it is no reason to stay closed.  Written at
 * its place: a shared descriptor may stand anywhere. */
static void write_holder(int fd)
{
    char holder[24];
    int length = snprintf(holder, sizeof holder, "%d\n", (int)getpid());
    (void)(ftruncate(fd, 0) == 0 && pwrite(fd, holder, (size_t)length, 0) == length);
}

static bool take(int fd, const char *folder, struct problem *problem)
{
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? refuse(fd, folder, problem)
                                    : problem_set_errno(problem, errno, "lock '%s'", folder);
    write_holder(fd);
    return true;
}

static bool lock_path(const char *folder, char ret_path[PATH_MAX], struct problem *problem)
{
    return snprintf(ret_path, PATH_MAX, "%s/lock", folder) < PATH_MAX
           || problem_set_errno(problem, ENAMETOOLONG, "lock '%s'", folder);
}

int folder_lock(const char *folder, struct problem *problem)
{
    char path[PATH_MAX];
    if (!lock_path(folder, path, problem))
        return -1;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        problem_set_errno(problem, errno, "open '%s'", path);
        return -1;
    }
    if (!take(fd, folder, problem)) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

int folder_lock_share(const char *folder, int held, struct problem *problem)
{
    char path[PATH_MAX];
    struct stat own, wanted;
    if (!lock_path(folder, path, problem))
        return -1;
    if (fstat(held, &own) != 0 || stat(path, &wanted) != 0 || own.st_dev != wanted.st_dev
        || own.st_ino != wanted.st_ino || flock(held, LOCK_EX | LOCK_NB) != 0) {
        problem_set(problem, PROBLEM_CONFLICT,
            "What was handed over is not the lock of the data folder '%s'.", folder);
        return -1;
    }
    int fd = fcntl(held, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        problem_set_errno(problem, errno, "share the lock '%s'", path);
    else
        write_holder(fd);
    return fd;
}

void folder_unlock(int lock)
{
    if (lock >= 0)
        (void)close(lock);
}
