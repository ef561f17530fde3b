#include "media/sound_name.h"

#include "base/text.h"

#include <stdio.h>

void sound_rendition_name(
    const char *group, const char *language, int revision, char ret_name[RENDITION_NAME_SIZE])
{
    char suffix[8] = "";
    if (revision > 1)
        (void)snprintf(suffix, sizeof suffix, "-%d", revision % (SOUND_REVISION_MAX + 1));
    (void)snprintf(ret_name, RENDITION_NAME_SIZE, "audio-%s%s%.*s%s", group,
        language[0] != '\0' ? "-" : "", SOUND_LANGUAGE_BYTES_MAX, language, suffix);
    for (char *at = ret_name; *at; at++)
        *at = text_lower(*at);
}
