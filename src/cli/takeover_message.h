/*
 * What two servers of one data folder tell each other when the new one takes over, over the control
 * socket: a JSON object a line.
 *
 *   new  {"take_over":2,"schema":1,"program":"0.2.0"}  which protocol, schema and program it is
 *   old  {"refused":"A sentence."}                      it goes on; the new one ends
 *   old  {"sockets":2,"plain":true,"run":17,"tickets":true}
 *                                                       with descriptors: the data folder's lock, the
 *                                                       control socket, the plain listening socket where
 *                                                       there is one, the pipe with the tickets' keys where
 *                                                       there is one, the HTTPS listening sockets
 *   new  {"ready":true}                                 everything is loaded, nothing is changed yet
 *   old  {"go":true}                                    it takes no newcomers any more, and drains
 *   old  {"ended":true}                                 all that it had to record is in the store
 *   new  {"released":true}                              it ends, or is itself taken over from: no crash
 *
 * A connection that ends without "released" or "ended" means that the other process is dead.
 * Protocols  1 knows no "tickets".  The old one speaks what it is asked in; the new one asks in its newest,
 *            and where that is refused in those before it.
 * Limits   a line has TAKEOVER_LINE_MAX bytes; every member is checked, unknown ones are refused.
 */
#ifndef LECTERN_CLI_TAKEOVER_MESSAGE_H
#define LECTERN_CLI_TAKEOVER_MESSAGE_H

#include "base/problem.h"
#include "base/text.h"
#include "http/server.h"

enum {
    TAKEOVER_PROTOCOL = 2,
    TAKEOVER_PROTOCOL_LEAST = 1,
    TAKEOVER_PROTOCOL_TICKETS = 2, /* the first one with them */
    TAKEOVER_LINE_MAX = 1024,
    TAKEOVER_SENTENCE_SIZE = 400,
    TAKEOVER_FDS_MAX = SERVER_SOCKETS_MAX + 4,
};

enum takeover_kind {
    TAKEOVER_ASKED,
    TAKEOVER_REFUSED,
    TAKEOVER_SOCKETS,
    TAKEOVER_READY,
    TAKEOVER_GO,
    TAKEOVER_ENDED,
    TAKEOVER_RELEASED,
};

struct takeover_message {
    enum takeover_kind kind;
    int64_t protocol, schema;              /* ASKED */
    char program[40];                      /* ASKED: its version, for the log */
    char sentence[TAKEOVER_SENTENCE_SIZE]; /* REFUSED */
    int64_t socket_count, run_id;          /* SOCKETS */
    bool plain, tickets;
};

/* Without the newline. */
void takeover_message_write(const struct takeover_message *message, struct text *line);
bool takeover_message_read(
    const char *line, size_t length, struct takeover_message *ret_message, struct problem *problem);

/* One end of the connection.  Descriptors that came along are kept until taken or closed. */
struct takeover_channel {
    int fd;
    char bytes[TAKEOVER_LINE_MAX];
    size_t length;
    int fds[TAKEOVER_FDS_MAX];
    size_t fd_count;
};
/* Takes the descriptor. */
void takeover_channel_init(struct takeover_channel *channel, int fd);
void takeover_channel_close(struct takeover_channel *channel);
/* fds are lent; false: the other process is gone. */
bool takeover_send(struct takeover_channel *channel, const struct takeover_message *message,
    const int *fds, size_t fd_count);
bool takeover_send_kind(struct takeover_channel *channel, enum takeover_kind kind);

enum takeover_news {
    TAKEOVER_CAME,
    TAKEOVER_GONE, /* the other process, or its senses */
    TAKEOVER_LATE, /* most_ms have passed */
    TAKEOVER_WOKEN /* woken is readable */
};
/* woken: -1 for none. */
enum takeover_news takeover_receive(struct takeover_channel *channel, int woken, int64_t most_ms,
    struct takeover_message *ret_message);

#endif
