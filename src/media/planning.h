/*
 * What becomes of each track, and where the lecture is cut: pure functions over what the scan measured.
 *
 * A picture is copied only where every browser can play it as it is and where it can be cut often enough: H.264 of
 * 8 bits 4:2:0, level 4.2 or below, progressive, upright, IDR pictures close together, growing time stamps, one set of
 * parameters, a moderate bit rate.  Sound only as AAC-LC of at most two channels without gaps.  All else is decoded
 * and encoded anew.
 */
#ifndef LECTERN_MEDIA_PLANNING_H
#define LECTERN_MEDIA_PLANNING_H

#include "base/settings.h"
#include "media/plan.h"
#include "media/report.h"
#include "media/track.h"

#include <libavcodec/codec_par.h>

/* Times first: action and reason of the report are decided by them.  trim: as much of it as there is. */
void plan_times(struct media_plan *plan, const struct track *video, const struct track *audio,
    const struct media_trim *trim);
/* Sets action and reason. */
void plan_video(const struct media_plan *plan, const struct track *track,
    const AVCodecParameters *codec, const struct settings *settings, bool complex_edits,
    bool mirrored, struct media_report *report);
void plan_audio(const struct media_plan *plan, const struct track *track,
    const AVCodecParameters *codec, bool complex_edits, struct media_report *report);
/* At the first IDR at or after each multiple of segment_ms where the picture is copied (keys != NULL), else at the
 * multiples.  A tail of less than half a second is part of the segment before. */
void plan_cuts(struct media_plan *plan, const struct track *copied_video, int64_t segment_ms);

/* "HEVC (H.265)" for "hevc". */
const char *codec_in_words(const char *name);

#endif
