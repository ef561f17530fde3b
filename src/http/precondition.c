#include "http/precondition.h"

#include "http/field_rules.h"
#include "http/http_date.h"

#include <stddef.h>
#include <string.h>

static bool same_tag(const char *member, size_t length, const char *etag)
{
    return length == strlen(etag) && memcmp(member, etag, length) == 0;
}

/* Is etag in the list?  "*" means any that there is.  Weak comparison takes W/"x" for "x". */
static bool list_has_tag(const char *list, const char *etag, bool weak)
{
    if (strcmp(list, "*") == 0)
        return true;
    const char *member;
    size_t length;
    while (etag && field_list_next(&list, &member, &length)) {
        if (weak && length > 2 && memcmp(member, "W/", 2) == 0) {
            member += 2;
            length -= 2;
        }
        if (same_tag(member, length, etag))
            return true;
    }
    return false;
}

/* A date in the field that is at or after the last change, to the second. */
static bool unchanged_since(const char *field_value, int64_t last_modified_ms, bool *ret_is_date)
{
    int64_t instant_ms;
    *ret_is_date = last_modified_ms >= 0 && http_date_read(field_value, &instant_ms);
    return *ret_is_date && last_modified_ms / 1000 <= instant_ms / 1000;
}

enum precondition_answer precondition_check(
    const struct precondition *precondition, const char *etag, int64_t last_modified_ms)
{
    bool is_date;
    if (precondition->if_match) {
        if (!list_has_tag(precondition->if_match, etag, false))
            return PRECONDITION_FAILED;
    } else if (precondition->if_unmodified_since
               && !unchanged_since(precondition->if_unmodified_since, last_modified_ms, &is_date)
               && is_date) {
        return PRECONDITION_FAILED;
    }
    if (precondition->if_none_match) {
        if (list_has_tag(precondition->if_none_match, etag, true))
            return precondition->reads ? PRECONDITION_NOT_MODIFIED : PRECONDITION_FAILED;
    } else if (precondition->reads && precondition->if_modified_since
               && unchanged_since(precondition->if_modified_since, last_modified_ms, &is_date)) {
        return PRECONDITION_NOT_MODIFIED;
    }
    return PRECONDITION_HOLDS;
}

bool precondition_range_holds(const char *if_range, const char *etag, int64_t last_modified_ms)
{
    if (!if_range)
        return true;
    if (if_range[0] == '"' || strncmp(if_range, "W/", 2) == 0)
        return etag && strcmp(if_range, etag) == 0;
    int64_t instant_ms;
    return last_modified_ms >= 0 && http_date_read(if_range, &instant_ms)
           && instant_ms / 1000 == last_modified_ms / 1000;
}
