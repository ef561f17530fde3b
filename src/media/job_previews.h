/*
 * The poster and the sheets of thumbnails as the parent takes them from a child: parted by the sizes that it told, and
 * found to be JPEG from their first marker to their last.
 *
 * Written    poster.jpg, thumbnails.json, thumbnails-<n>.jpg, synced.
 */
#ifndef LECTERN_MEDIA_JOB_PREVIEWS_H
#define LECTERN_MEDIA_JOB_PREVIEWS_H

#include "media/job_outputs.h"
#include "media/previews.h"

#include <jansson.h>

struct job_previews {
    bool told;
    int output;
    struct preview_sizes sizes;
};

/* The child's side: the line. */
json_t *job_previews_to_json(const struct preview_sizes *sizes, int output);
/* *ret_taken: the line was this one. */
bool job_previews_take(
    struct job_previews *previews, const json_t *line, bool *ret_taken, struct problem *problem);
/* Does nothing where none were told. */
bool job_previews_keep(const struct job_previews *previews, const struct job_outputs *outputs,
    struct problem *problem);

#endif
