/*
 * What a player tells beside a request for media: Common Media Client Data, CTA-5004 version 1
 * (https://cdn.cta.tech/cta/media/media/resources/standards/pdfs/cta-5004-final.pdf).  Pure.
 *
 * Where      in the fields CMCD-Object, CMCD-Request, CMCD-Session and CMCD-Status, or, decoded, in the
 *            query parameter CMCD: keys with values, parted by commas.  The fields differ only in how often a
 *            player would change them, so any key may stand in any.
 * Strictness Any key twice, a value of another type than the key's, anything that is no such list: all
 *            of it is refused, as half-believed figures are worse than none.  Keys that this version does not
 *            know, such as others' own with a hyphen, are left out.  Of another version (v) all is.
 * Worth      It is the player's word: it describes how well the line served, and proves nothing.
 */
#ifndef LECTERN_VIEWING_CMCD_H
#define LECTERN_VIEWING_CMCD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CMCD_BYTES_MAX = 2048, CMCD_SESSION_SIZE = 65, CMCD_ABSENT = -1 };

struct cmcd {
    bool given; /* a key of ours was there */
    /* CMCD_ABSENT where it was not told */
    int32_t bitrate_kbps;     /* br: of the encoded object */
    int32_t top_bitrate_kbps; /* tb */
    int32_t throughput_kbps;  /* mtp: as measured by the player */
    int32_t requested_kbps;   /* rtp */
    int32_t buffer_ms;        /* bl: content that is waiting to be played */
    int32_t deadline_ms;      /* dl: until the buffer runs dry without this object */
    int32_t duration_ms;      /* d: of the object */
    int32_t rate_percent;     /* pr: 100 is real time, 0 is standing still */
    bool starved;             /* bs: the player has stood still since its last request */
    bool startup;             /* su: needed at once, to start or go on */
    char object, format,
        stream; /* first letter of ot, sf, st ('V' is ot=av, 'T' is tt); 0: not told */
    char session[CMCD_SESSION_SIZE]; /* sid */
    uint32_t seen;                   /* keys so far, a bit each; private */
};

void cmcd_init(struct cmcd *cmcd);
/* Adds what one field or the parameter tells.  false: refused, and *cmcd is not to be used. */
bool cmcd_read(struct cmcd *cmcd, const char *text);

#endif
