/*
 * Decoded pictures made fit for encoding: deinterlaced where a picture is interlaced, turned upright, scaled down to fit
 * 1280 x 720 (or 720 x 1280) with square pixels and even sides, 8 bits 4:2:0.  Times pass unchanged, in 1/90000 s.
 *
 * The size is chosen by the first picture and stays; a picture of another size in the middle is fitted into it.
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
    int thread_count;
    AVFilterGraph *graph;
    AVFilterContext *source, *sink;
    int in_width, in_height, in_format; /* what the graph was made for */
    AVRational in_aspect;
    int width, height; /* what comes out; 0: not chosen yet */
    AVFrame *waiting;  /* for a graph that must be emptied first */
};

void picture_filter_init(struct picture_filter *filter, int rotation_degrees, bool mirrored,
    bool may_interlace, int thread_count);
int picture_filter_put(struct picture_filter *filter, AVFrame *frame);
int picture_filter_finish(struct picture_filter *filter);
/* AVERROR(EAGAIN): put more.  AVERROR_EOF: that was all. */
int picture_filter_get(struct picture_filter *filter, AVFrame *ret_frame);
void picture_filter_release(struct picture_filter *filter);

/* The largest even size within the bounds that keeps the shape; never larger than the picture. */
void picture_fit(
    int width, int height, AVRational aspect, bool turned, int *ret_width, int *ret_height);

#endif
