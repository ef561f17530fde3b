#include "http/cookie.h"

#include "http/field_rules.h"

#include <string.h>

const char *cookie_value(struct arena *arena, const char *field_value, const char *name)
{
    size_t wanted = strlen(name);
    while (*field_value) {
        size_t length = strcspn(field_value, ";");
        const char *pair = field_value;
        size_t pair_length = length;
        field_trim(&pair, &pair_length);
        if (pair_length > wanted && memcmp(pair, name, wanted) == 0 && pair[wanted] == '=')
            return arena_strndup(arena, pair + wanted + 1, pair_length - wanted - 1);
        field_value += length + (field_value[length] == ';');
    }
    return NULL;
}
