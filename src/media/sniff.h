/*
 * What a file is when it is no lecture: the sentence that tells an admin so.  Looks at the first bytes only, before
 * any demuxer does, so that a playlist under another name is refused for what it is.
 */
#ifndef LECTERN_MEDIA_SNIFF_H
#define LECTERN_MEDIA_SNIFF_H

#include <stddef.h>
#include <stdint.h>

enum { SNIFF_BYTES = 4096 };

/* "This is a playlist, not a video.", or NULL where the bytes may be a video or sound file. */
const char *sniff_refusal(const uint8_t *bytes, size_t count);

#endif
