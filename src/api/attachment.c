#include "api/attachment.h"

#include <stdbool.h>
#include <string.h>

/* Longer names are cut in `filename` only. */
enum { ASCII_NAME_MAX = 60 };

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* "Đà Nẵng, 2nd team" becomes "N-ng-2nd-team": each run of all else is one hyphen, none outside. */
static char *ascii_name(struct arena *arena, const char *name)
{
    char *ascii = arena_alloc(arena, ASCII_NAME_MAX + 2);
    size_t length = 0;
    bool gap = false;
    for (; *name && length < ASCII_NAME_MAX; name++) {
        if (!is_letter_or_digit(*name)) {
            gap = length > 0;
            continue;
        }
        if (gap)
            ascii[length++] = '-';
        gap = false;
        ascii[length++] = *name;
    }
    ascii[length] = '\0';
    return ascii;
}

/* RFC 8187 section 3.2.1: attr-char as it is, all other bytes of the UTF-8 in hex. */
static char *percent_encoded(struct arena *arena, const char *name)
{
    static const char hex[] = "0123456789ABCDEF";
    char *encoded = arena_alloc(arena, 3 * strlen(name) + 1), *at = encoded;
    for (; *name; name++) {
        unsigned char c = (unsigned char)*name;
        if (is_letter_or_digit(*name) || strchr("!#$&+-.^_`|~", *name)) {
            *at++ = *name;
        } else if (c < 0x20 || c == 0x7f || strchr("/\\:", *name)) {
            *at++ = '-';
        } else {
            *at++ = '%';
            *at++ = hex[c >> 4];
            *at++ = hex[c & 15];
        }
    }
    *at = '\0';
    return encoded;
}

char *attachment_value(
    struct arena *arena, const char *prefix, const char *name, const char *suffix)
{
    const char *ascii = ascii_name(arena, name);
    return arena_printf(arena, "attachment; filename=\"%s-%s%s%s\"; filename*=UTF-8''%s-%s-%s",
        prefix, ascii, ascii[0] != '\0' ? "-" : "", suffix, prefix, percent_encoded(arena, name),
        suffix);
}

char *attachment_file_value(struct arena *arena, const char *file_name)
{
    const char *dot = strrchr(file_name, '.');
    size_t stem = dot ? (size_t)(dot - file_name) : strlen(file_name);
    const char *ascii = ascii_name(arena, arena_strndup(arena, file_name, stem));
    const char *ending = dot ? ascii_name(arena, dot + 1) : "";
    return arena_printf(arena, "attachment; filename=\"%s%s%s\"; filename*=UTF-8''%s",
        ascii[0] != '\0' ? ascii : "file", ending[0] != '\0' ? "." : "", ending,
        percent_encoded(arena, file_name));
}
