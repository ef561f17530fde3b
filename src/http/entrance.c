#include "http/entrance.h"

#include "http/commons.h"
#include "http/proxy_protocol.h"

#include <errno.h>
#include <sys/socket.h>

/* The socket's peer, or who a proxy says stands behind it. */
static void name_peer(struct connection *connection, const struct peer_address *address)
{
    const struct commons *commons = connection->loop->commons;
    connection->peer.address = *address;
    connection->peer.trusted
        = !connection->plain && networks_hold(&commons->trusted_proxies, address);
    peer_address_write(address, connection->peer.text);
}

void entrance_greet(struct connection *connection, const struct peer_address *address)
{
    name_peer(connection, address);
    connection->proxied
        = !connection->plain && networks_hold(&connection->loop->commons->header_proxies, address);
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

enum stream_step entrance_pass(struct connection *connection)
{
    struct proxy_header header;
    if (!connection->proxied)
        return STREAM_DONE;
    ssize_t count = receive(connection, PROXY_HEADER_MAX, MSG_PEEK);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return STREAM_AGAIN;
    if (count <= 0)
        return STREAM_ENDED;
    switch (proxy_protocol_read((const uint8_t *)connection->loop->input, (size_t)count, &header)) {
    case PROXY_WHOLE:
        break;
    case PROXY_MORE:
        return connection->stream.peer_closed ? STREAM_ENDED : STREAM_AGAIN;
    case PROXY_REFUSED:
        LOOP_COUNT(connection->loop, proxy_headers_refused, 1);
        return STREAM_BROKEN;
    }
    /* They are there, so they come in one piece. */
    if (receive(connection, header.length, 0) != (ssize_t)header.length)
        return STREAM_BROKEN;
    connection->proxied = false;
    if (header.told)
        name_peer(connection, &header.client);
    return STREAM_DONE;
}
