#include "viewing/cmcd.h"

#include <string.h>

enum kind {
    KIND_NUMBER,
    KIND_RATE,
    KIND_FLAG,
    KIND_TOKEN,
    KIND_SESSION,
    KIND_STRING,
    KIND_VERSION
};

struct key {
    const char *name;
    enum kind kind;
    size_t offset;
    const char *tokens; /* that it may be, parted by spaces */
};

#define AT(member) offsetof(struct cmcd, member)
// clang-format off
static const struct key keys[] = {
    { "bl",  KIND_NUMBER,  AT(buffer_ms),        0 },
    { "br",  KIND_NUMBER,  AT(bitrate_kbps),     0 },
    { "bs",  KIND_FLAG,    AT(starved),          0 },
    { "cid", KIND_STRING,  0,                    0 },
    { "d",   KIND_NUMBER,  AT(duration_ms),      0 },
    { "dl",  KIND_NUMBER,  AT(deadline_ms),      0 },
    { "mtp", KIND_NUMBER,  AT(throughput_kbps),  0 },
    { "nor", KIND_STRING,  0,                    0 },
    { "nrr", KIND_STRING,  0,                    0 },
    { "ot",  KIND_TOKEN,   AT(object),           " m a v av i c tt k o " },
    { "pr",  KIND_RATE,    AT(rate_percent),     0 },
    { "rtp", KIND_NUMBER,  AT(requested_kbps),   0 },
    { "sf",  KIND_TOKEN,   AT(format),           " d h s o " },
    { "sid", KIND_SESSION, AT(session),          0 },
    { "st",  KIND_TOKEN,   AT(stream),           " v l " },
    { "su",  KIND_FLAG,    AT(startup),          0 },
    { "tb",  KIND_NUMBER,  AT(top_bitrate_kbps), 0 },
    { "v",   KIND_VERSION, 0,                    0 },
};
// clang-format on

enum { KEY_COUNT = sizeof keys / sizeof keys[0], NAME_MAX_BYTES = 64, TOKEN_MAX_BYTES = 16 };
_Static_assert(KEY_COUNT <= 32, "a bit each");

