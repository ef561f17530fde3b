/*
 * The gains of sound whose peaks are limited: what the limiter takes from the loudness is given back.
 *
 * How        Where few peaks stand above the limit, one gain brings a track to the target within 1 LU, and nothing is done
 *            here (loudness_lost_centi()).  Else the track is decoded once more, measured behind the limiter, and the
 *            gain is raised by what is missing, three times at most; by SOUND_LEVEL_RAISE_CENTI at most, as sound that is
 *            nearly all limited is no better to hear than sound that is a little quiet.
 * After      as loudness_measure().
 */
#ifndef LECTERN_MEDIA_SOUND_LEVEL_H
#define LECTERN_MEDIA_SOUND_LEVEL_H

#include "media/sound_rung.h"

enum { SOUND_LEVEL_RAISE_CENTI = 1200 };

/* Of the rungs that sound_rungs_choose() gave for this loudness; gain_centi_max as there. */
bool sound_level(struct media_source *source, int stream, const struct loudness_stretch *stretch,
    const struct loudness *loudness, int gain_centi_max, struct sound_rung *rungs, size_t count,
    struct problem *problem);

#endif
