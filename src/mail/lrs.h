/*
 * Statements to the learning record store of setting lrs-url (xAPI 1.0.3, part three), by libcurl: many in one
 * POST to its /statements, each with the id that it was queued with.
 *
 * Outcomes   200 and 204 take all.  400, 413 and 422 refuse a batch for the sake of some in it, and 409 for one that is there
 *            already with other words: halves of it are tried, down to the one, which is then refused, or for 409
 *            taken.  All else (no connection, 401, 404, 429, 5xx) is the line's: they come again, not before
 *            what Retry-After asked for, half as many at once until some are taken, so that one which the store
 *            cannot digest does not hold up all others for ever.
 * Again      an answer that did not come counts as none: the statements may be there, and the store knows them by
 *            their ids.
 * Ownership  lrs_open() gives; end with lrs_close(), which accepts NULL.
 * Threads    one at a time.
 */
#ifndef LECTERN_MAIL_LRS_H
#define LECTERN_MAIL_LRS_H

#include "mail/courier.h"

struct lrs;
/* settings must outlive it; PROBLEM_SETTING where lrs-url is none. */
struct lrs *lrs_open(const struct settings *settings, struct problem *problem);
void lrs_close(struct lrs *lrs);
/* For courier_options: data is a struct lrs.  The connection is kept for the next. */
void lrs_send(void *data, const struct courier *courier, struct courier_item *items, size_t count);

#endif
