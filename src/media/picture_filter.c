#include "media/picture_filter.h"

#include "base/text.h"

#include <inttypes.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>
#include <stdio.h>

enum { LONG_SIDE_MAX = 1280, SHORT_SIDE_MAX = 720, TICKS = 90000, CHAIN_BYTES_MAX = 500 };

static int even(double side)
{
    int rounded = (int)(side / 2 + 0.5) * 2;
    return rounded < 2 ? 2 : rounded;
}

void picture_fit(
    int width, int height, AVRational aspect, bool turned, int *ret_width, int *ret_height)
{
    double wide = width, high = height;
    double stretch = aspect.num > 0 && aspect.den > 0 ? av_q2d(aspect) : 1;
    if (stretch > 1.0 / 16 && stretch < 16)
        wide *= stretch;
    if (turned) {
        double swap = wide;
        wide = high;
        high = swap;
    }
    double longer = wide > high ? wide : high, shorter = wide > high ? high : wide;
    double factor = 1;
    if (longer * factor > LONG_SIDE_MAX)
        factor = LONG_SIDE_MAX / longer;
    if (shorter * factor > SHORT_SIDE_MAX)
        factor = SHORT_SIDE_MAX / shorter;
    *ret_width = even(wide * factor);
    *ret_height = even(high * factor);
}

void picture_filter_init(struct picture_filter *filter, int rotation_degrees, bool mirrored,
    bool may_interlace, int thread_count)
{
    *filter = (struct picture_filter){ .rotation_degrees = rotation_degrees,
        .mirrored = mirrored,
        .may_interlace = may_interlace,
        .thread_count = thread_count };
}

static void write_chain(const struct picture_filter *filter, bool deinterlace, struct text *chain)
{
    if (deinterlace)
        text_append_string(chain, "bwdif=mode=send_frame:deint=interlaced,");
    if (filter->mirrored)
        text_append_string(chain, "hflip,");
    if (filter->rotation_degrees == 90)
        text_append_string(chain, "transpose=dir=clock,");
    if (filter->rotation_degrees == 180)
        text_append_string(chain, "hflip,vflip,");
    if (filter->rotation_degrees == 270)
        text_append_string(chain, "transpose=dir=cclock,");
    text_printf(chain, "scale=w=%d:h=%d:flags=bicubic:out_range=tv,setsar=1,format=yuv420p",
        filter->width, filter->height);
}

static int make_source(struct picture_filter *filter, const AVFrame *frame)
{
    char arguments[200];
    AVRational aspect = frame->sample_aspect_ratio;
    (void)snprintf(arguments, sizeof arguments,
        "video_size=%dx%d:pix_fmt=%d:time_base=1/%d:pixel_aspect=%d/%d", frame->width,
        frame->height, frame->format, TICKS, aspect.num > 0 ? aspect.num : 1,
        aspect.den > 0 ? aspect.den : 1);
    int result = avfilter_graph_create_filter(
        &filter->source, avfilter_get_by_name("buffer"), "in", arguments, NULL, filter->graph);
    if (result < 0)
        return result;
    return avfilter_graph_create_filter(
        &filter->sink, avfilter_get_by_name("buffersink"), "out", NULL, NULL, filter->graph);
}

static int connect(struct picture_filter *filter, const char *chain)
{
    AVFilterInOut *outputs = avfilter_inout_alloc(), *inputs = avfilter_inout_alloc();
    int result = AVERROR(ENOMEM);
    if (outputs && inputs) {
        outputs->name = av_strdup("in");
        outputs->filter_ctx = filter->source;
        inputs->name = av_strdup("out");
        inputs->filter_ctx = filter->sink;
        if (outputs->name && inputs->name)
            result = avfilter_graph_parse_ptr(filter->graph, chain, &inputs, &outputs, NULL);
    }
    avfilter_inout_free(&outputs);
    avfilter_inout_free(&inputs);
    return result < 0 ? result : avfilter_graph_config(filter->graph, NULL);
}

static int make_graph(struct picture_filter *filter, const AVFrame *frame)
{
    avfilter_graph_free(&filter->graph);
    filter->graph = avfilter_graph_alloc();
    if (!filter->graph)
        return AVERROR(ENOMEM);
    filter->graph->nb_threads = filter->thread_count;
    filter->in_width = frame->width;
    filter->in_height = frame->height;
    filter->in_format = frame->format;
    filter->in_aspect = frame->sample_aspect_ratio;
    bool turned = filter->rotation_degrees % 180 != 0;
    if (filter->width == 0)
        picture_fit(frame->width, frame->height, frame->sample_aspect_ratio, turned, &filter->width,
            &filter->height);
    struct text chain;
    text_init(&chain, CHAIN_BYTES_MAX);
    write_chain(filter, filter->may_interlace || frame->interlaced_frame, &chain);
    int result = make_source(filter, frame);
    if (result >= 0)
        result = connect(filter, chain.bytes);
    text_release(&chain);
    return result;
}

static bool graph_fits(const struct picture_filter *filter, const AVFrame *frame)
{
    return filter->graph && filter->in_width == frame->width && filter->in_height == frame->height
           && filter->in_format == frame->format
           && av_cmp_q(filter->in_aspect, frame->sample_aspect_ratio) == 0;
}

int picture_filter_put(struct picture_filter *filter, AVFrame *frame)
{
    if (!graph_fits(filter, frame)) {
        /* The old graph gives what it holds, then the new one is made. */
        if (filter->graph) {
            filter->waiting = av_frame_alloc();
            if (!filter->waiting)
                return AVERROR(ENOMEM);
            av_frame_move_ref(filter->waiting, frame);
            return av_buffersrc_add_frame(filter->source, NULL);
        }
        int result = make_graph(filter, frame);
        if (result < 0)
            return result;
    }
    return av_buffersrc_add_frame(filter->source, frame);
}

int picture_filter_finish(struct picture_filter *filter)
{
    return filter->graph ? av_buffersrc_add_frame(filter->source, NULL) : AVERROR_EOF;
}

int picture_filter_get(struct picture_filter *filter, AVFrame *ret_frame)
{
    if (!filter->graph)
        return AVERROR_EOF;
    int result = av_buffersink_get_frame(filter->sink, ret_frame);
    if (result != AVERROR_EOF || !filter->waiting)
        return result;
    result = make_graph(filter, filter->waiting);
    if (result >= 0)
        result = av_buffersrc_add_frame(filter->source, filter->waiting);
    av_frame_free(&filter->waiting);
    return result < 0 ? result : av_buffersink_get_frame(filter->sink, ret_frame);
}

void picture_filter_release(struct picture_filter *filter)
{
    avfilter_graph_free(&filter->graph);
    av_frame_free(&filter->waiting);
}
