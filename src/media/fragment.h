/*
 * One track as CMAF (ISO/IEC 23000-19): an init segment, then fragments one after the other on one descriptor, and
 * the table of where each lies.  Through libavformat's mp4 muxer, whose habits this file alone knows.
 *
 * Times      packets come in the time base given at opening, counted from the lecture's beginning, in decoding order.
 *            A first picture up to half a second late is shown from 0, a little longer, so that players need not
 *            jump a gap.  Any other offset stands in tfdt, never in an edit list, which hls.js and Chromium do not
 *            honour.  Sounds come in ticks of their sample rate, without gaps, from 0 or later.
 * Cuts       before the first packet that may begin a segment (a key picture, any sound) and lies at or after the
 *            next cut; a sound goes to the nearer side.
 * Invariant  durations are differences of decoding times, so tfdt[n+1] = tfdt[n] + duration[n], exactly.
 * Ownership  fragment_writer_open() gives the contents; end with fragment_writer_close().  The descriptor is lent.
 * Errors     PROBLEM_STORAGE(_FULL) where writing fails, PROBLEM_MEDIA_REFUSED where the muxer refuses.
 */
#ifndef LECTERN_MEDIA_FRAGMENT_H
#define LECTERN_MEDIA_FRAGMENT_H

#include "base/problem.h"
#include "media/segment_table.h"

#include <libavformat/avformat.h>

struct fragment_writer {
    struct segment_table table; /* complete after fragment_writer_finish() */
    int fd;
    int write_error;        /* errno, or 0 */
    const int64_t *cuts_us; /* lent */
    size_t cut_count, next_cut;
    AVRational in_base;
    AVFormatContext *muxer;
    AVPacket *held; /* waits for the next one, which tells how long it lasts */
    bool holding, held_key;
    bool init_written, segment_open, segment_key;
    int64_t start_ticks;    /* of the open segment; in the muxer's time base */
    int64_t duration_ticks; /* of what the open segment holds */
    int64_t first_dts;      /* decoding time of the first packet; counts from there */
    int64_t last_duration;
    int64_t position_us; /* how far it has come */
};

/* table_facts: kind, name, language, size or channels; codecs and timescale are filled in.  in_base is the packets'. */
bool fragment_writer_open(struct fragment_writer *writer, int fd, const AVCodecParameters *codec,
    AVRational in_base, const struct segment_table *table_facts, const int64_t *cuts_us,
    size_t cut_count, struct problem *problem);
/* Takes the packet's contents. */
bool fragment_writer_put(struct fragment_writer *writer, AVPacket *packet, struct problem *problem);
/* The last picture is held until end_us, if that lies behind it. */
bool fragment_writer_finish(
    struct fragment_writer *writer, int64_t end_us, struct problem *problem);
void fragment_writer_close(struct fragment_writer *writer);

#endif
