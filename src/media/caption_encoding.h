/*
 * The bytes of a caption file as UTF-8 without a byte order mark and with LF alone at the ends of lines.
 *
 * Ownership  *ret_text is the caller's, to be ended with free().
 * Errors     PROBLEM_CAPTIONS_REFUSED naming the first line that is not text in a known encoding.
 */
#ifndef LECTERN_MEDIA_CAPTION_ENCODING_H
#define LECTERN_MEDIA_CAPTION_ENCODING_H

#include "base/problem.h"

#include <stddef.h>

bool caption_decode(
    const char *bytes, size_t count, char **ret_text, size_t *ret_count, struct problem *problem);

#endif
