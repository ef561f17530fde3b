/*
 * The control socket, data/control.sock: how commands reach a running server, so that its caches,
 * revocation (1 s) and job limits hold.
 *
 * Who        the socket is 0600 in a folder of 0700, and the kernel says who connected (SO_PEERCRED):
 *            the server's own user, or root.
 * Protocol   control_frame.h.  Files come as open descriptors: the server opens no path for anybody.
 * Limits     CONTROL_COMMANDS_MAX at once, a deadline for the request, bounded lines.
 * Going away a client that goes away ends the waiting, never the job that it waited for.
 * Stale      a socket file that a killed server left is replaced by the next one, which holds the
 *            data folder's lock when it calls control_start().
 */
#ifndef LECTERN_CLI_CONTROL_H
#define LECTERN_CLI_CONTROL_H

#include "cli/command_line.h"

#define CONTROL_SOCKET "control.sock"

enum {
    CONTROL_COMMANDS_MAX = 16,
    CONTROL_REQUEST_DEADLINE_MS = 10000,
    CONTROL_SEND_DEADLINE_MS = 30000
};

struct control;
struct takeover_message;

struct control_settings {
    struct command_context
        shared; /* what commands in the server reach; output, language, password and
                                      input_fd are each command's own */
    /* Answers a new server that asks to take over (handover.h), on the connection's thread; NULL: it is
     * refused.  fd is lent. */
    void (*take_over)(
        void *data, struct control *control, int fd, const struct takeover_message *asked);
    void *data;
    int listening; /* a socket that listens already, taken in any case; -1: a new one */
};
struct control *control_start(const struct control_settings *settings, struct problem *problem);
/* Takes no more commands, ends waiting ones, joins.  Accepts NULL. */
void control_stop(struct control *control);

/* For a takeover, from any thread.  Paused, whoever calls waits in the socket's backlog, for us or for
 * the one that it was given to. */
void control_pause(struct control *control);
void control_resume(struct control *control);
int control_lend_socket(const struct control *control);
/* The socket's file is another's: control_stop() leaves it there. */
void control_give_away(struct control *control, bool given);
size_t control_running(struct control *control); /* commands, and handover_run() */
bool control_is_stopping(const struct control *control);

enum control_reply {
    CONTROL_ANSWERED,  /* *ret_exit is the command's exit code */
    CONTROL_NO_SERVER, /* nobody listens */
    CONTROL_LOST       /* *problem says how */
};
/* The client's side: sends the line with its file and password, and passes on what comes back. */
enum control_reply control_call(const char *data_folder, const struct command_line *line,
    const struct command_context *context, int *ret_exit, struct problem *problem);

#endif
