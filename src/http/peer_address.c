#include "http/peer_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

enum { FOUR_AT = 12 };
static const uint8_t mapped[FOUR_AT] = { [10] = 0xff, [11] = 0xff };

void peer_address_of_four(const uint8_t four[4], struct peer_address *ret_address)
{
    memcpy(ret_address->bytes, mapped, FOUR_AT);
    memcpy(ret_address->bytes + FOUR_AT, four, 4);
}

void peer_address_of_socket(const struct sockaddr_storage *socket, struct peer_address *ret_address)
{
    memset(ret_address, 0, sizeof *ret_address);
    if (socket->ss_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, socket, sizeof v4);
        peer_address_of_four((const uint8_t *)&v4.sin_addr, ret_address);
    } else if (socket->ss_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, socket, sizeof v6);
        memcpy(ret_address->bytes, &v6.sin6_addr, PEER_ADDRESS_BYTES);
    }
}

bool peer_address_is_four(const struct peer_address *address)
{
    return memcmp(address->bytes, mapped, FOUR_AT) == 0;
}

bool peer_address_read(const char *text, size_t length, struct peer_address *ret_address)
{
    char copy[PEER_TEXT_SIZE];
    uint8_t four[4];
    if (length >= sizeof copy || memchr(text, '\0', length))
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    if (inet_pton(AF_INET, copy, four) == 1) {
        peer_address_of_four(four, ret_address);
        return true;
    }
    return inet_pton(AF_INET6, copy, ret_address->bytes) == 1;
}

/* inet_ntop() asks printf(), which takes longer than the rest of what is done for a newcomer. */
static void write_four(const uint8_t four[4], char *text)
{
    for (size_t i = 0; i < 4; i++) {
        if (four[i] >= 100)
            *text++ = (char)('0' + four[i] / 100);
        if (four[i] >= 10)
            *text++ = (char)('0' + four[i] / 10 % 10);
        *text++ = (char)('0' + four[i] % 10);
        *text++ = i < 3 ? '.' : '\0';
    }
}

void peer_address_write(const struct peer_address *address, char ret_text[PEER_TEXT_SIZE])
{
    ret_text[0] = '\0';
    if (peer_address_is_four(address))
        write_four(address->bytes + FOUR_AT, ret_text);
    else
        (void)inet_ntop(AF_INET6, address->bytes, ret_text, PEER_TEXT_SIZE);
}

bool peer_address_equal(const struct peer_address *left, const struct peer_address *right)
{
    return memcmp(left->bytes, right->bytes, PEER_ADDRESS_BYTES) == 0;
}
