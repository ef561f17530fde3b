/*
 * A person's record: everything that is stored about one participant (personal_data.h), for them to see
 * and to take along (GDPR Articles 15 and 20).
 *
 *   {"participant": id, "made_at": "2026-11-22T...", "complete": true,
 *    "parts": [{"table": "viewing", "why": "...", "after_erasure": "kept|removed|rewritten",
 *               "rows": [{...}...]}...]}
 *
 * Keys, digests and who of the staff did something are left out.
 */
#ifndef LECTERN_PRIVACY_RECORD_H
#define LECTERN_PRIVACY_RECORD_H

#include "base/text.h"
#include "store/db.h"

#include <jansson.h>

enum record_extent {
    RECORD_WHOLE,
    RECORD_SUMS /* without what grows with each minute watched (complete: false, "left_out": [tables]): for whoever
                   may ask as often as they like */
};
enum { RECORD_TEXT_BYTES_MAX = 256 << 20 };

/* Inside db_read.  PROBLEM_NOT_FOUND for no participant. */
json_t *record_json(struct db_connection *connection, const char *participant_id,
    enum record_extent extent, struct problem *problem);
/* The same for reading: a paragraph a table, a block a row, instants as dates. */
void record_text(const json_t *record, struct text *text);

#endif
