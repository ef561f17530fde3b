/*
 * What all loops of one server share; private to http/.
 *
 * Threads    read-only once made, but for what is atomic or says how it is guarded.
 */
#ifndef LECTERN_HTTP_COMMONS_H
#define LECTERN_HTTP_COMMONS_H

#include "base/settings.h"
#include "http/networks.h"

#include <stdatomic.h>

struct commons {
    atomic_size_t connections_open;
    struct networks header_proxies;  /* proxy-protocol-from */
    struct networks trusted_proxies; /* trusted-proxies */
};

/* false: a setting cannot be read, and *problem says which. */
bool commons_init(
    struct commons *commons, const struct settings *settings, struct problem *problem);

#endif
