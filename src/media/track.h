/*
 * One chosen track of a file, in figures: when its pictures or sounds really are, where it can be cut, and what would
 * stand against copying it.  Measured from the index of an MP4, else by going through all packets; nothing is decoded.
 *
 * Units      ticks of the stream's time base, as they are in the file; _us are microseconds on the same clock.
 * Ownership  track_release() ends the list of keys.
 */
#ifndef LECTERN_MEDIA_TRACK_H
#define LECTERN_MEDIA_TRACK_H

#include "base/problem.h"
#include "media/h264.h"
#include "media/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct track {
    int stream; /* index in the file; -1: there is no such track */
    AVRational time_base;
    int64_t packet_count;
    int64_t payload_bytes;
    int64_t first_pts; /* the earliest */
    int64_t
        start_us; /* of the first picture or sound; below 0 what an edit list or priming cuts away */
    int64_t end_us;          /* where the last one ends */
    bool clock_is_free;      /* a broadcast's: 0 means nothing on it, and it may wrap */
    int64_t edit_end_us;     /* where an edit list ends it; INT64_MAX: nowhere */
    int64_t longest_step_us; /* between two packets */
    int64_t usual_step_us;   /* the commonest, where most are like it; else 0 */
    int64_t trimmed_us;      /* what lies behind that end */
    int64_t
        promised_us; /* length that the index claims, where part of its data is missing; else 0 */
    int64_t damaged_count; /* packets that the demuxer found damaged */
    int64_t damaged_us;    /* the first of them */
    bool torn;        /* after the packets counted here comes half a picture, which is nobody's */
    bool clock_wraps; /* MPEG-TS: 33 bits ran over on the way */

    /* against a copy */
    bool times_missing;     /* a packet without pts */
    bool times_disordered;  /* dts that do not grow */
    int64_t jump_back_us;   /* where dts falls by more than a second, or -1 */
    bool parameters_change; /* another picture size or sound in the middle */
    bool gaps;              /* sound: a moment is missing, or there twice */
    int64_t gap_count;      /* where nothing is for longer than a seam */
    int64_t gap_us;         /* the first of them */
    int64_t longest_gap_us; /* how long */
    int64_t seam_count;     /* sound: where recordings were joined */
    int64_t seam_us;        /* the first of them */

    /* H.264: where it can be cut */
    bool h264_known; /* extradata was understood */
    struct h264_framing framing;
    struct h264_parameters h264;
    bool starts_with_key;
    int64_t *key_pts; /* of the IDR pictures, in the order of the file */
    size_t key_count;
    int64_t key_gap_us; /* the longest way from one to the next, or to the end */
};

void track_init(struct track *track, const struct media_source *source, int stream);
void track_release(struct track *track);

/* Measures both (either may be absent) as far as there is data; whether it is enough, promise.h judges. */
bool tracks_scan(
    struct media_source *source, struct track *video, struct track *audio, struct problem *problem);

#endif
