/*
 * What a media file is, in plain data: the probe writes it, people read it (by sentences), the plan follows it.
 * Shared by the sandboxed child, which fills it, and the server, which takes it from the child as JSON and
 * trusts none of it beyond the ranges that media_report_from_json() checks.
 */
#ifndef LECTERN_MEDIA_REPORT_H
#define LECTERN_MEDIA_REPORT_H

#include "base/problem.h"
#include "media/finding.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum media_action { MEDIA_NONE, MEDIA_COPY, MEDIA_TRANSCODE };

enum { MEDIA_NAME_SIZE = 40, MEDIA_FINDINGS_MAX = 24 };
enum { MEDIA_DURATION_MS_MAX = 360000000 }; /* 100 hours */

/* EBU R128; _centi: hundredths of LUFS, LU or dB. */
struct media_loudness {
    bool measured; /* the rest is meant */
    bool heard;    /* there is something louder than silence */
    int loudness_centi, peak_centi, range_centi;
    int gain_centi;    /* by which the best rendition is louder than the file */
    int limited_centi; /* by which its highest peak is lower than that */
    int64_t trailing_silence_ms;
};

struct media_report {
    char container[MEDIA_NAME_SIZE]; /* "mov,mp4,m4a,3gp,3g2,mj2" */
    int64_t size_bytes;
    int64_t duration_ms; /* true length: what the packets hold, not what the header claims */
    struct {
        enum media_action action;        /* MEDIA_NONE: no picture */
        char codec[MEDIA_NAME_SIZE];     /* libavcodec's name: "h264" */
        int width, height;               /* as stored */
        int rotation_degrees;            /* clockwise: 0, 90, 180, 270 */
        int64_t frames_per_second_milli; /* average x 1000 */
        int64_t bits_per_second;
        int64_t key_frame_gap_ms;           /* the longest */
        struct finding because;             /* why it is transcoded; FINDING_NONE when copied */
        char reason[FINDING_SENTENCE_SIZE]; /* the same in words */
    } video;
    struct {
        enum media_action action;
        char codec[MEDIA_NAME_SIZE];
        int sample_rate, channels;
        int64_t bits_per_second;
        struct finding because;
        char reason[FINDING_SENTENCE_SIZE];
        struct media_loudness loudness;
    } audio;
    struct finding findings[MEDIA_FINDINGS_MAX]; /* what is odd, in the order of its discovery */
    int finding_count;
    struct finding verdict; /* why nothing came of the file; FINDING_NONE otherwise */
};

/* Each code is told once, with its first parameters. */
void media_report_find(struct media_report *report, struct finding finding);

/* "notes" repeats the findings' sentences, for readers of before there were codes. */
json_t *media_report_to_json(const struct media_report *report);
/* Reports from before there were codes have no "findings", and are taken without. */
bool media_report_from_json(
    const json_t *json, struct media_report *ret_report, struct problem *problem);

#endif
