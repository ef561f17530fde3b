#include "cli/control_socket.h"

#include "cli/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/*
 * A socket's address holds 107 bytes, a folder's path up to 4095: so the folder is opened, and named by
 * its descriptor.
 */
static int folder_address(const char *data_folder, struct sockaddr_un *ret_address)
{
    int folder = open(data_folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    *ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if (folder >= 0)
        (void)snprintf(ret_address->sun_path, sizeof ret_address->sun_path, "/proc/self/fd/%d/%s",
            folder, CONTROL_SOCKET);
    return folder;
}

int control_connect(const char *data_folder)
{
    struct sockaddr_un address;
    int folder = folder_address(data_folder, &address);
    int fd = folder < 0 ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        (void)close(fd);
        fd = -1;
    }
    if (folder >= 0)
        (void)close(folder);
    return fd;
}

int control_listen(const char *data_folder, struct problem *problem)
{
    struct sockaddr_un address;
    int folder = folder_address(data_folder, &address);
    /* Not blocking: in a takeover two processes wait for callers, and one comes too late. */
    int fd = folder < 0 ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* Nobody can connect before listen(), by when the mode is right. */
    bool done = fd >= 0 && (unlinkat(folder, CONTROL_SOCKET, 0) == 0 || errno == ENOENT)
                && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0
                && fchmodat(folder, CONTROL_SOCKET, 0600, 0) == 0
                && listen(fd, CONTROL_COMMANDS_MAX) == 0;
    if (!done) {
        problem_set_errno(problem, errno, "open the control socket in '%s'", data_folder);
        if (fd >= 0)
            (void)close(fd);
        fd = -1;
    }
    if (folder >= 0)
        (void)close(folder);
    return fd;
}

void control_unlink(const char *data_folder)
{
    int folder = open(data_folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return;
    (void)unlinkat(folder, CONTROL_SOCKET, 0);
    (void)close(folder);
}

bool control_send_all(int fd, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        bytes += sent;
        count -= (size_t)sent;
    }
    return true;
}

void control_take_descriptors(struct msghdr *message, int *fds, size_t fds_max, size_t *fd_count)
{
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
            if (*fd_count < fds_max)
                fds[(*fd_count)++] = fd;
            else
                (void)close(fd);
        }
    }
}
