#include "mail/mime_text.h"

#include <stdio.h>
#include <string.h>

/* RFC 2047 section 2: an encoded word is at most 75 characters, "=?UTF-8?B?" and "?=" among them, so 63 of
 * base64, of which 60 are whole groups: 45 bytes. */
enum {
    WORD_BYTES_MAX = 45,
    WORD_BYTES_LEAST = 12,
    WORD_MARKS = 12,
    PLAIN_WORD_MAX = 60,
    GROUP = 3
};
/* Of a parameter's piece, encoded: with its name and marks it stays below MIME_LINE_MAX. */
enum { PIECE_MAX = 40 };

static const char base64_alphabet[]
    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void add_base64(struct text *text, const char *bytes, size_t count)
{
    const uint8_t *from = (const uint8_t *)bytes;
    for (size_t i = 0; i < count; i += GROUP) {
        size_t left = count - i;
        uint32_t group = (uint32_t)from[i] << 16 | (left > 1 ? (uint32_t)from[i + 1] << 8 : 0)
                         | (left > 2 ? from[i + 2] : 0);
        const char digits[] = {
            base64_alphabet[group >> 18],
            base64_alphabet[group >> 12 & 63],
            left > 1 ? base64_alphabet[group >> 6 & 63] : '=',
            left > 2 ? base64_alphabet[group & 63] : '=',
        };
        text_append(text, digits, sizeof digits);
    }
}

static bool is_ascii(const char *value)
{
    for (; *value; value++)
        if ((unsigned char)*value < ' ' || (unsigned char)*value > '~')
            return false;
    return true;
}

/* Plain words can be folded between them only, and must not look like encoded ones. */
static bool is_plain(const char *value)
{
    for (const char *word = value; *word; word += strspn(word, " ")) {
        size_t length = strcspn(word, " ");
        if (length > PLAIN_WORD_MAX)
            return false;
        word += length;
    }
    return is_ascii(value) && !strstr(value, "=?") && value[0] != ' '
           && value[strlen(value) - 1] != ' ' && !strstr(value, "  ");
}

static size_t line_length(const struct text *text)
{
    size_t length = 0;
    while (length < text->length && text->bytes[text->length - length - 1] != '\n')
        length++;
    return length;
}

/* A space, or a fold where the word would not fit into the line; never right after the header's name, as some
 * readers take what follows for the value's first space. */
static void part(struct text *text, size_t word_length)
{
    bool fits = line_length(text) + 1 + word_length <= MIME_LINE_MAX;
    bool first = text->bytes[text->length - 1] == ':';
    text_append_string(text, fits || first ? " " : "\r\n ");
}

static void add_plain(struct text *text, const char *value)
{
    while (*value) {
        size_t length = strcspn(value, " ");
        part(text, length);
        text_append(text, value, length);
        value += length + strspn(value + length, " ");
    }
}

