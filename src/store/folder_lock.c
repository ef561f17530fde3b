#include "store/folder_lock.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
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

static bool take(int fd, const char *folder, struct problem *problem)
{
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? refuse(fd, folder, problem)
                                    : problem_set_errno(problem, errno, "lock '%s'", folder);
    /* The number is for people only, so a disk too full for it is no reason to stay closed. */
    (void)(ftruncate(fd, 0) == 0 && dprintf(fd, "%d\n", (int)getpid()) > 0);
    return true;
}

int folder_lock(const char *folder, struct problem *problem)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/lock", folder) >= (int)sizeof path) {
        problem_set_errno(problem, ENAMETOOLONG, "lock '%s'", folder);
        return -1;
    }
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

void folder_unlock(int lock)
{
    if (lock >= 0)
        (void)close(lock);
}
