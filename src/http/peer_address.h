/*
 * The address of a peer, without its port, in one form for both families: 16 bytes, IPv4 as
 * ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2), so that a peer is the same whether its connection came
 * through an IPv4 or an IPv6 socket.  Pure.
 */
#ifndef LECTERN_HTTP_PEER_ADDRESS_H
#define LECTERN_HTTP_PEER_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PEER_ADDRESS_BYTES = 16, PEER_TEXT_SIZE = 46 };

struct peer_address {
    uint8_t bytes[PEER_ADDRESS_BYTES];
};

struct sockaddr_storage;
/* Of neither family: "::", which is nobody's. */
void peer_address_of_socket(
    const struct sockaddr_storage *socket, struct peer_address *ret_address);
/* The four bytes of IPv4, in the network's order. */
void peer_address_of_four(const uint8_t four[4], struct peer_address *ret_address);
bool peer_address_is_four(const struct peer_address *address);
/* Dotted decimal without leading zeros, or IPv6 without brackets and zone; nothing around it. */
bool peer_address_read(const char *text, size_t length, struct peer_address *ret_address);
void peer_address_write(const struct peer_address *address, char ret_text[PEER_TEXT_SIZE]);
bool peer_address_equal(const struct peer_address *left, const struct peer_address *right);

/* A connection's other end, as its requests know it. */
struct peer {
    struct peer_address address;
    bool trusted; /* a proxy of ours: what it says of the client is believed */
    char text[PEER_TEXT_SIZE];
};

#endif
