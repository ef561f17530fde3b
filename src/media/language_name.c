#include "media/language_name.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <unicode/uldnames.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

void language_own_name(const char *tag, char ret_name[LANGUAGE_NAME_SIZE])
{
    UErrorCode error = U_ZERO_ERROR;
    char locale[ULOC_FULLNAME_CAPACITY];
    UDisplayContext contexts[] = { UDISPCTX_CAPITALIZATION_FOR_UI_LIST_OR_MENU };
    UChar wide[LANGUAGE_NAME_SIZE];
    int32_t parsed = 0, length = 0;
    ret_name[0] = '\0';
    (void)uloc_forLanguageTag(tag, locale, sizeof locale, &parsed, &error);
    ULocaleDisplayNames *names = uldn_openForContext(locale, contexts, 1, &error);
    /* A private tag ("x-...") has no language, and ICU calls it "root". */
    bool known = U_SUCCESS(error) && parsed == (int32_t)strlen(tag) && locale[0] != '\0'
                 && locale[0] != '_' && locale[0] != '@';
    if (known) {
        int32_t count = uldn_localeDisplayName(names, locale, wide, LANGUAGE_NAME_SIZE, &error);
        (void)u_strToUTF8(ret_name, LANGUAGE_NAME_SIZE - 1, &length, wide, count, &error);
    }
    if (names)
        uldn_close(names);
    bool usable = known && U_SUCCESS(error) && length > 0 && length < LANGUAGE_NAME_SIZE;
    ret_name[usable ? length : 0] = '\0';
    if (!usable || !text_is_line(ret_name, LANGUAGE_NAME_SIZE) || strchr(ret_name, '"'))
        (void)snprintf(ret_name, LANGUAGE_NAME_SIZE, "%s", tag);
}
