/*
 * From a probed file to packed renditions: one run over its packets, which gives all that the task asks for.
 */
#ifndef LECTERN_MEDIA_PACKAGE_H
#define LECTERN_MEDIA_PACKAGE_H

#include "media/job_task.h"
#include "media/previews.h"
#include "media/probe.h"
#include "media/progress.h"
#include "media/segment_table.h"

/* Descriptors from first_fd on, lent; each written from where it stands. */
struct package_output {
    int first_fd, count;
    struct progress *progress; /* lent; may be NULL */
};

struct package_result {
    struct {
        struct segment_table table;
        int output; /* counted from first_fd */
    } renditions[MEDIA_MADE_MAX];
    size_t count;
    struct preview_sizes previews; /* of a first pass that decodes pictures */
    int previews_output;           /* below 0: none */
};

/* On success *ret_result is the caller's, to be released. */
bool media_package(struct media_probe *probe, const struct job_task *task,
    const struct package_output *output, struct package_result *ret_result,
    struct problem *problem);
void package_result_release(struct package_result *result);

#endif
