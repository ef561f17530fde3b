#include "http/proxy_protocol.h"

#include "base/text.h"

#include <string.h>

enum {
    HEAD_BYTES = 16,
    SIGNATURE_BYTES = 12,
    EXTENSION_HEAD_BYTES = 3,
    EXTENSION_CHECKSUM = 0x03, /* PP2_TYPE_CRC32C */
    CHECKSUM_BYTES = 4,
};
static const uint8_t signature[SIGNATURE_BYTES] = "\r\n\r\n\0\r\nQUIT\n";
static const char line_start[] = "PROXY ";

static size_t shorter(size_t left, size_t right)
{
    return left < right ? left : right;
}

/* The next word of the line, which ends with a space or with the line. */
static bool take_word(const char **at, const char *end, const char **ret_word, size_t *ret_length)
{
    const char *space = *at < end ? memchr(*at, ' ', (size_t)(end - *at)) : NULL;
    *ret_word = *at;
    *ret_length = (size_t)((space ? space : end) - *at);
    *at = space ? space + 1 : NULL;
    return *ret_length > 0;
}

static bool is_port(const char *word, size_t length)
{
    int64_t port;
    return text_to_int64(word, length, 0, 65535, &port) && (word[0] != '0' || length == 1);
}

/* "TCP4 192.0.2.1 192.0.2.2 56324 443", or with TCP6; "UNKNOWN" and whatever follows it. */
static bool read_line(const char *at, const char *end, struct proxy_header *ret_header)
{
    const char *words[5];
    size_t lengths[5], count = 0;
    while (at && count < 5 && take_word(&at, end, &words[count], &lengths[count]))
        count++;
    if (count > 0 && lengths[0] == 7 && memcmp(words[0], "UNKNOWN", 7) == 0)
        return true;
    if (count != 5 || at || lengths[0] != 4 || memcmp(words[0], "TCP", 3) != 0)
        return false;
    struct peer_address own;
    bool four = words[0][3] == '4';
    if ((!four && words[0][3] != '6')
        || !peer_address_read(words[1], lengths[1], &ret_header->client)
        || !peer_address_read(words[2], lengths[2], &own))
        return false;
    /* IPv6 has a colon; how an IPv4-mapped one is written is the proxy's choice. */
    for (int i = 1; i <= 2; i++)
        if ((memchr(words[i], ':', lengths[i]) == NULL) != four)
            return false;
    ret_header->told = true;
    return is_port(words[3], lengths[3]) && is_port(words[4], lengths[4]);
}

static enum proxy_step read_version_1(
    const uint8_t *bytes, size_t count, struct proxy_header *ret_header)
{
    size_t start = strlen(line_start);
    const uint8_t *feed = memchr(bytes, '\n', shorter(count, PROXY_LINE_MAX));
    if (!feed)
        return count < PROXY_LINE_MAX ? PROXY_MORE : PROXY_REFUSED;
    if (feed < bytes + start + 1 || feed[-1] != '\r')
        return PROXY_REFUSED;
    ret_header->length = (size_t)(feed - bytes) + 1;
    return read_line((const char *)bytes + start, (const char *)feed - 1, ret_header)
               ? PROXY_WHOLE
               : PROXY_REFUSED;
}

/* CRC32c (RFC 3720 appendix B.4) of the header, its own bytes taken as zero. */
static bool is_checksum_right(const uint8_t *bytes, size_t length, size_t checksum_at)
{
    uint32_t sum = UINT32_MAX, told = 0;
    for (size_t i = 0; i < length; i++) {
        bool own = i >= checksum_at && i < checksum_at + CHECKSUM_BYTES;
        if (own)
            told = told << 8 | bytes[i];
        sum ^= own ? 0u : bytes[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? UINT32_C(0x82f63b78) : 0u);
    }
    return ~sum == told;
}

static bool are_extensions_right(const uint8_t *bytes, size_t at, size_t length)
{
    while (at < length) {
        if (length - at < EXTENSION_HEAD_BYTES)
            return false;
        size_t value = (size_t)bytes[at + 1] << 8 | bytes[at + 2];
        if (length - at - EXTENSION_HEAD_BYTES < value)
            return false;
        if (bytes[at] == EXTENSION_CHECKSUM
            && (value != CHECKSUM_BYTES
                || !is_checksum_right(bytes, length, at + EXTENSION_HEAD_BYTES)))
            return false;
        at += EXTENSION_HEAD_BYTES + value;
    }
    return true;
}

/* What the byte of family and transport says: bytes of both addresses and ports; 0: none known. */
static bool addresses_size(uint8_t kind, size_t *ret_size)
{
    switch (kind) {
    case 0x00: /* AF_UNSPEC */
        *ret_size = 0;
        return true;
    case 0x11: /* AF_INET, SOCK_STREAM */
        *ret_size = 2 * 4 + 4;
        return true;
    case 0x21: /* AF_INET6, SOCK_STREAM */
        *ret_size = 2 * 16 + 4;
        return true;
    case 0x31: /* AF_UNIX, SOCK_STREAM */
        *ret_size = 2 * 108;
        return true;
    default:
        return false;
    }
}

static enum proxy_step read_version_2(
    const uint8_t *bytes, size_t count, struct proxy_header *ret_header)
{
    enum { LOCAL = 0x20, PROXY = 0x21 };
    if (count < HEAD_BYTES)
        return PROXY_MORE;
    size_t length = HEAD_BYTES + ((size_t)bytes[14] << 8 | bytes[15]), size;
    if ((bytes[12] != LOCAL && bytes[12] != PROXY) || length > PROXY_HEADER_MAX)
        return PROXY_REFUSED;
    if (count < length)
        return PROXY_MORE;
    ret_header->length = length;
    /* Of a LOCAL one the receiver must not look at the rest. */
    if (bytes[12] == LOCAL)
        return PROXY_WHOLE;
    if (!addresses_size(bytes[13], &size) || length < HEAD_BYTES + size)
        return PROXY_REFUSED;
    /* Without a family nothing says where extensions would begin. */
    if (bytes[13] != 0x00 && !are_extensions_right(bytes, HEAD_BYTES + size, length))
        return PROXY_REFUSED;
    ret_header->told = bytes[13] == 0x11 || bytes[13] == 0x21;
    if (bytes[13] == 0x11)
        peer_address_of_four(bytes + HEAD_BYTES, &ret_header->client);
    else if (bytes[13] == 0x21)
        memcpy(ret_header->client.bytes, bytes + HEAD_BYTES, PEER_ADDRESS_BYTES);
    return PROXY_WHOLE;
}

enum proxy_step proxy_protocol_read(
    const uint8_t *bytes, size_t count, struct proxy_header *ret_header)
{
    *ret_header = (struct proxy_header){ 0 };
    if (count == 0)
        return PROXY_MORE;
    if (memcmp(bytes, signature, shorter(count, SIGNATURE_BYTES)) == 0)
        return read_version_2(bytes, count, ret_header);
    if (memcmp(bytes, line_start, shorter(count, strlen(line_start))) == 0)
        return read_version_1(bytes, count, ret_header);
    return PROXY_REFUSED;
}
