/*
 * A list of networks, as settings name them: "127.0.0.1, ::1, 10.0.0.0/8".  Pure.
 *
 * Strict     an address without a length is a network of one; bits behind the length must be zero
 *            ("10.0.0.1/8" is more likely a mistake than a wish); spaces stand around commas only.
 * Families   IPv4 is held by networks of IPv4 alone, whichever socket it came through: "::/0" is
 *            all of IPv6, "0.0.0.0/0" all of IPv4.
 */
#ifndef LECTERN_HTTP_NETWORKS_H
#define LECTERN_HTTP_NETWORKS_H

#include "base/problem.h"
#include "http/peer_address.h"

enum { NETWORKS_MAX = 64 };

struct network {
    struct peer_address address;
    uint8_t bits; /* of the 128 */
};

struct networks {
    size_t count;
    struct network list[NETWORKS_MAX];
};

/* "" is the empty list.  false: *problem is set (PROBLEM_SETTING), and names the setting. */
bool networks_read(
    const char *setting, const char *text, struct networks *ret_networks, struct problem *problem);
bool networks_hold(const struct networks *networks, const struct peer_address *address);

#endif
