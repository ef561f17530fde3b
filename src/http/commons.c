#include "http/commons.h"

void commons_init(struct commons *commons)
{
    *commons = (struct commons){ .addresses = address_limits_create() };
}

void commons_release(struct commons *commons)
{
    address_limits_free(commons->addresses);
    commons->addresses = NULL;
}

/* The generic cell rate algorithm: each connection moves accepted_us on by one interval, and while
 * that lies a second ahead there is no more room. */
bool commons_may_accept(struct commons *commons, const struct settings *settings, int64_t now_us)
{
    const int64_t second_us = 1000000;
    if (settings->connections_per_second == 0)
        return true;
    int64_t interval_us = second_us / settings->connections_per_second;
    int64_t seen_us = atomic_load_explicit(&commons->accepted_us, memory_order_relaxed), next_us;
    do {
        next_us = (seen_us > now_us ? seen_us : now_us) + interval_us;
        if (next_us > now_us + second_us)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(
        &commons->accepted_us, &seen_us, next_us, memory_order_relaxed, memory_order_relaxed));
    return true;
}
