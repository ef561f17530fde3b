/*
 * The text of one cue, made safe: see captions.h.  Pure.
 */
#ifndef LECTERN_MEDIA_CAPTION_TEXT_H
#define LECTERN_MEDIA_CAPTION_TEXT_H

#include "base/text.h"

/* Appends the cue text (UTF-8, lines parted by LF) as WebVTT cue text.  Returns whether something was changed that a
 * reader would notice. */
bool caption_text_write(const char *bytes, size_t count, struct text *out);

#endif
