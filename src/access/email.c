#include "access/email.h"

#include <stddef.h>
#include <string.h>

enum { LOCAL_PART_MAX = 64, LABEL_MAX = 63 };

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_local_part(const char *text, size_t length)
{
    if (length < 1 || length > LOCAL_PART_MAX)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool inner_dot = text[i] == '.' && i > 0 && i + 1 < length && text[i - 1] != '.';
        bool symbol = text[i] != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", text[i]);
        if (!inner_dot && !symbol && !is_letter_or_digit(text[i]))
            return false;
    }
    return true;
}

static bool is_label(const char *text, size_t length)
{
    if (length < 1 || length > LABEL_MAX || text[0] == '-' || text[length - 1] == '-')
        return false;
    for (size_t i = 0; i < length; i++)
        if (text[i] != '-' && !is_letter_or_digit(text[i]))
            return false;
    return true;
}

static bool is_domain(const char *text)
{
    size_t labels = 0;
    for (;; text++) {
        size_t length = strcspn(text, ".");
        if (!is_label(text, length))
            return false;
        labels++;
        text += length;
        if (*text == '\0')
            return labels >= 2;
    }
}

bool email_normalise(const char *typed, char ret_email[EMAIL_SIZE])
{
    char email[EMAIL_SIZE];
    typed += strspn(typed, " ");
    size_t length = strlen(typed);
    while (length > 0 && typed[length - 1] == ' ')
        length--;
    if (length >= sizeof email)
        return false;
    for (size_t i = 0; i < length; i++) {
        email[i] = typed[i];
        if (email[i] >= 'A' && email[i] <= 'Z')
            email[i] = (char)(email[i] | 0x20);
    }
    email[length] = '\0';
    const char *at = strchr(email, '@');
    if (!at || !is_local_part(email, (size_t)(at - email)) || !is_domain(at + 1))
        return false;
    memcpy(ret_email, email, length + 1);
    return true;
}