/* One value as it was written, of whatever type. */
struct value {
    enum { VALUE_TRUE, VALUE_FALSE, VALUE_NUMBER, VALUE_TOKEN, VALUE_STRING } type;
    const char *bytes; /* between the quotes */
    size_t length;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_small_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_name_byte(char c)
{
    return is_small_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
}

/* As far as it goes; what follows must be the end or a comma. */
static const char *read_string(const char *at, struct value *ret_value)
{
    const char *start = at;
    for (; *at != '"'; at++) {
        if (*at == '\\' && (at[1] == '"' || at[1] == '\\'))
            at++;
        else if (*at == '\\' || *at < 0x20 || *at > 0x7e)
            return NULL;
    }
    *ret_value = (struct value){ VALUE_STRING, start, (size_t)(at - start) };
    return at + 1;
}

static const char *read_value(const char *at, struct value *ret_value)
{
    const char *start = at;
    if (*at == '"')
        return read_string(at + 1, ret_value);
    if (*at == '?') { /* as RFC 8941 writes truth */
        if (at[1] != '0' && at[1] != '1')
            return NULL;
        ret_value->type = at[1] == '1' ? VALUE_TRUE : VALUE_FALSE;
        return at + 2;
    }
    while (is_digit(*at) || (*at == '.' && at > start))
        at++;
    ret_value->type = VALUE_NUMBER;
    if (at == start) {
        while (is_name_byte(*at))
            at++;
        ret_value->type = VALUE_TOKEN;
    }
    ret_value->bytes = start;
    ret_value->length = (size_t)(at - start);
    return at > start ? at : NULL;
}

/* At most nine digits: a day in milliseconds, a terabit in kilobits. */
static bool take_number(const struct value *value, int32_t *ret_number)
{
    enum { DIGITS_MAX = 9 };
    int32_t number = 0;
    if (value->type != VALUE_NUMBER || value->length > DIGITS_MAX)
        return false;
    for (size_t i = 0; i < value->length; i++) {
        if (!is_digit(value->bytes[i]))
            return false;
        number = number * 10 + (value->bytes[i] - '0');
    }
    *ret_number = number;
    return true;
}

/* "1", "1.25": up to two digits before the point and three behind it; below a percent is cut off. */
static bool take_rate(const struct value *value, int32_t *ret_percent)
{
    int32_t thousandths = 0;
    const char *point
        = value->type == VALUE_NUMBER ? memchr(value->bytes, '.', value->length) : NULL;
    size_t whole = point ? (size_t)(point - value->bytes) : value->length;
    size_t behind = point ? value->length - whole - 1 : 0;
    if (value->type != VALUE_NUMBER || whole > 2 || behind > 3 || (point && behind == 0))
        return false;
    for (size_t i = 0; i < whole + 1 + 3; i++) {
        if (i == whole)
            continue;
        char c = i < value->length ? value->bytes[i] : '0';
        if (!is_digit(c))
            return false;
        thousandths = thousandths * 10 + (c - '0');
    }
    *ret_percent = thousandths / 10;
    return true;
}

static bool take_token(const struct value *value, const char *tokens, char *ret_letter)
{
    char padded[TOKEN_MAX_BYTES + 3];
    if (value->type != VALUE_TOKEN || value->length > 2)
        return false;
    padded[0] = ' ';
    memcpy(padded + 1, value->bytes, value->length);
    padded[value->length + 1] = ' ';
    padded[value->length + 2] = '\0';
    if (!strstr(tokens, padded))
        return false;
    /* "av" and "tt" by the capital of their last letter. */
    *ret_letter = value->length == 1 ? value->bytes[0] : (char)(value->bytes[1] - 'a' + 'A');
    return true;
}

static bool take_session(const struct value *value, char ret_session[CMCD_SESSION_SIZE])
{
    if (value->type != VALUE_STRING || value->length >= CMCD_SESSION_SIZE
        || memchr(value->bytes, '\\', value->length))
        return false;
    memcpy(ret_session, value->bytes, value->length);
    ret_session[value->length] = '\0';
    return true;
}

static bool take(struct cmcd *cmcd, const struct key *key, const struct value *value)
{
    char *member = (char *)cmcd + key->offset;
    int32_t version;
    switch (key->kind) {
    case KIND_NUMBER:
        return take_number(value, (int32_t *)(void *)member);
    case KIND_RATE:
        return take_rate(value, (int32_t *)(void *)member);
    case KIND_FLAG:
        *(bool *)member = value->type == VALUE_TRUE;
        return value->type == VALUE_TRUE || value->type == VALUE_FALSE;
    case KIND_TOKEN:
        return take_token(value, key->tokens, member);
    case KIND_SESSION:
        return take_session(value, member);
    case KIND_STRING:
        return value->type == VALUE_STRING;
    case KIND_VERSION:
        return take_number(value, &version) && version == 1;
    }
    return false;
}

static const struct key *find_key(const char *name, size_t length)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (strlen(keys[i].name) == length && memcmp(keys[i].name, name, length) == 0)
            return &keys[i];
    return NULL;
}

/* "key" or "key=value"; where it ends, or NULL. */
static const char *read_pair(struct cmcd *cmcd, const char *at)
{
    const char *name = at;
    struct value value = { VALUE_TRUE, NULL, 0 };
    if (!is_small_letter(*at))
        return NULL;
    while (is_name_byte(*at))
        at++;
    size_t length = (size_t)(at - name);
    if (length > NAME_MAX_BYTES || (*at == '=' && !(at = read_value(at + 1, &value))))
        return NULL;
    const struct key *key = find_key(name, length);
    if (!key)
        return at;
    uint32_t bit = UINT32_C(1) << (key - keys);
    if ((cmcd->seen & bit) || !take(cmcd, key, &value))
        return NULL;
    cmcd->seen |= bit;
    cmcd->given = true;
    return at;
}

void cmcd_init(struct cmcd *cmcd)
{
    *cmcd = (struct cmcd){ 0 };
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (keys[i].kind == KIND_NUMBER || keys[i].kind == KIND_RATE)
            *(int32_t *)(void *)((char *)cmcd + keys[i].offset) = CMCD_ABSENT;
}

static const char *skip_space(const char *at)
{
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

bool cmcd_read(struct cmcd *cmcd, const char *text)
{
    if (strnlen(text, CMCD_BYTES_MAX + 1) > CMCD_BYTES_MAX)
        return false;
    for (const char *at = text;; at = skip_space(at + 1)) {
        at = read_pair(cmcd, at);
        if (!at)
            return false;
        at = skip_space(at);
        if (*at == '\0')
            return true;
        if (*at != ',')
            return false;
    }
}
