/*
 * One track as CMAF (ISO/IEC 23000-19): an init segment, then fragments one after the other on one descriptor, and
 * the table of where each lies.  Through libavformat's mp4 muxer, whose habits this file alone knows.
 *
 * Times      packets come in the time base given at opening, counted from the lecture's beginning, in decoding
 *            order.  Pictures between two key pictures get decoding times anew: the sorted times at which they are
 *            shown.  So a segment begins, in tfdt and in the table, exactly when its first picture is shown.
 *            A first picture up to half a second late is shown from 0, a little longer, so that players need not
 *            jump a gap.  Any other offset stands in tfdt, never in an edit list, which hls.js and Chromium do not
 *            honour.  Sounds come in ticks of their sample rate, without gaps, from 0 or later.
 * Cuts       pictures: where fragment_writer_cut() says so.  Sounds: at the nearest to each of cuts_us.
 * Invariant  durations are differences of decoding times, so tfdt[n+1] = tfdt[n] + duration[n], exactly.
 * Memory     the packets from one key picture to the next, and one segment.
 * Ownership  fragment_writer_open() gives the contents; end with fragment_writer_close().  The descriptor is lent.
 * Errors     PROBLEM_STORAGE(_FULL) where writing fails, PROBLEM_MEDIA_REFUSED where the muxer refuses.
 */
#ifndef LECTERN_MEDIA_FRAGMENT_H
#define LECTERN_MEDIA_FRAGMENT_H

#include "base/problem.h"
#include "media/segment_table.h"

#include <libavformat/avformat.h>

struct fragment_cuts {
    int64_t end_us;         /* of the lecture: pictures */
    const int64_t *cuts_us; /* sounds; lent */
    size_t cut_count;
};

struct fragment_writer {
    struct segment_table table; /* complete after fragment_writer_finish() */
    int fd;
    int write_error; /* errno, or 0 */
    struct fragment_cuts cuts;
    size_t next_cut; /* sounds */
    bool cut_asked;  /* pictures */
    AVRational in_base;
    AVFormatContext *muxer;
    AVPacket **group; /* from a key packet on; in the muxer's time base */
    size_t group_count, group_capacity;
    bool started, init_written;
    bool segment_open, segment_key;
    int64_t start_ticks; /* of the open segment */
    int64_t last_ticks;  /* decoding time of the last packet written */
    bool head_wanted;    /* the next bytes begin a fragment of pictures */
    uint64_t key_bytes;  /* of that fragment */
    int64_t position_us; /* how far it has come */
};

/* table_facts: kind, name, language, size or channels; codecs and timescale are filled in. */
bool fragment_writer_open(struct fragment_writer *writer, int fd, const AVCodecParameters *codec,
    AVRational in_base, const struct segment_table *table_facts, const struct fragment_cuts *cuts,
    struct problem *problem);
/* The picture put next, a key picture, begins a segment. */
void fragment_writer_cut(struct fragment_writer *writer);
/* Takes the packet's contents.  AV_PKT_FLAG_KEY on a picture says that decoding can begin there. */
bool fragment_writer_put(struct fragment_writer *writer, AVPacket *packet, struct problem *problem);
/* The last picture is held until the lecture's end. */
bool fragment_writer_finish(struct fragment_writer *writer, struct problem *problem);
void fragment_writer_close(struct fragment_writer *writer);

#endif
