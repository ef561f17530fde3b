/*
 * The bytes of a caption file as UTF-8 without a byte order mark and with LF alone at the ends of lines.
 *
 * Order      a byte order mark decides; then the arrow between two times, which every caption file holds, tells UTF-16;
 *            then UTF-8, whose form nothing else has by chance.  What is left is one of the encodings that people who
 *            write `language` used (a table), and the letters of that language tell which: see caption_guess.h.
 * Naming     `encoding` (NULL or "": find out) is a name that a person gave, in any spelling that ICU knows; it must be
 *            one of caption_encoding_names.  A byte order mark is stronger.
 * Ownership  *ret_text is the caller's, to be ended with free().  *ret_encoding is a constant.
 * Errors     PROBLEM_CAPTIONS_REFUSED naming the first line that is not text, or asking for the encoding where
 *            more than one would do; PROBLEM_INVALID_FIELD "encoding" for a name that is none.
 */
#ifndef LECTERN_MEDIA_CAPTION_ENCODING_H
#define LECTERN_MEDIA_CAPTION_ENCODING_H

#include "base/problem.h"
#include "media/caption_repairs.h"

#include <stddef.h>

struct caption_bytes {
    const char *bytes;
    size_t count;
    const char *language; /* BCP 47; "und" where nobody knows */
    const char *encoding; /* may be NULL */
};

bool caption_decode(const struct caption_bytes *file, char **ret_text, size_t *ret_count,
    const char **ret_encoding, struct caption_repairs *repairs, struct problem *problem);

/* "UTF-8", "Shift_JIS"..., in the order in which a person may choose. */
extern const char *const caption_encoding_names[];
extern const size_t caption_encoding_count;

#endif
