#include "http/target.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

enum { PORT_MAX = 65535 };

/* Visible ASCII that may stand unencoded in a path or query. */
static bool is_target_byte(unsigned char c)
{
    return c > 0x20 && c < 0x7f && c != '#' && c != '"' && c != '<' && c != '>';
}

static bool split_absolute(const char *bytes, size_t length, struct target *ret_target)
{
    size_t scheme;
    if (length > 7 && strncasecmp(bytes, "http://", 7) == 0)
        scheme = 7;
    else if (length > 8 && strncasecmp(bytes, "https://", 8) == 0)
        scheme = 8;
    else
        return false;
    size_t end = scheme;
    while (end < length && bytes[end] != '/' && bytes[end] != '?')
        end++;
    ret_target->authority = bytes + scheme;
    ret_target->authority_length = end - scheme;
    ret_target->path = bytes + end;
    ret_target->path_length = length - end;
    return true;
}

bool target_split(const char *bytes, size_t length, struct target *ret_target)
{
    struct target target = { .path = bytes, .path_length = length };
    for (size_t i = 0; i < length; i++)
        if (!is_target_byte((unsigned char)bytes[i]))
            return false;
    if (length == 1 && bytes[0] == '*') {
        *ret_target = target;
        return true;
    }
    if (length == 0 || (bytes[0] != '/' && !split_absolute(bytes, length, &target)))
        return false;
    const char *mark = target.path_length ? memchr(target.path, '?', target.path_length) : NULL;
    if (mark) {
        target.query = mark + 1;
        target.query_length = target.path_length - (size_t)(mark + 1 - target.path);
        target.path_length = (size_t)(mark - target.path);
    }
    /* "https://host" and "https://host?q" mean the root (RFC 9110 section 4.2.3). */
    if (target.authority && target.path_length == 0) {
        target.path = "/";
        target.path_length = 1;
    }
    *ret_target = target;
    return true;
}

/* The byte that "%xx" at bytes stands for, or -1. */
static int decode_percent(const char *bytes, size_t left)
{
    if (left < 3)
        return -1;
    int high = text_hex_value(bytes[1]);
    int low = text_hex_value(bytes[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* No "." and "..". */
static bool segments_are_plain(const char *path, size_t length)
{
    size_t start = 1;
    for (size_t i = 1; i <= length; i++) {
        if (i < length && path[i] != '/')
            continue;
        size_t segment = i - start;
        if (segment == 1 && path[start] == '.')
            return false;
        if (segment == 2 && path[start] == '.' && path[start + 1] == '.')
            return false;
        start = i + 1;
    }
    return true;
}

const char *target_decode_path(struct arena *arena, const char *path, size_t length)
{
    if (length == 0 || path[0] != '/')
        return NULL;
    char *decoded = arena_alloc(arena, length + 1);
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        int byte = (unsigned char)path[i];
        if (byte == '%') {
            byte = decode_percent(path + i, length - i);
            if (byte < 0x20 || byte == '/' || byte == 0x7f)
                return NULL;
            i += 2;
        }
        if (byte == '\\')
            return NULL;
        decoded[count++] = (char)byte;
    }
    if (!text_is_utf8(decoded, count) || !segments_are_plain(decoded, count))
        return NULL;
    return decoded;
}

static bool is_port(const char *bytes, size_t length)
{
    int64_t port;
    return text_to_int64(bytes, length, 0, PORT_MAX, &port) && length <= 5;
}

static bool is_host_byte(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || (c != 0 && strchr("-._~", c) != NULL);
}

/* "[...]" with an IPv6 address; returns its length with brackets, or 0. */
static size_t bracketed_length(const char *bytes, size_t length)
{
    const char *end = memchr(bytes, ']', length);
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;
    size_t count = end ? (size_t)(end - bytes) - 1 : 0;
    if (count == 0 || count >= sizeof text || memchr(bytes, '\0', count + 1))
        return 0;
    memcpy(text, bytes + 1, count);
    text[count] = '\0';
    return inet_pton(AF_INET6, text, &address) == 1 ? count + 2 : 0;
}

bool target_is_authority(const char *bytes, size_t length)
{
    size_t host = 0;
    if (length > 0 && bytes[0] == '[')
        host = bracketed_length(bytes, length);
    else
        while (host < length && is_host_byte((unsigned char)bytes[host]))
            host++;
    if (host == 0 || host > 255)
        return false;
    if (host == length)
        return true;
    return bytes[host] == ':' && is_port(bytes + host + 1, length - host - 1);
}

bool target_host_is_listed(const char *authority, const char *names)
{
    const char *end = authority[0] == '[' ? strchr(authority, ']') : NULL;
    size_t length = end ? (size_t)(end + 1 - authority) : strcspn(authority, ":");
    for (const char *at = names + strspn(names, " "); *at; at += strspn(at, " ")) {
        size_t word = strcspn(at, " ");
        if (word == length && strncasecmp(at, authority, word) == 0)
            return true;
        at += word;
    }
    return false;
}

/* Form decoding of one name or value; false when it is malformed. */
static bool decode_form(const char *bytes, size_t length, char *ret_text, size_t *ret_length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        int byte = (unsigned char)bytes[i];
        if (byte == '+') {
            byte = ' ';
        } else if (byte == '%') {
            byte = decode_percent(bytes + i, length - i);
            if (byte < 0)
                return false;
            i += 2;
        }
        ret_text[count++] = (char)byte;
    }
    ret_text[count] = '\0';
    *ret_length = count;
    return text_is_utf8(ret_text, count);
}

const char *target_query_value(struct arena *arena, const char *query, const char *name)
{
    size_t wanted = strlen(name);
    char *decoded = arena_alloc(arena, strlen(query) + 1);
    while (*query) {
        size_t length = strcspn(query, "&");
        const char *equals = memchr(query, '=', length);
        size_t name_length = equals ? (size_t)(equals - query) : length;
        size_t count;
        if (decode_form(query, name_length, decoded, &count) && count == wanted
            && memcmp(decoded, name, wanted) == 0) {
            size_t skip = equals ? name_length + 1 : length;
            return decode_form(query + skip, length - skip, decoded, &count) ? decoded : NULL;
        }
        query += length + (query[length] == '&');
    }
    return NULL;
}
