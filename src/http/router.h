/*
 * Routes are a table; who may call, how much they may send and how the body comes are columns, so
 * that none of them can be forgotten.
 *
 *   { HTTP_GET, "/media/{lecture}/{version}/{file...}", guard, GUARD_VALUE, BODY_NONE, 0, media_get
 *   },
 *
 * A {name} takes one path segment; {name...} at the end takes all that is left.  The first match in
 * table order wins; HEAD goes to the GET handler (whose body is left out); OPTIONS without a row is
 * answered 204 with Allow; a known path with another method is answered 405 with Allow.  A path with
 * an empty segment ("//") matches nothing, {name...} neither.
 */
#ifndef LECTERN_HTTP_ROUTER_H
#define LECTERN_HTTP_ROUTER_H

#include "http/exchange.h"

enum body_kind {
    BODY_NONE,     /* a body is answered 413; one that turns out to be empty is none */
    BODY_WHOLE,    /* read whole before the handler runs, at most body_max bytes: exchange->body */
    BODY_STREAMED, /* the handler runs at the header, see exchange_read_body(); it bounds the body */
};

struct route {
    enum http_method method;
    const char *pattern;
    int caller; /* the application's own enum: who may call; checked by server_settings.guard */
    enum body_kind body;
    size_t body_max; /* bytes, for BODY_WHOLE */
    void (*handler)(struct exchange *exchange);
};

struct router;
/* The table is lent and must outlive the router.  Ends the process on a malformed table: that is a
 * bug. */
struct router *router_build(const struct route *routes, size_t count);
void router_free(struct router *router);

enum router_answer { ROUTER_FOUND, ROUTER_NO_PATH, ROUTER_NO_METHOD };
/* parameters point into path_copy, which is cut into pieces. */
enum router_answer router_find(const struct router *router, enum http_method method,
    char *path_copy, const struct route **ret_route,
    const char *parameters[EXCHANGE_PARAMETERS_MAX]);
/* "GET, HEAD, OPTIONS" for the path, into the buffer. */
void router_allowed(const struct router *router, const char *path, char *ret_text, size_t size);

#endif
