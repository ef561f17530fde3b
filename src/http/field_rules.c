#include "http/field_rules.h"

#include <string.h>
#include <strings.h>

/* tchar of RFC 9110 section 5.6.2 */
static bool is_token_byte(unsigned char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        return true;
    return c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

bool field_is_token(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!is_token_byte((unsigned char)bytes[i]))
            return false;
    return length > 0;
}

bool field_is_value(const char *bytes, size_t length)
{
    /* To the end, without a branch: the compiler takes many bytes at a step. */
    unsigned forbidden = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        forbidden |= (unsigned)(((c < 0x20) & (c != '\t')) | (c == 0x7f));
    }
    return forbidden == 0;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

void field_trim(const char **bytes, size_t *length)
{
    while (*length > 0 && is_space(**bytes)) {
        (*bytes)++;
        (*length)--;
    }
    while (*length > 0 && is_space((*bytes)[*length - 1]))
        (*length)--;
}

/* The end of the list member that starts here: a comma outside quotes, or the end. */
static const char *member_end(const char *at)
{
    bool quoted = false;
    for (; *at; at++) {
        if (quoted && *at == '\\' && at[1])
            at++;
        else if (*at == '"')
            quoted = !quoted;
        else if (*at == ',' && !quoted)
            break;
    }
    return at;
}

bool field_list_next(const char **cursor, const char **ret_member, size_t *ret_length)
{
    const char *at = *cursor;
    while (*at) {
        const char *end = member_end(at);
        const char *member = at;
        size_t length = (size_t)(end - at);
        field_trim(&member, &length);
        at = *end ? end + 1 : end;
        if (length > 0) {
            *cursor = at;
            *ret_member = member;
            *ret_length = length;
            return true;
        }
    }
    *cursor = at;
    return false;
}

bool field_list_has(const char *value, const char *token)
{
    if (!value)
        return false;
    const char *member;
    size_t length;
    while (field_list_next(&value, &member, &length))
        if (length == strlen(token) && strncasecmp(member, token, length) == 0)
            return true;
    return false;
}

/* Is the weight of this member above zero?  "gzip", "gzip;q=0.5"; what is malformed counts as
 * refused. */
static bool weight_is_positive(const char *parameters, size_t length)
{
    field_trim(&parameters, &length);
    if (length == 0)
        return true;
    if (parameters[0] != ';')
        return false;
    parameters++;
    length--;
    field_trim(&parameters, &length);
    if (length < 3 || (parameters[0] != 'q' && parameters[0] != 'Q') || parameters[1] != '=')
        return false;
    for (size_t i = 2; i < length; i++)
        if (parameters[i] >= '1' && parameters[i] <= '9')
            return true;
    return false;
}

bool field_accepts_coding(const char *accept_encoding, const char *coding)
{
    if (!accept_encoding)
        return false;
    bool any = false;
    const char *member;
    size_t length;
    while (field_list_next(&accept_encoding, &member, &length)) {
        size_t name = 0;
        while (name < length && is_token_byte((unsigned char)member[name]))
            name++;
        bool positive = weight_is_positive(member + name, length - name);
        if (name == strlen(coding) && strncasecmp(member, coding, name) == 0)
            return positive;
        if (name == 1 && member[0] == '*')
            any = positive;
    }
    return any;
}

enum { WEIGHT_WHOLE = 1000 };

/* "0.5" in thousandths (RFC 9110 section 12.4.2); 0 for what is malformed. */
static int weight_of_text(const char *text, size_t length)
{
    if (length < 1 || length > 5 || (text[0] != '0' && text[0] != '1')
        || (length > 1 && text[1] != '.'))
        return 0;
    int weight = (text[0] - '0') * WEIGHT_WHOLE, place = WEIGHT_WHOLE;
    for (size_t i = 2; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return 0;
        place /= 10;
        weight += (text[i] - '0') * place;
    }
    return weight > WEIGHT_WHOLE ? 0 : weight;
}

/* Of ";level=1;q=0.5", behind a media range. */
static int weight_of_parameters(const char *parameters, size_t length)
{
    int weight = WEIGHT_WHOLE;
    for (size_t at = 0; at < length;) {
        const char *part = parameters + at;
        const char *end = memchr(part + 1, ';', length - at - 1);
        size_t part_length = end ? (size_t)(end - part) : length - at;
        at += part_length;
        part++; /* the ';' */
        part_length--;
        field_trim(&part, &part_length);
        if (part_length >= 2 && (part[0] == 'q' || part[0] == 'Q') && part[1] == '=')
            weight = weight_of_text(part + 2, part_length - 2);
    }
    return weight;
}

/* How closely a media range names the type: 3 by name, 2 as "text" and anything, 1 as anything. */
static int closeness(const char *range, size_t length, const char *type)
{
    size_t main_length = strcspn(type, "/") + 1;
    if (length == strlen(type) && strncasecmp(range, type, length) == 0)
        return 3;
    if (length == main_length + 1 && strncasecmp(range, type, main_length) == 0
        && range[main_length] == '*')
        return 2;
    return length == 3 && memcmp(range, "*/*", 3) == 0 ? 1 : 0;
}

/* The closest range counts. */
static int weight_of_type(const char *accept, const char *type)
{
    const char *member;
    size_t length;
    int closest = 0, weight = 0;
    while (field_list_next(&accept, &member, &length)) {
        const char *semicolon = memchr(member, ';', length);
        size_t whole = semicolon ? (size_t)(semicolon - member) : length;
        const char *range = member;
        size_t range_length = whole;
        field_trim(&range, &range_length);
        int close = closeness(range, range_length, type);
        if (close > closest) {
            closest = close;
            weight = weight_of_parameters(member + whole, length - whole);
        }
    }
    return weight;
}

bool field_prefers_type(const char *accept, const char *type, const char *other)
{
    return accept && weight_of_type(accept, type) > weight_of_type(accept, other);
}
