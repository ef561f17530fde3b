#include "http/commons.h"

bool commons_init(struct commons *commons, const struct settings *settings, struct problem *problem)
{
    atomic_init(&commons->connections_open, 0);
    return networks_read("proxy-protocol-from", settings->proxy_protocol_from,
               &commons->header_proxies, problem)
           && networks_read(
               "trusted-proxies", settings->trusted_proxies, &commons->trusted_proxies, problem);
}
