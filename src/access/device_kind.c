#include "access/device_kind.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

const char *device_kind(const char *user_agent)
{
    static const char *const computers[] = { "Windows NT", "Macintosh", "X11;", "CrOS" };
    if (!user_agent)
        return "other";
    /* Android says "Mobile" on phones only. */
    bool android = strstr(user_agent, "Android") != NULL;
    bool mobile = strstr(user_agent, "Mobi") != NULL;
    if (strstr(user_agent, "iPad") || strstr(user_agent, "Tablet") || (android && !mobile))
        return "tablet";
    if (mobile || strstr(user_agent, "iPhone"))
        return "phone";
    for (size_t i = 0; i < sizeof computers / sizeof computers[0]; i++)
        if (strstr(user_agent, computers[i]))
            return "computer";
    return "other";
}
