#include "cli/new_folder.h"

#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_empty(int folder_fd)
{
    int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (!folder) {
        if (fd >= 0)
            (void)close(fd);
        return false;
    }
    const struct dirent *entry;
    bool empty = true;
    while (empty && (entry = readdir(folder)))
        empty = text_equal(entry->d_name, ".") || text_equal(entry->d_name, "..");
    (void)closedir(folder);
    return empty;
}

static bool give_to_owner(int folder_fd, const char *data_folder)
{
    struct stat facts;
    return geteuid() != 0 || stat(data_folder, &facts) != 0
           || fchown(folder_fd, facts.st_uid, facts.st_gid) == 0;
}

int new_folder_open(const char *path, const struct settings *settings, struct problem *problem)
{
    bool made = mkdir(path, 0700) == 0;
    int fd = made || errno == EEXIST ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
                                     : -1;
    if (fd < 0) {
        problem_set(problem, PROBLEM_CONFLICT, "The folder '%.200s' cannot be made: %s.", path,
            strerror(errno));
        return -1;
    }
    if (!is_empty(fd))
        problem_set(problem, PROBLEM_CONFLICT, "The folder '%.200s' is not empty.", path);
    else if (!give_to_owner(fd, settings->data))
        problem_set_errno(problem, errno, "give '%.200s' to the server's user", path);
    else
        return fd;
    (void)close(fd);
    return -1;
}
