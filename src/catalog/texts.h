/*
 * Titles and descriptions that exist in several languages.  Read once for a whole list, then picked
 * in memory.
 *
 * Shape      {object id: {language: {"title", "description"}}}
 * Ownership  texts_read() and texts_json() give; texts_pick() lends as long as the texts.
 */
#ifndef LECTERN_CATALOG_TEXTS_H
#define LECTERN_CATALOG_TEXTS_H

#include "store/db.h"

#include <jansson.h>

/* From rows of (object id, language, title, description). Ends the rows. */
json_t *texts_read(struct db_rows *rows, struct problem *problem);
/* {language: {"title", "description"}} of one object; empty when it has none. */
json_t *texts_json(const json_t *texts, const char *object_id);

/*
 * The text to show: the language asked for ("zh-TW"), else its primary subtag ("zh"), else another
 * text of that primary subtag ("zh-HK"), else the object's own language, else the first by
 * alphabet.  asked and own may be NULL.
 */
struct text_picked {
    const char *language, *title, *description; /* "" where there is none */
};
struct text_picked texts_pick(
    const json_t *texts, const char *object_id, const char *asked, const char *own);

#endif
