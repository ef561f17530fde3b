/*
 * Captions and chapters that a child found inside of a file (inner_tracks.h), as the parent takes them: no word of the
 * child's is trusted, and the captions go through the same reader as a stranger's file (captions.h).
 *
 * Written    captions/<language>.vtt, one a language (the first track of it), and chapters.json,
 *            {"chapters":[{"start_ms","title"}...]}, where there are any.
 * Bounds     JOB_TRACK_BYTES_MAX of captions a track; what comes later is left out.
 * Ownership  zeros to begin with; end with job_tracks_release().
 */
#ifndef LECTERN_MEDIA_JOB_TRACKS_H
#define LECTERN_MEDIA_JOB_TRACKS_H

#include "base/text.h"
#include "media/finding.h"
#include "media/inner_tracks.h"
#include "media/stream_language.h"

#include <jansson.h>

enum { JOB_TRACK_BYTES_MAX = 2 << 20 };

struct job_tracks {
    struct {
        char language[STREAM_LANGUAGE_SIZE];
        struct text text; /* SubRip without numbers */
    } captions[INNER_CAPTION_TRACKS_MAX];
    size_t count;
    json_t *chapters;
    struct finding left_out; /* captions that were too long; FINDING_NONE: there were none */
};

/* *ret_taken: the line was one of these. */
bool job_tracks_take(
    struct job_tracks *tracks, const json_t *line, bool *ret_taken, struct problem *problem);
/* Captions that cannot be read are left out. */
bool job_tracks_keep(const struct job_tracks *tracks, const char *folder, int64_t duration_ms,
    struct problem *problem);
void job_tracks_release(struct job_tracks *tracks);

#endif
