/*
 * Names of the renditions of sound.
 */
#ifndef LECTERN_MEDIA_SOUND_NAME_H
#define LECTERN_MEDIA_SOUND_NAME_H

#include "media/segment_table.h"

/* A rendition's name is short, so a tag and the number of its changes are: "zh-Hant" and "es-419" have room. */
enum { SOUND_LANGUAGE_BYTES_MAX = 9, SOUND_REVISION_MAX = 99 };
/* Beside the lecture's own: with both groups of each, and every picture, a version stays below
 * MEDIA_RENDITIONS_MAX. */
enum { SOUND_LANGUAGES_MAX = 24 };

/* "audio-low"; of an interpreter "audio-low-vi", and "audio-low-vi-2" when it was sent again, as what has been published
 * under a name never changes.  language "": the recording's own. */
void sound_rendition_name(
    const char *group, const char *language, int revision, char ret_name[RENDITION_NAME_SIZE]);

#endif
