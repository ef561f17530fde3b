#include "http/proxy_protocol.h"

#include "../unit.h"

#include <string.h>

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define FOUR                                                                                       \
    "\xc0\0\x02\x01"                                                                               \
    "\xc6\x33\x64\x01"                                                                             \
    "\xdc\x04"                                                                                     \
    "\x01\xbb"
#define SIX                                                                                        \
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"                                                   \
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02"                                                   \
    "\xdc\x04"                                                                                     \
    "\x01\xbb"
#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

struct story {
    const char *story;
    const uint8_t *bytes;
    size_t count;
    const char *client; /* NULL: none is told */
};

/* Whole with what follows it, and unfinished up to its last byte. */
static void headers_are_read_and_never_too_early(void **state)
{
    (void)state;
    static const struct story cases[] = {
        { "1, IPv4", BYTES("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n"), "192.0.2.1" },
        { "1, IPv6", BYTES("PROXY TCP6 2001:db8::1 2001:db8::2 0 65535\r\n"), "2001:db8::1" },
        { "1, IPv4 told as IPv6", BYTES("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n"), "192.0.2.1" },
        { "1, unknown", BYTES("PROXY UNKNOWN\r\n"), NULL },
        { "1, unknown with more", BYTES("PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n"), NULL },
        { "2, IPv4", BYTES(SIGNATURE "\x21\x11\0\x0c" FOUR), "192.0.2.1" },
        { "2, IPv6", BYTES(SIGNATURE "\x21\x21\0\x24" SIX), "2001:db8::1" },
        { "2, local", BYTES(SIGNATURE "\x20\x11\0\x0c" FOUR), NULL },
        { "2, local with nothing", BYTES(SIGNATURE "\x20\0\0\0"), NULL },
        { "2, local with what is not looked at", BYTES(SIGNATURE "\x20\x77\0\x02zz"), NULL },
        { "2, unspecified",
            BYTES(SIGNATURE "\x21\0\0\x03"
                            "abc"),
            NULL },
        { "2, extensions", BYTES(SIGNATURE "\x21\x11\0\x15" FOUR "\x04\0\0\x01\0\x03h2!"),
            "192.0.2.1" },
        /* the checksum comes from another implementation of CRC32c */
        { "2, checksum",
            BYTES(SIGNATURE "\x21\x11\0\x13" FOUR "\x03\0\x04"
                            "\x73\x7e\xe9\x19"),
            "192.0.2.1" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t bytes[300];
        struct proxy_header header;
        memcpy(bytes, cases[i].bytes, cases[i].count);
        memcpy(bytes + cases[i].count, "\x16\x03\x01", 3);
        for (size_t count = 0; count < cases[i].count; count++)
            if (proxy_protocol_read(bytes, count, &header) != PROXY_MORE)
                fail_msg("%s: done after %zu bytes", cases[i].story, count);
        if (proxy_protocol_read(bytes, cases[i].count + 3, &header) != PROXY_WHOLE
            || header.length != cases[i].count || header.told != (cases[i].client != NULL))
            fail_msg("%s: %zu bytes", cases[i].story, header.length);
        char text[PEER_TEXT_SIZE];
        peer_address_write(&header.client, text);
        if (header.told && strcmp(text, cases[i].client) != 0)
            fail_msg("%s: %s", cases[i].story, text);
    }
}

static void what_is_no_header_is_refused(void **state)
{
    (void)state;
    static const struct story cases[] = {
        { "TLS", BYTES("\x16\x03\x01"), NULL },
        { "HTTP", BYTES("GET / HTTP/1.1\r\n"), NULL },
        { "lower case", BYTES("proxy TCP4"), NULL },
        { "nothing told", BYTES("PROXY \r\n"), NULL },
        { "a family that is none", BYTES("PROXY TCP5 192.0.2.1 192.0.2.2 1 2\r\n"), NULL },
        { "two spaces", BYTES("PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n"), NULL },
        { "a space at the end", BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n"), NULL },
        { "a port too many", BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n"), NULL },
        { "a port too few", BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n"), NULL },
        { "a port too large", BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n"), NULL },
        { "a port with a zero", BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n"), NULL },
        { "a port with a sign", BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 +1 2\r\n"), NULL },
        { "an address with a zero", BYTES("PROXY TCP4 192.0.02.1 192.0.2.2 1 2\r\n"), NULL },
        { "IPv6 as IPv4", BYTES("PROXY TCP4 2001:db8::1 192.0.2.2 1 2\r\n"), NULL },
        { "IPv4 as IPv6", BYTES("PROXY TCP6 192.0.2.1 ::1 1 2\r\n"), NULL },
        { "a null", BYTES("PROXY TCP4 192.0.2.1\0 192.0.2.2 1 2\r\n"), NULL },
        { "a bare line feed", BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n"), NULL },
        { "a line without end",
            BYTES("PROXY UNKNOWN "
                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                  "aaaaaaa"
                  "aaaaaaaaaa"),
            NULL },
        { "version 3", BYTES(SIGNATURE "\x31\x11\0\x0c" FOUR), NULL },
        { "a command that is none", BYTES(SIGNATURE "\x22\x11\0\x0c" FOUR), NULL },
        { "datagrams", BYTES(SIGNATURE "\x21\x12\0\x0c" FOUR), NULL },
        { "a family that is none", BYTES(SIGNATURE "\x21\x41\0\x0c" FOUR), NULL },
        { "no room for the addresses", BYTES(SIGNATURE "\x21\x21\0\x0c" FOUR), NULL },
        { "longer than we take", BYTES(SIGNATURE "\x21\x11\x10\0"), NULL },
        { "half an extension", BYTES(SIGNATURE "\x21\x11\0\x0e" FOUR "\x04\0"), NULL },
        { "an extension over the end", BYTES(SIGNATURE "\x21\x11\0\x0f" FOUR "\x04\0\x01"), NULL },
        { "a wrong checksum",
            BYTES(SIGNATURE "\x21\x11\0\x13" FOUR "\x03\0\x04"
                            "\x73\x7e\xe9\x18"),
            NULL },
        { "half a checksum",
            BYTES(SIGNATURE "\x21\x11\0\x11" FOUR "\x03\0\x02"
                            "\x80\x8f"),
            NULL },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct proxy_header header;
        if (proxy_protocol_read(cases[i].bytes, cases[i].count, &header) != PROXY_REFUSED)
            fail_msg("%s", cases[i].story);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_read_and_never_too_early),
        cmocka_unit_test(what_is_no_header_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
