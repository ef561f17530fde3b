/*
 * From a probed file to packed renditions: one pass over its packets, each track copied or encoded as the plan says.
 */
#ifndef LECTERN_MEDIA_PACKAGE_H
#define LECTERN_MEDIA_PACKAGE_H

#include "media/probe.h"
#include "media/segment_table.h"

struct package_output {
    int video_fd, audio_fd;                       /* lent; written from where they stand */
    void (*progressed)(void *data, int permille); /* may be NULL; called when the figure grows */
    void *data;
};

struct package_result {
    bool has_video, has_audio;
    struct segment_table video, audio; /* the caller's, to be released */
};

bool media_package(struct media_probe *probe, const struct package_output *output,
    struct package_result *ret_result, struct problem *problem);
void package_result_release(struct package_result *result);

#endif
