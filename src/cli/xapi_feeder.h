/*
 * The thread that turns what was watched into statements for a learning record store (viewing/xapi.h) and queues them in
 * the outbox (mail/outbox.h), each lrs-interval-seconds: small transactions, so that a kill at any moment neither loses nor
 * doubles one.  While lrs-waiting-max of them wait, it waits too; the evidence log keeps its place.
 */
#ifndef LECTERN_CLI_XAPI_FEEDER_H
#define LECTERN_CLI_XAPI_FEEDER_H

#include "base/settings.h"
#include "store/db.h"

struct xapi_feeder;

/* settings and db must outlive it. */
struct xapi_feeder *xapi_feeder_start(
    struct db *db, const struct settings *settings, struct problem *problem);
/* Waits for the transaction that is under way.  Accepts NULL. */
void xapi_feeder_stop(struct xapi_feeder *feeder);

#endif
