/*
 * Text that grows, with a named maximum, and the small strict conversions that the house needs.
 *
 * Ownership  text_init() owns nothing yet; text_release() ends the contents; text_clear() keeps the
 *            memory for reuse; text_take() gives the contents to the caller, to be ended with free().
 * Errors     memory that runs out ends the process, as in memory.h; but with text_init_checked(), for
 *            a caller that looks at `overflowed` at the end, it is an overflow where more than
 *            TEXT_SMALL_BYTES are needed.
 * Invariants bytes[length] is NUL whenever bytes is not NULL.  Once over the maximum, the text stays as it
 *            was and `overflowed` is set; appending more is harmless, so check once at the end.
 */
#ifndef LECTERN_BASE_TEXT_H
#define LECTERN_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TEXT_SMALL_BYTES = 4096 };

struct text {
    char *bytes;
    size_t length;
    size_t capacity;
    size_t length_max;
    bool overflowed;
    bool checked;
    bool starved; /* overflowed for want of memory */
};

void text_init(struct text *text, size_t length_max);
void text_init_checked(struct text *text, size_t length_max);
void text_release(struct text *text);
void text_clear(struct text *text);
char *text_take(struct text *text);
void text_append(struct text *text, const char *bytes, size_t length);
void text_append_string(struct text *text, const char *string);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Whole string, decimal digits only, no sign but for a '-' where least < 0; false outside least..most. */
bool text_to_int64(
    const char *string, size_t length, int64_t least, int64_t most, int64_t *ret_value);

bool text_equal(const char *left, const char *right); /* NULLs are equal to each other only */
bool text_equal_ignoring_case(const char *left, const char *right); /* ASCII */
/* ASCII, whatever the locale. */
char text_lower(char c);
bool text_is_letter(char c);
bool text_starts_with(const char *text, const char *prefix);
/* NULL for NULL and for an empty text. */
const char *text_or_null(const char *text);

/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms), no NUL. */
bool text_is_utf8(const char *bytes, size_t length);
/* A line a person typed: UTF-8, no control characters (so no CR, LF), 1..length_max bytes, not only spaces. */
bool text_is_line(const char *string, size_t length_max);

/* base64url without padding (RFC 4648 section 5).  Encoding writes a NUL. */
enum { TEXT_BASE64URL_32 = 43 }; /* characters for 32 bytes */
void text_base64url_encode(const uint8_t *bytes, size_t count, char *ret_string);
/* Strict: exact alphabet, canonical unused bits.  ret_count is at most bytes_max. */
bool text_base64url_decode(
    const char *string, size_t length, uint8_t *ret_bytes, size_t bytes_max, size_t *ret_count);
/* Standard alphabet with padding (RFC 4648 section 4), as tus metadata uses it. */
bool text_base64_decode(
    const char *string, size_t length, uint8_t *ret_bytes, size_t bytes_max, size_t *ret_count);
void text_hex_encode(
    const uint8_t *bytes, size_t count, char *ret_string); /* lower case, NUL added */
int text_hex_value(char digit);                            /* of either case; -1: it is none */

#endif
