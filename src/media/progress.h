/*
 * How far a pass has come, in permille of all its parts.  They follow each other in the order below, and each counts
 * for about as much as it takes; one that a pass does not have counts for nothing.
 *
 * Threads    one.
 */
#ifndef LECTERN_MEDIA_PROGRESS_H
#define LECTERN_MEDIA_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

enum progress_part { PROGRESS_MEASURE, PROGRESS_PICTURES, PROGRESS_SOUND, PROGRESS_PARTS };

enum { PROGRESS_PERMILLE_MOST = 999 }; /* all is done only when all is told */

struct progress {
    void (*tell)(void *data, int permille); /* when the figure grows; NULL: nobody asks */
    void *data;
    int shares[PROGRESS_PARTS]; /* of the whole */
    int permille;
};

/* has: the pass has this part. */
void progress_begin(struct progress *progress, const bool has[PROGRESS_PARTS]);
/* Takes NULL.  Where a part has come to, of its length; what lies outside is its beginning or its end. */
void progress_at(
    struct progress *progress, enum progress_part part, int64_t position, int64_t length);

#endif