/* Not the first of its character (RFC 3629). */
static bool is_inner_byte(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

/* How many bytes of whole characters fit. */
static size_t whole_characters(const char *value, size_t most)
{
    size_t length = strnlen(value, most + 1);
    if (length <= most)
        return length;
    for (length = most; is_inner_byte(value[length]); length--)
        ;
    return length;
}

/* Of a word beside what is in the line, or of one in a new line where little would fit. */
static size_t word_bytes(const struct text *text)
{
    size_t used = line_length(text) + 1 + WORD_MARKS;
    size_t room = used < MIME_LINE_MAX ? (MIME_LINE_MAX - used) / 4 * GROUP : 0;
    return room < WORD_BYTES_LEAST || room > WORD_BYTES_MAX ? WORD_BYTES_MAX : room;
}

static void add_encoded(struct text *text, const char *value)
{
    while (*value) {
        size_t length = whole_characters(value, word_bytes(text));
        part(text, WORD_MARKS + (length + GROUP - 1) / GROUP * 4);
        text_append_string(text, "=?UTF-8?B?");
        add_base64(text, value, length);
        text_append_string(text, "?=");
        value += length;
    }
}

void mime_add_header(struct text *text, const char *name, const char *value)
{
    text_printf(text, "%s:", name);
    if (is_plain(value))
        add_plain(text, value);
    else
        add_encoded(text, value);
    text_append_string(text, "\r\n");
}

/* RFC 5322 section 3.2.3: what may stand in a phrase without quotes. */
static bool is_phrase(const char *value)
{
    return is_plain(value) && !strpbrk(value, "()<>[]:;@\\,.\"");
}

void mime_add_mailbox(struct text *text, const char *name, const char *person, const char *address)
{
    text_printf(text, "%s:", name);
    if (!person || person[0] == '\0') {
        part(text, strlen(address));
        text_printf(text, "%s\r\n", address);
        return;
    }
    if (is_phrase(person))
        add_plain(text, person);
    else
        add_encoded(text, person);
    part(text, strlen(address) + 2);
    text_printf(text, "<%s>\r\n", address);
}

static bool is_attribute(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || (c != '\0' && strchr("-._", c));
}

void mime_add_parameter(struct text *text, const char *name, const char *value)
{
    size_t plain = 0;
    while (is_attribute(value[plain]))
        plain++;
    if (value[plain] == '\0' && plain <= PIECE_MAX) {
        text_printf(text, ";\r\n %s=\"%s\"", name, value);
        return;
    }
    for (int number = 0; *value; number++) {
        text_printf(text, ";\r\n %s*%d*=%s", name, number, number == 0 ? "UTF-8''" : "");
        /* Whole characters: some readers decode each piece by itself. */
        for (size_t used = 0; *value && (used <= PIECE_MAX || is_inner_byte(*value)); value++) {
            bool as_it_is = is_attribute(*value);
            text_printf(text, as_it_is ? "%c" : "%%%02X", (unsigned char)*value);
            used += as_it_is ? 1 : 3;
        }
    }
}

/* RFC 2045 section 6.7: a space or tab may not end a line, and "From " and "." at its begin are spared what relays do to them. */
static bool stands_as_it_is(const char *bytes, size_t at, size_t count, size_t column)
{
    unsigned char c = (unsigned char)bytes[at];
    bool last = at + 1 == count || bytes[at + 1] == '\n' || bytes[at + 1] == '\r';
    if (c == ' ' || c == '\t')
        return !last;
    if (column == 0 && (c == '.' || c == 'F'))
        return false;
    return c > ' ' && c <= '~' && c != '=';
}

void mime_add_quoted_printable(struct text *text, const char *bytes, size_t count)
{
    size_t column = 0;
    for (size_t at = 0; at < count; at++) {
        if (bytes[at] == '\r' && at + 1 < count && bytes[at + 1] == '\n')
            continue;
        if (bytes[at] == '\n') {
            text_append_string(text, "\r\n");
            column = 0;
            continue;
        }
        bool as_it_is = stands_as_it_is(bytes, at, count, column);
        size_t width = as_it_is ? 1 : 3;
        if (column + width > MIME_LINE_MAX - 1) {
            text_append_string(text, "=\r\n");
            column = 0;
            as_it_is = stands_as_it_is(bytes, at, count, column);
            width = as_it_is ? 1 : 3;
        }
        text_printf(text, as_it_is ? "%c" : "=%02X", (unsigned char)bytes[at]);
        column += width;
    }
    if (column > 0)
        text_append_string(text, "\r\n");
}

void mime_add_base64(struct text *text, const char *bytes, size_t count)
{
    enum { LINE_BYTES = MIME_LINE_MAX / 4 * GROUP };
    for (size_t at = 0; at < count; at += LINE_BYTES) {
        add_base64(text, bytes + at, count - at < LINE_BYTES ? count - at : LINE_BYTES);
        text_append_string(text, "\r\n");
    }
}
