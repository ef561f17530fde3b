#include "http/serving.h"

#include "base/memory.h"

#include <stdlib.h>

static bool read_networks(struct serving *serving, struct problem *problem)
{
    const struct settings *settings = &serving->settings;
    return networks_read("proxy-protocol-from", settings->proxy_protocol_from,
               &serving->header_proxies, problem)
           && networks_read(
               "trusted-proxies", settings->trusted_proxies, &serving->trusted_proxies, problem)
           && networks_read("address-limits-exempt", settings->address_limits_exempt,
               &serving->uncounted, problem);
}

struct serving *serving_create(
    const struct settings *settings, struct ticket_keys *tickets, struct problem *problem)
{
    struct serving *serving = memory_zeroed(1, sizeof *serving);
    atomic_init(&serving->holds, 1);
    settings_copy(settings, &serving->settings);
    if (read_networks(serving, problem))
        serving->tls = tls_context_create(settings, tickets, &serving->tls_facts, problem);
    if (!serving->tls) {
        serving_drop(serving);
        return NULL;
    }
    return serving;
}

struct serving *serving_hold(struct serving *serving)
{
    (void)atomic_fetch_add(&serving->holds, 1);
    return serving;
}

void serving_drop(struct serving *serving)
{
    if (!serving || atomic_fetch_sub(&serving->holds, 1) != 1)
        return;
    SSL_CTX_free(serving->tls);
    settings_release(&serving->settings);
    free(serving);
}
