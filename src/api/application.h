/*
 * The application behind the HTTP server: what every handler reaches through exchange->context, and
 * the routes.
 *
 * Ownership  whoever builds it (cli/serve.c) owns the parts and ends them after server_run() has
 * returned.
 */
#ifndef LECTERN_API_APPLICATION_H
#define LECTERN_API_APPLICATION_H

#include "access/media_token.h"
#include "access/offline_grant.h"
#include "access/staff_login.h"
#include "api/access_log.h"
#include "api/paces.h"
#include "base/settings.h"
#include "catalog/ingest.h"
#include "catalog/library.h"
#include "catalog/upload.h"
#include "http/server.h"
#include "http/static_files.h"
#include "mail/courier.h"
#include "store/db.h"
#include "viewing/checkpointer.h"
#include "viewing/delivery_log.h"

#include <stdatomic.h>

struct application {
    const struct settings *settings;
    struct db *db;
    struct media_tokens *tokens;
    struct offline_grants *grants;
    struct library *library;
    struct ingest *ingest;
    struct uploads *uploads;
    struct delivery_log *delivery_log;
    struct checkpointer *checkpointer;
    struct access_log *access_log;
    struct events *events;
    atomic_uint_fast64_t cmcd_refused; /* requests with CMCD that is none */
    struct courier *mail_courier;      /* NULL: no mails are sent */
    struct courier *lrs_courier;       /* NULL: no statements are sent */
    struct attempt_limiter *attempts;
    struct paces *paces; /* NULL: participants are not paced */
    struct static_files *static_files;
    struct workers *store_pool;
    struct workers *disk_pool;
    struct workers *drawing_pool;
    atomic_bool
        statements_busy;   /* one export of statements at a time: each reads every heartbeat */
    struct server *server; /* set once server_create() has returned; for /metrics */
};

/* For server_settings: the routes, the guard that checks each route's caller and Origin, and the
 * access log. */
const struct route *application_routes(size_t *ret_count);
const struct route *application_plain_routes(size_t *ret_count); /* metrics and health */
void application_guard(struct exchange *exchange, void (*proceed)(struct exchange *exchange));
/* What every answer carries: fields for pages of other origins. */
void application_greet(struct exchange *exchange);
/* A path without a route: a page for a person who opens it in a browser, a problem document for all
 * others, and for all below /api and /media.  A page's path with a slash at the end is led to the
 * page. */
void application_not_found(struct exchange *exchange);
void application_access_log(
    const struct exchange *exchange, const struct exchange_outcome *outcome);

#endif
