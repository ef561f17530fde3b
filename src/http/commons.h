/*
 * What all loops of one server share; private to http/.
 *
 * Threads    read-only once made, but for what is atomic or says how it is guarded.
 */
#ifndef LECTERN_HTTP_COMMONS_H
#define LECTERN_HTTP_COMMONS_H

#include "base/settings.h"
#include "http/address_limits.h"

#include <stdatomic.h>

struct http_loop;

struct commons {
    struct http_loop *const *loops; /* lent */
    size_t loop_count;
    atomic_size_t connections_open;
    atomic_size_t room_asked;        /* see admission.h */
    atomic_int_fast64_t accepted_us; /* see commons_may_accept() */
    bool control_refused;            /* the kernel knows no such congestion-control */
    struct address_limits *addresses;
};

void commons_init(struct commons *commons);
void commons_release(struct commons *commons);

/* connections-per-second, of all loops together; a second's worth may come at once.  Takes one. */
bool commons_may_accept(struct commons *commons, const struct settings *settings, int64_t now_us);

#endif
