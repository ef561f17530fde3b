/*
 * What a file is when it is no lecture.  Looks at the first bytes only, before
 * any demuxer does, so that a playlist under another name is refused for what it is.
 */
#ifndef LECTERN_MEDIA_SNIFF_H
#define LECTERN_MEDIA_SNIFF_H

#include "media/finding.h"

#include <stddef.h>
#include <stdint.h>

enum { SNIFF_BYTES = 4096 };

/* FINDING_IS_PLAYLIST and the like; FINDING_NONE where the bytes may be a video or sound file. */
enum finding_code sniff_file(const uint8_t *bytes, size_t count);

#endif
