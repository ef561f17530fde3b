/*
 * How long a file promises to be, and how much of that is there.
 *
 * Promises   the sample tables of an MP4; mehd and sidx of a fragmented one (ISO/IEC 14496-12 sections 8.8.2, 8.16.3); the
 *            duration in the head of Matroska, AVI, FLV, FLAC; the size in bytes of RIFF, RF64 and FORM, and of a
 *            Matroska Segment, which stands for time at the same rate.
 * The rule   more than media-missing-percent-max of the promised length missing: refused, as who watches what is left
 *            would be credited with a lecture that was never seen.  Less: it is used, and the report names the place.
 *            Where nobody can know how much is missing (fragments without a promise), what is whole is used.
 */
#ifndef LECTERN_MEDIA_PROMISE_H
#define LECTERN_MEDIA_PROMISE_H

#include "media/report.h"
#include "media/source.h"
#include "media/track.h"

/* What the head says that the file has, its own bytes included; 0 where it says nothing. */
int64_t promised_bytes(int fd);

/* Before packets are taken: libavformat changes its mind as it reads.  0: none. */
int64_t promised_by_header_us(const struct media_source *source);

/* After the scan.  false: FINDING_CUT_OFF; a smaller loss is told in the report. */
bool promise_check(const struct media_source *source, int64_t header_us, const struct track *video,
    const struct track *audio, struct media_report *report, struct problem *problem);

#endif
