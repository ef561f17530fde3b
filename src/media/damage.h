/*
 * How much of a track could not be decoded.  A little is left to the decoder to hide; a tenth is too much to be a
 * lecture, and a handful is little whatever a tenth may be.
 *
 * Threads    one.
 */
#ifndef LECTERN_MEDIA_DAMAGE_H
#define LECTERN_MEDIA_DAMAGE_H

#include "media/finding.h"

#include <stdbool.h>
#include <stdint.h>

struct damage {
    int64_t packets; /* that went in */
    int64_t errors;
};

/* Asked after each packet; the end is more strict, as all is known.  false: refused, with the finding of this code. */
bool damage_is_bearable(
    const struct damage *damage, bool at_end, enum finding_code code, struct problem *problem);
/* Always false. */
bool damage_refuse(const struct damage *damage, enum finding_code code, struct problem *problem);

#endif
