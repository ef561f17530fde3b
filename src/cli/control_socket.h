/* The socket itself: its address below a data folder of any length, whole writes, descriptors. */
#ifndef LECTERN_CLI_CONTROL_SOCKET_H
#define LECTERN_CLI_CONTROL_SOCKET_H

#include "base/problem.h"

#include <stddef.h>
#include <sys/socket.h>

/* A connected descriptor, or -1 when nobody listens there. */
int control_connect(const char *data_folder);
/* A listening one of mode 0600, in the place of any that is there: hold the data folder's lock.  -1
 * means *problem is set. */
int control_listen(const char *data_folder, struct problem *problem);
/* Only while the lock is held. */
void control_unlink(const char *data_folder);
/* All of it, without SIGPIPE; false with errno. */
bool control_send_all(int fd, const char *bytes, size_t count);
/* Adds the descriptors that came with a message (SCM_RIGHTS) to fds, as long as *fd_count is below
 * fds_max; further ones are closed, so that a peer cannot fill our table with them. */
void control_take_descriptors(struct msghdr *message, int *fds, size_t fds_max, size_t *fd_count);

#endif
