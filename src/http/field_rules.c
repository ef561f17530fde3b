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
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
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
