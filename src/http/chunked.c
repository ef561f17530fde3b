#include "http/chunked.h"

#include "base/text.h"
#include "http/field_rules.h"
#include "http/request_builder.h"

enum { SIZE_DIGITS_MAX = 15 }; /* 60 bits: no sum of sizes overflows */

void chunked_init(struct chunked *chunked, const struct request_limits *limits)
{
    *chunked = (struct chunked){ .limits = limits, .state = CHUNKED_SIZE_FIRST };
}

static enum chunked_state read_size(struct chunked *chunked, char c)
{
    int value = text_hex_value(c);
    if (value >= 0) {
        if (++chunked->digits > SIZE_DIGITS_MAX)
            return CHUNKED_REFUSED;
        chunked->left = chunked->left * 16 + (uint64_t)value;
        return CHUNKED_SIZE;
    }
    if (chunked->digits == 0)
        return CHUNKED_REFUSED;
    if (c == ';')
        return CHUNKED_EXTENSION;
    return c == '\r' ? CHUNKED_SIZE_LF : CHUNKED_REFUSED;
}

static enum chunked_state read_extension(struct chunked *chunked, char c)
{
    if (c == '\r')
        return CHUNKED_SIZE_LF;
    const struct request_limits *limits = chunked->limits;
    if (!field_is_value(&c, 1) || ++chunked->extension_bytes > limits->chunk_extension_bytes_max
        || ++chunked->extensions_bytes > limits->chunk_extensions_bytes_max)
        return CHUNKED_REFUSED;
    return CHUNKED_EXTENSION;
}

static enum chunked_state begin_data(struct chunked *chunked, char c)
{
    if (c != '\n')
        return CHUNKED_REFUSED;
    chunked->digits = 0;
    chunked->extension_bytes = 0;
    return chunked->left > 0 ? CHUNKED_DATA : CHUNKED_TRAILER_FIRST;
}

static enum chunked_state read_trailer(struct chunked *chunked, char c)
{
    if (++chunked->trailer_bytes > chunked->limits->trailer_bytes_max)
        return CHUNKED_REFUSED;
    if (chunked->state == CHUNKED_TRAILER_FIRST && c == '\r')
        return CHUNKED_END_LF;
    if (chunked->state == CHUNKED_TRAILER_VALUE) {
        if (c == '\r')
            return CHUNKED_TRAILER_LF;
        return field_is_value(&c, 1) ? CHUNKED_TRAILER_VALUE : CHUNKED_REFUSED;
    }
    if (chunked->state == CHUNKED_TRAILER_NAME && c == ':')
        return CHUNKED_TRAILER_VALUE;
    return field_is_token(&c, 1) ? CHUNKED_TRAILER_NAME : CHUNKED_REFUSED;
}

/* All states but DATA, ENDED and REFUSED take one byte. */
static enum chunked_state next_state(struct chunked *chunked, char c)
{
    switch (chunked->state) {
    case CHUNKED_SIZE_FIRST:
    case CHUNKED_SIZE:
        return read_size(chunked, c);
    case CHUNKED_EXTENSION:
        return read_extension(chunked, c);
    case CHUNKED_SIZE_LF:
        return begin_data(chunked, c);
    case CHUNKED_DATA_CR:
        return c == '\r' ? CHUNKED_DATA_LF : CHUNKED_REFUSED;
    case CHUNKED_DATA_LF:
        return c == '\n' ? CHUNKED_SIZE_FIRST : CHUNKED_REFUSED;
    case CHUNKED_TRAILER_FIRST:
    case CHUNKED_TRAILER_NAME:
    case CHUNKED_TRAILER_VALUE:
        return read_trailer(chunked, c);
    case CHUNKED_TRAILER_LF:
        return c == '\n' ? CHUNKED_TRAILER_FIRST : CHUNKED_REFUSED;
    case CHUNKED_END_LF:
        return c == '\n' ? CHUNKED_ENDED : CHUNKED_REFUSED;
    case CHUNKED_DATA:
    case CHUNKED_ENDED:
    case CHUNKED_REFUSED:
        break;
    }
    return CHUNKED_REFUSED;
}

size_t chunked_read(struct chunked *chunked, const char *bytes, size_t count, const char **ret_data,
    size_t *ret_data_count)
{
    *ret_data = NULL;
    *ret_data_count = 0;
    size_t at = 0;
    while (at < count && chunked->state != CHUNKED_ENDED && chunked->state != CHUNKED_REFUSED) {
        if (chunked->state != CHUNKED_DATA) {
            chunked->state = next_state(chunked, bytes[at++]);
            continue;
        }
        size_t piece = count - at < chunked->left ? count - at : (size_t)chunked->left;
        *ret_data = bytes + at;
        *ret_data_count = piece;
        chunked->left -= piece;
        if (chunked->left == 0)
            chunked->state = CHUNKED_DATA_CR;
        return at + piece;
    }
    return at;
}
