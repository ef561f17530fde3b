/*
 * Decoded pictures made fit for encoding: deinterlaced where a picture is interlaced, HDR brought to what ordinary screens
 * show, turned upright, scaled to one size with square pixels, 8 bits 4:2:0.  Times pass unchanged, in 1/90000 s.
 *
 * A picture of another shape in the middle is fitted into the same size, with black beside it.
 * Results are libav's error codes.
 */
#ifndef LECTERN_MEDIA_PICTURE_FILTER_H
#define LECTERN_MEDIA_PICTURE_FILTER_H

#include <libavfilter/avfilter.h>
#include <libavutil/frame.h>
#include <stdbool.h>

struct picture_filter {
    int rotation_degrees; /* clockwise */
    bool mirrored, may_interlace;
    int width, height; /* what comes out, upright; even */
    int thread_count;
    AVFilterGraph *graph;
    AVFilterContext *source, *sink;
    int in_width, in_height, in_format; /* what the graph was made for */
    AVRational in_aspect;
    enum AVColorTransferCharacteristic in_transfer;
    AVFrame *waiting; /* for a graph that must be emptied first */
};

/* The members before `graph` are set by the caller, the others 0. */
int picture_filter_put(struct picture_filter *filter, AVFrame *frame);
int picture_filter_finish(struct picture_filter *filter);
/* AVERROR(EAGAIN): put more.  AVERROR_EOF: that was all. */
int picture_filter_get(struct picture_filter *filter, AVFrame *ret_frame);
void picture_filter_release(struct picture_filter *filter);

/* How a picture is shown, in square pixels. */
void picture_shown_size(
    int width, int height, AVRational aspect, bool turned, double *ret_width, double *ret_height);

#endif
