/*
 * The sound of a pass, made apart from the picture: a track is decoded to be measured, and once more to be encoded.
 *
 * FIRST  the recording's own: low always; high, unless it is copied together with the picture
 * REST   the tracks of the recording that are in other languages, named by their language
 * TRACK  an interpreter's
 *
 * Report what was measured and what is done about it goes into the probe's report.
 * After  the source must be rewound, and its streams selected.
 */
#ifndef LECTERN_MEDIA_SOUND_TRACKS_H
#define LECTERN_MEDIA_SOUND_TRACKS_H

#include "media/package.h"

enum { SOUND_TRACKS_MAX = 4 /* of other languages, out of one recording */ };

/* The sound that this pass is about, if any, and whether it may be copied: sets action, reason, loudness and gain. */
bool sound_tracks_measure(struct media_probe *probe, const struct job_task *task,
    struct progress *progress, struct problem *problem);
/* Adds to *result, writing from the output of that number on; after the picture, which may move the plan's cuts to its
 * own. */
bool sound_tracks_make(struct media_probe *probe, const struct job_task *task,
    const struct package_output *output, int first_output, struct package_result *result,
    struct problem *problem);

#endif
