#include "base/text.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void text_init(struct text *text, size_t length_max)
{
    *text = (struct text){ .length_max = length_max };
}

void text_init_checked(struct text *text, size_t length_max)
{
    *text = (struct text){ .length_max = length_max, .checked = true };
}

void text_release(struct text *text)
{
    free(text->bytes);
    *text = (struct text){ .length_max = text->length_max, .checked = text->checked };
}

void text_clear(struct text *text)
{
    text->length = 0;
    text->overflowed = text->starved = false;
    if (text->bytes)
        text->bytes[0] = '\0';
}

char *text_take(struct text *text)
{
    char *bytes = text->bytes ? text->bytes : memory_strdup("");
    text->bytes = NULL;
    text_release(text);
    return bytes;
}

/* Makes room for `more` bytes and the NUL; false and overflowed when that passes the maximum, or memory. */
static bool reserve(struct text *text, size_t more)
{
    if (text->overflowed || more > text->length_max - text->length) {
        text->overflowed = true;
        return false;
    }
    size_t needed = text->length + more + 1;
    if (needed > text->capacity) {
        size_t capacity = text->capacity < 64 ? 64 : text->capacity * 2;
        if (capacity < needed)
            capacity = needed;
        char *grown = text->checked && capacity > TEXT_SMALL_BYTES
                          ? memory_try_resized(text->bytes, capacity, 1)
                          : memory_resized(text->bytes, capacity, 1);
        text->overflowed = text->starved = !grown;
        if (!grown)
            return false;
        text->bytes = grown;
        text->capacity = capacity;
    }
    return true;
}

void text_append(struct text *text, const char *bytes, size_t length)
{
    if (!reserve(text, length))
        return;
    if (length > 0)
        memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_append_string(struct text *text, const char *string)
{
    text_append(text, string, strlen(string));
}

void text_vprintf(struct text *text, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0 || !reserve(text, (size_t)length))
        return;
    (void)vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
    text->length += (size_t)length;
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_vprintf(text, format, arguments);
    va_end(arguments);
}

bool text_to_int64(
    const char *string, size_t length, int64_t least, int64_t most, int64_t *ret_value)
{
    size_t start = least < 0 && length > 0 && string[0] == '-' ? 1 : 0;
    if (length - start < 1 || length - start > 18)
        return false;
    int64_t value = 0;
    for (size_t i = start; i < length; i++) {
        if (string[i] < '0' || string[i] > '9')
            return false;
        value = value * 10 + (string[i] - '0');
    }
    if (start == 1)
        value = -value;
    if (value < least || value > most)
        return false;
    *ret_value = value;
    return true;
}

bool text_equal(const char *left, const char *right)
{
    return left == right || (left && right && strcmp(left, right) == 0);
}

bool text_equal_ignoring_case(const char *left, const char *right)
{
    return left == right || (left && right && strcasecmp(left, right) == 0);
}

char text_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_is_letter(char c)
{
    return text_lower(c) >= 'a' && text_lower(c) <= 'z';
}

bool text_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

const char *text_or_null(const char *text)
{
    return text && text[0] != '\0' ? text : NULL;
}

/* Length of the well-formed sequence at the start of bytes, or 0 (RFC 3629 section 4). */
static size_t utf8_sequence(const unsigned char *bytes, size_t left)
{
    unsigned char first = bytes[0];
    if (first < 0x80)
        return first == 0 ? 0 : 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (left < length)
        return 0;
    unsigned char least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (bytes[1] < least || bytes[1] > most)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

/* Most text is ASCII, and eight bytes of that are seen at once: no high bit, and no NUL, which would
 * borrow into the high bit of its byte. */
static bool ascii_word(const unsigned char *at, size_t length)
{
    uint64_t word;
    if (length < sizeof word)
        return false;
    memcpy(&word, at, sizeof word);
    return ((word | (word - UINT64_C(0x0101010101010101))) & UINT64_C(0x8080808080808080)) == 0;
}

bool text_is_utf8(const char *bytes, size_t length)
{
    const unsigned char *at = (const unsigned char *)bytes;
    while (length > 0) {
        size_t step = ascii_word(at, length) ? sizeof(uint64_t) : utf8_sequence(at, length);
        if (step == 0)
            return false;
        at += step;
        length -= step;
    }
    return true;
}

bool text_is_line(const char *string, size_t length_max)
{
    size_t length = strlen(string);
    if (length < 1 || length > length_max || !text_is_utf8(string, length))
        return false;
    bool visible = false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)string[i];
        /* U+0080 to U+009F (C1 controls) are C2 80 to C2 9F in UTF-8 */
        if (c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)string[i + 1] < 0xa0))
            return false;
        visible = visible || c != ' ';
    }
    return visible;
}

static const char base64url_alphabet[]
    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char base64_alphabet[]
    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void text_base64url_encode(const uint8_t *bytes, size_t count, char *ret_string)
{
    for (; count >= 3; count -= 3, bytes += 3) {
        uint32_t bits = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
        for (int shift = 18; shift >= 0; shift -= 6)
            *ret_string++ = base64url_alphabet[bits >> shift & 63];
    }
    if (count > 0) {
        uint32_t bits = (uint32_t)bytes[0] << 16 | (count > 1 ? (uint32_t)bytes[1] << 8 : 0);
        for (size_t i = 0; i <= count; i++)
            *ret_string++ = base64url_alphabet[bits >> (18 - 6 * i) & 63];
    }
    *ret_string = '\0';
}

static bool decode_base64(const char *alphabet, const char *string, size_t length,
    uint8_t *ret_bytes, size_t bytes_max, size_t *ret_count)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        const char *found = string[i] ? strchr(alphabet, string[i]) : NULL;
        if (!found)
            return false;
        bits = bits << 6 | (uint32_t)(found - alphabet);
        held += 6;
        if (held >= 8) {
            held -= 8;
            if (count == bytes_max)
                return false;
            ret_bytes[count++] = (uint8_t)(bits >> held);
        }
    }
    /* One character alone holds no byte; unused bits must be 0, so that each value has one
     * spelling. */
    if (held == 6 || (bits & ((1u << held) - 1)) != 0)
        return false;
    *ret_count = count;
    return true;
}

bool text_base64url_decode(
    const char *string, size_t length, uint8_t *ret_bytes, size_t bytes_max, size_t *ret_count)
{
    return decode_base64(base64url_alphabet, string, length, ret_bytes, bytes_max, ret_count);
}

bool text_base64_decode(
    const char *string, size_t length, uint8_t *ret_bytes, size_t bytes_max, size_t *ret_count)
{
    if (length % 4 != 0)
        return false;
    size_t padding = 0;
    while (padding < 2 && padding < length && string[length - padding - 1] == '=')
        padding++;
    return decode_base64(
        base64_alphabet, string, length - padding, ret_bytes, bytes_max, ret_count);
}

void text_hex_encode(const uint8_t *bytes, size_t count, char *ret_string)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        *ret_string++ = digits[bytes[i] >> 4];
        *ret_string++ = digits[bytes[i] & 15];
    }
    *ret_string = '\0';
}

int text_hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}
