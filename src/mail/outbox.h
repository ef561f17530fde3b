/*
 * The outbox: what is to leave the house, written in the same transaction as its cause, so that neither is there
 * without the other, and sent later by a thread (courier.h).
 *
 * Once       An item has a key; queueing a key again changes nothing.  A mail's Message-ID and Date and a
 *            statement's id are fixed here: every try sends the same bytes, and a receiver that got
 *            them already knows them again.
 * Keeping    A body goes as soon as it is sent; the row after setting outbox-keep-days.
 * Where      inside db_write (adding, changing) or db_read (looking).
 */
#ifndef LECTERN_MAIL_OUTBOX_H
#define LECTERN_MAIL_OUTBOX_H

#include "base/settings.h"
#include "mail/message.h"
#include "store/db.h"

#include <jansson.h>

#define OUTBOX_MAIL "mail"
#define OUTBOX_XAPI "xapi"

struct outbox_entry {
    const char *channel;
    const char *key;
    const char *
        recipient; /* a mail address; of a statement, the participant's id: an erasure finds both */
    const char *title; /* what a list shows */
    const char *body;  /* UTF-8 without NUL */
};

/* Is there anywhere to send mails to?  Without, mails that are queued wait and are given up in the end. */
bool mail_is_set_up(const struct settings *settings);
/* The whole message, from the house, with a new Message-ID and the time of now; text holds MAIL_MESSAGE_BYTES_MAX. */
bool mail_compose(const struct settings *settings, const struct mail *mail, struct text *text,
    struct problem *problem);
/* PROBLEM_INVALID_FIELD for a mail that is none (message.h); PROBLEM_SETTING without mail-from. */
bool mail_queue(struct db_connection *connection, const struct settings *settings,
    const struct mail *mail, struct problem *problem);

bool outbox_add(
    struct db_connection *connection, const struct outbox_entry *entry, struct problem *problem);
bool outbox_count_waiting(struct db_connection *connection, const char *channel, int64_t *ret_count,
    struct problem *problem);
/* A failed item, or one that waits for its next try, is due now, and its time to give up begins again.  PROBLEM_NOT_FOUND, and
 * PROBLEM_CONFLICT for one that is sent. */
bool outbox_retry(
    struct db_connection *connection, const char *channel, int64_t id, struct problem *problem);
/* The same for all that failed. */
bool outbox_retry_failed(struct db_connection *connection, const char *channel, int64_t *ret_count,
    struct problem *problem);
/* {"items":[{"id","state","recipient","title","attempts","created_at_ms","next_at_ms"|null,"ended_at_ms"|null,
 *  "answer"}...],"waiting":n,"failed":n}: what waits or failed, newest first, with `all` what was sent too; at most OUTBOX_LIST_MAX. */
enum { OUTBOX_LIST_MAX = 500 };
json_t *outbox_json(
    struct db_connection *connection, const char *channel, bool all, struct problem *problem);

#endif
