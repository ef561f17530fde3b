/*
 * A thread that empties one channel of the outbox: takes what is due, lets a sender try it, and writes down what came of it.
 *
 * Once       Before each try an item is claimed in the store, as if the try had failed: its count of attempts is one more, and
 *            it is due again only later.  So a crash amid a try, or two servers on one store during a
 *            takeover, never send it twice at once; and what the other side took is written before the next item
 *            is tried.  Only a crash between that answer and the write sends an item again, the same to the byte.
 * Trouble    An item that is put off waits twice as long each time, from outbox-retry-seconds to
 *            outbox-retry-max-seconds, less a random half of it, and is given up after outbox-give-up-hours.  One that
 *            is refused is given up at once.  Where the line itself is down, all wait: the channel's own pause grows in the same way.
 * Threads    start and stop by the owner; stop interrupts a try that asks courier_is_stopping().  Figures from any thread.
 */
#ifndef LECTERN_MAIL_COURIER_H
#define LECTERN_MAIL_COURIER_H

#include "base/settings.h"
#include "store/db.h"

#include <stdatomic.h>

enum { COURIER_BATCH_MAX = 100, COURIER_ANSWER_SIZE = 200 };

enum courier_outcome {
    COURIER_LINE_DOWN, /* nothing is known of the item: the other side could not be reached, or would not talk */
    COURIER_PUT_OFF, /* this item, for now */
    COURIER_REFUSED, /* this item, for ever */
    COURIER_TAKEN,
};

struct courier_item {
    int64_t id;
    char *recipient, *body; /* lent to the sender */
    size_t body_count;
    /* set by the sender; LINE_DOWN before */
    enum courier_outcome outcome;
    char answer[COURIER_ANSWER_SIZE]; /* printable: the other side's words, or what went wrong */
    int64_t pause_ms;                 /* what the other side asked for at least; 0: nothing */
    int64_t pause_until_ms; /* set by the claim: when the next try is due, if this one fails */
};

struct courier;

struct courier_options {
    struct db *db;
    const struct settings *settings; /* outbox-...; outlive the courier */
    const char *channel;             /* outbox.h; also the thread's name */
    size_t batch_max;                /* items of one try, COURIER_BATCH_MAX at most */
    int64_t per_hour_max;            /* 0: any number */
    /* Begins nothing new once outbox-timeout-seconds have passed. */
    void (*send)(
        void *data, const struct courier *courier, struct courier_item *items, size_t count);
    void *data;
};

struct courier_figures {
    uint64_t waiting, failed;                    /* in the store, as last seen */
    uint64_t taken, put_off, refused, line_down; /* since the start; given up counts as refused */
    bool late; /* an item has waited longer than outbox-late-seconds */
};

struct courier *courier_start(const struct courier_options *options, struct problem *problem);
void courier_stop(struct courier *courier); /* accepts NULL */
bool courier_is_stopping(const struct courier *courier);
struct courier_figures courier_read_figures(const struct courier *courier);

/* The wait after this many failures (from 1), of which `chance` (0 to 999) decides the random half.  Pure. */
int64_t courier_delay_ms(int64_t failures, int64_t first_ms, int64_t most_ms, unsigned chance);

#endif
