/*
 * What loops serve by: settings, networks and TLS.  Never changed; a reload makes a new one, and each loop takes
 * it up between two turns, so that none needs a lock to look anything up.
 *
 * Ownership  serving_create() gives the first hold; serving_drop() ends one, and the last ends all.  A
 *            connection holds none: its SSL keeps the SSL_CTX, and the settings are asked anew each turn.
 * Threads    holds may be taken and dropped on any.
 */
#ifndef LECTERN_HTTP_SERVING_H
#define LECTERN_HTTP_SERVING_H

#include "http/networks.h"
#include "http/tls_context.h"

#include <stdatomic.h>

struct serving {
    atomic_size_t holds;
    struct settings settings;
    struct networks header_proxies;  /* proxy-protocol-from */
    struct networks trusted_proxies; /* trusted-proxies */
    struct networks uncounted;       /* address-limits-exempt */
    SSL_CTX *tls;
    struct tls_facts tls_facts;
};

/* Copies the settings and reads the certificates that they name; `tickets` is lent.  NULL means *problem is
 * set. */
struct serving *serving_create(
    const struct settings *settings, struct ticket_keys *tickets, struct problem *problem);
struct serving *serving_hold(struct serving *serving);
void serving_drop(struct serving *serving); /* accepts NULL */

#endif
