/*
 * Encodings from before Unicode: strict conversion by name, and which of them a text in a known language is in.
 *
 * How        The encodings that people who write the language used are tried (a table).  One that cannot hold the bytes
 *            is out; of the rest, the share of letters that CLDR lists for the language tells.  Where two encodings
 *            give different texts that are equally good, ICU's detector decides if it is sure, else nobody.
 * Ownership  texts are appended to `out`.
 * Threads    pure; any.
 */
#ifndef LECTERN_MEDIA_CAPTION_LEGACY_H
#define LECTERN_MEDIA_CAPTION_LEGACY_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/* UTF-8 with the line ends of the input.  On failure *ret_line is the line (from 1) that is not text in this encoding. */
bool caption_legacy_decode(
    const char *encoding, const char *bytes, size_t count, struct text *out, size_t *ret_line);

struct caption_guess {
    const char *encoding; /* NULL: none */
    const char *other;    /* that would do as well: then `encoding` is not certain; NULL: none */
};
struct caption_guess caption_legacy_guess(const char *language, const char *bytes, size_t count);

/* The constant that this name means, or NULL. */
const char *caption_legacy_find(const char *name);

#endif
