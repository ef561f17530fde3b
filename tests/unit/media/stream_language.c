#include "media/stream_language.h"

#include "../unit.h"

#include <string.h>

static void languages_of_tracks_become_tags(void **state)
{
    (void)state;
    static const struct {
        const char *named, *expected;
    } cases[] = {
        { "vie", "vi" }, /* MP4, Matroska */
        { "fre", "fr" }, /* bibliographic */
        { "fra", "fr" }, /* terminological */
        { "chi", "zh" },
        { "mon", "mn" },
        { "zul", "zu" },  /* the last of the list */
        { "haw", "haw" }, /* there is none of two letters */
        { "en", "en" },   /* some write it so */
        { "zh-Hant", "zh-Hant" },
        { "por-BR", "pt-BR" },
        { "ENG", "en" },
        { "und", "" },
        { "mul", "" },
        { "zxx", "" },
        { "", "" },
        { NULL, "" },
        { "English", "" },
        { "e", "" },
        { "en--US", "" },
        { "en-", "" },
        { "en_US", "" },
        { "en-\"", "" },
        { "en-0123456789-0123456789-0123456789-0", "" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char tag[STREAM_LANGUAGE_SIZE];
        stream_language(cases[i].named, tag);
        if (strcmp(tag, cases[i].expected) != 0)
            fail_msg("%s: '%s'", cases[i].named ? cases[i].named : "nothing", tag);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(languages_of_tracks_become_tags) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
