#include "media/picture_filter.h"

#include "base/text.h"
#include "media/ladder.h"

#include <inttypes.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>
#include <math.h>
#include <stdio.h>

enum { TICKS = 90000, CHAIN_BYTES_MAX = 800 };

void picture_shown_size(
    int width, int height, AVRational aspect, bool turned, double *ret_width, double *ret_height)
{
    double wide = width, high = height;
    double stretch = aspect.num > 0 && aspect.den > 0 ? av_q2d(aspect) : 1;
    if (stretch > 1.0 / 16 && stretch < 16)
        wide *= stretch;
    *ret_width = turned ? high : wide;
    *ret_height = turned ? wide : high;
}

/* Within half a hundredth the whole place is filled: sizes were rounded. */
static void fit_into(const struct picture_filter *filter, const AVFrame *frame, bool turned,
    int *ret_width, int *ret_height)
{
    double wide, high;
    picture_shown_size(
        frame->width, frame->height, frame->sample_aspect_ratio, turned, &wide, &high);
    double factor = fmin(filter->width / wide, filter->height / high);
    *ret_width = ladder_even_side(wide * factor);
    *ret_height = ladder_even_side(high * factor);
    if (*ret_width * 100 > filter->width * 98 && *ret_height * 100 > filter->height * 98) {
        *ret_width = filter->width;
        *ret_height = filter->height;
    }
}

static bool is_hdr(const AVFrame *frame)
{
    return frame->color_trc == AVCOL_TRC_SMPTE2084 || frame->color_trc == AVCOL_TRC_ARIB_STD_B67;
}

/* Light is linear while it is mapped.  What a file does not say of its colours is BT.2020, as HDR is.  1 stands for
 * 80 cd/m2, which brings a grey card to where it is in an ordinary picture (ITU-R BT.2408); what has 1,000 is white,
 * whatever the file claims of its brightest picture. */
static void write_tone_mapping(const AVFrame *frame, struct text *chain)
{
    text_printf(chain,
        "zscale=tin=%s:pin=%s:min=%s:t=linear:npl=80,format=gbrpf32le,zscale=p=bt709,"
        "tonemap=tonemap=hable:desat=0:peak=12.5,zscale=t=bt709:m=bt709:r=limited,",
        frame->color_trc == AVCOL_TRC_SMPTE2084 ? "smpte2084" : "arib-std-b67",
        frame->color_primaries == AVCOL_PRI_BT709 ? "bt709" : "bt2020",
        frame->colorspace == AVCOL_SPC_BT709 ? "bt709" : "bt2020nc");
}

static void write_chain(
    const struct picture_filter *filter, const AVFrame *frame, struct text *chain)
{
    bool turned = filter->rotation_degrees % 180 != 0;
    int width, height;
    fit_into(filter, frame, turned, &width, &height);
    if (filter->may_interlace || frame->interlaced_frame)
        text_append_string(chain, "bwdif=mode=send_frame:deint=interlaced,");
    /* Before it is turned, and before its tones are mapped: both cost by the pixel. */
    text_printf(chain, "scale=w=%d:h=%d:flags=bicubic%s,setsar=1,", turned ? height : width,
        turned ? width : height, is_hdr(frame) ? "" : ":out_range=tv");
    if (is_hdr(frame))
        write_tone_mapping(frame, chain);
    text_append_string(chain, "format=yuv420p");
    if (filter->mirrored)
        text_append_string(chain, ",hflip");
    if (filter->rotation_degrees == 90)
        text_append_string(chain, ",transpose=dir=clock");
    if (filter->rotation_degrees == 180)
        text_append_string(chain, ",hflip,vflip");
    if (filter->rotation_degrees == 270)
        text_append_string(chain, ",transpose=dir=cclock");
    if (width != filter->width || height != filter->height)
        text_printf(chain, ",pad=w=%d:h=%d:x=-1:y=-1", filter->width, filter->height);
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
    filter->in_transfer = frame->color_trc;
    struct text chain;
    text_init(&chain, CHAIN_BYTES_MAX);
    write_chain(filter, frame, &chain);
    int result = chain.overflowed ? AVERROR(EINVAL) : make_source(filter, frame);
    if (result >= 0)
        result = connect(filter, chain.bytes);
    text_release(&chain);
    return result;
}

static bool graph_fits(const struct picture_filter *filter, const AVFrame *frame)
{
    return filter->graph && filter->in_width == frame->width && filter->in_height == frame->height
           && filter->in_format == frame->format && filter->in_transfer == frame->color_trc
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

/* Deinterlacing counts in half ticks. */
static int get(struct picture_filter *filter, AVFrame *ret_frame)
{
    int result = av_buffersink_get_frame(filter->sink, ret_frame);
    if (result >= 0)
        ret_frame->pts = av_rescale_q(
            ret_frame->pts, av_buffersink_get_time_base(filter->sink), (AVRational){ 1, TICKS });
    return result;
}

int picture_filter_get(struct picture_filter *filter, AVFrame *ret_frame)
{
    if (!filter->graph)
        return AVERROR_EOF;
    int result = get(filter, ret_frame);
    if (result != AVERROR_EOF || !filter->waiting)
        return result;
    result = make_graph(filter, filter->waiting);
    if (result >= 0)
        result = av_buffersrc_add_frame(filter->source, filter->waiting);
    av_frame_free(&filter->waiting);
    return result < 0 ? result : get(filter, ret_frame);
}

void picture_filter_release(struct picture_filter *filter)
{
    avfilter_graph_free(&filter->graph);
    av_frame_free(&filter->waiting);
}
