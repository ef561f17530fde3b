/*
 * The look at a file: what it is, whether it can be a lecture, and what is to be done with it.
 *
 * Ownership  media_probe_release() ends what media_probe_run() opened, also after a refusal.
 * Errors     PROBLEM_MEDIA_REFUSED with the sentence for the admin; the report then holds what was learnt before.
 */
#ifndef LECTERN_MEDIA_PROBE_H
#define LECTERN_MEDIA_PROBE_H

#include "media/plan.h"
#include "media/report.h"
#include "media/sound_rung.h"
#include "media/source.h"
#include "media/track.h"

/* What the look is for. */
struct probe_purpose {
    struct media_trim trim;
    const struct media_plan
        *version;    /* lent: of the version that this is for, to be followed; or NULL */
    bool sound_only; /* an interpreter's track: it begins offset_ms after the version does */
    int64_t offset_ms;
};

struct media_probe {
    struct media_source source;
    struct track video, audio;
    struct media_plan plan;
    struct media_report report;
    struct loudness loudness;                       /* of the sound, once that was measured */
    struct sound_rung sound_rungs[SOUND_RUNGS_MAX]; /* and what is made of it */
    size_t sound_rung_count;
    bool report_valid; /* container and tracks are known */
    bool mirrored;     /* besides report.video.rotation_degrees */
};

/* fd is lent, and read by pread() until release; purpose NULL: a first look at all of it. */
bool media_probe_run(struct media_probe *probe, int fd, const struct settings *settings,
    const struct probe_purpose *purpose, struct problem *problem);
/* Only as far as which tracks there are, and whether they can be read. */
bool media_probe_tracks(
    struct media_probe *probe, int fd, const struct settings *settings, struct problem *problem);
/* A cover, a thumbnail: no moving picture. */
bool media_stream_is_still(const AVStream *stream);
void media_probe_release(struct media_probe *probe);

#endif
