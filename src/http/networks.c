#include "http/networks.h"

#include "base/text.h"

#include <string.h>

enum { BITS = 8 * PEER_ADDRESS_BYTES, FOUR_BITS = 32 };

/* The first `bits` bits are the same. */
static bool same_start(
    const struct peer_address *left, const struct peer_address *right, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    unsigned mask = 0xff00u >> rest & 0xffu;
    return memcmp(left->bytes, right->bytes, whole) == 0
           && (rest == 0 || ((left->bytes[whole] ^ right->bytes[whole]) & mask) == 0);
}

static bool is_zero_behind(const struct peer_address *address, unsigned bits)
{
    struct peer_address start = { { 0 } };
    memcpy(start.bytes, address->bytes, bits / 8);
    if (bits % 8 != 0)
        start.bytes[bits / 8] = (uint8_t)(address->bytes[bits / 8] & 0xff00u >> bits % 8);
    return peer_address_equal(&start, address);
}

static bool read_network(const char *text, size_t length, struct network *ret_network)
{
    const char *slash = memchr(text, '/', length);
    size_t address_length = slash ? (size_t)(slash - text) : length;
    if (!peer_address_read(text, address_length, &ret_network->address))
        return false;
    unsigned before = memchr(text, ':', address_length) ? 0 : BITS - FOUR_BITS;
    int64_t bits = BITS - before;
    if (slash) {
        const char *number = slash + 1;
        size_t number_length = length - address_length - 1;
        if (!text_to_int64(number, number_length, 0, bits, &bits)
            || (number[0] == '0' && number_length > 1))
            return false;
    }
    ret_network->bits = (uint8_t)(before + (unsigned)bits);
    return is_zero_behind(&ret_network->address, ret_network->bits);
}

bool networks_read(
    const char *setting, const char *text, struct networks *ret_networks, struct problem *problem)
{
    *ret_networks = (struct networks){ 0 };
    if (text[0] == '\0')
        return true;
    for (const char *at = text;; at++) {
        at += strspn(at, " ");
        size_t piece = strcspn(at, ","), length = piece;
        while (length > 0 && at[length - 1] == ' ')
            length--;
        if (ret_networks->count == NETWORKS_MAX)
            return problem_set(problem, PROBLEM_SETTING, "'%s' names more than %d networks.",
                setting, NETWORKS_MAX);
        if (!read_network(at, length, &ret_networks->list[ret_networks->count]))
            return problem_set(problem, PROBLEM_SETTING,
                "'%s' must name networks such as 10.0.0.0/8 or ::1, not '%.*s'.", setting,
                (int)(length < 60 ? length : 60), at);
        ret_networks->count++;
        at += piece;
        if (*at == '\0')
            return true;
    }
}

bool networks_hold(const struct networks *networks, const struct peer_address *address)
{
    const unsigned before = BITS - FOUR_BITS;
    bool four = peer_address_is_four(address);
    for (size_t i = 0; i < networks->count; i++) {
        const struct network *network = &networks->list[i];
        if ((!four || network->bits >= before)
            && same_start(&network->address, address, network->bits))
            return true;
    }
    return false;
}
