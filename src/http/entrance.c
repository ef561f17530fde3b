#include "http/entrance.h"

#include "http/admission.h"
#include "http/commons.h"
#include "http/proxy_protocol.h"
#include "http/serving.h"

#include <errno.h>
#include <sys/socket.h>

/* Counts the guest by its address, unless it is one that is not counted. */
static bool count_address(struct http_loop *loop, struct guest *guest)
{
    const struct address_rules rules = {
        .connections_max = loop->settings->connections_per_address_max,
        .connections_per_second = loop->settings->connections_per_address_per_second,
    };
    if (guest->peer.trusted || networks_hold(&loop->serving->uncounted, &guest->peer.address))
        return true;
    switch (address_limits_enter(loop->commons->addresses, &guest->peer.address, &rules,
        clock_steady_ms(), &guest->holding)) {
    case ADDRESS_WELCOME:
        return true;
    case ADDRESS_HOLDS_MOST:
        LOOP_COUNT(loop, refused_by_address, 1);
        return false;
    case ADDRESS_TOO_FAST:
        break;
    }
    LOOP_COUNT(loop, refused_by_address_rate, 1);
    return false;
}

static void name_guest(
    const struct http_loop *loop, const struct peer_address *address, struct guest *guest)
{
    guest->peer.address = *address;
    guest->peer.trusted = networks_hold(&loop->serving->trusted_proxies, address);
    peer_address_write(address, guest->peer.text);
}

bool entrance_admit(
    struct http_loop *loop, const struct peer_address *address, bool plain, struct guest *ret_guest)
{
    *ret_guest = (struct guest){ .plain = plain };
    name_guest(loop, address, ret_guest);
    if (plain) {
        ret_guest->peer.trusted = false;
        return true;
    }
    ret_guest->proxied = networks_hold(&loop->serving->header_proxies, address);
    if (!ret_guest->proxied && !count_address(loop, ret_guest))
        return false;
    if (commons_may_accept(loop->commons, loop->settings, clock_steady_us()))
        return true;
    LOOP_COUNT(loop, refused_by_rate, 1);
    address_limits_leave(ret_guest->holding);
    return false;
}

static ssize_t receive(const struct connection *connection, size_t count, int flags)
{
    ssize_t received;
    do
        received
            = recv(connection->stream.fd, connection->loop->input, count, MSG_DONTWAIT | flags);
    while (received < 0 && errno == EINTR);
    return received;
}

/* All of the header is there; what it says. */
static enum stream_step take_header(
    struct connection *connection, const struct proxy_header *header)
{
    struct guest *guest = &connection->guest;
    if (receive(connection, header->length, 0) != (ssize_t)header->length)
        return STREAM_BROKEN;
    guest->proxied = false;
    if (header->told)
        name_guest(connection->loop, &header->client, guest);
    if (!count_address(connection->loop, guest))
        return STREAM_BROKEN;
    /* Among those of its own crowd. */
    admission_join(connection, LINE_SILENT, connection->opened_ms);
    return STREAM_DONE;
}

enum stream_step entrance_pass(struct connection *connection)
{
    struct proxy_header header;
    if (!connection->guest.proxied)
        return STREAM_DONE;
    ssize_t count = receive(connection, PROXY_HEADER_MAX, MSG_PEEK);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return STREAM_AGAIN;
    if (count <= 0)
        return STREAM_ENDED;
    switch (proxy_protocol_read((const uint8_t *)connection->loop->input, (size_t)count, &header)) {
    case PROXY_WHOLE:
        return take_header(connection, &header);
    case PROXY_MORE:
        return connection->stream.peer_closed ? STREAM_ENDED : STREAM_AGAIN;
    case PROXY_REFUSED:
        break;
    }
    LOOP_COUNT(connection->loop, proxy_headers_refused, 1);
    return STREAM_BROKEN;
}
