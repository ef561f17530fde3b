#include "media/previews.h"

#include "base/files.h"
#include "base/memory.h"
#include "media/poster.h"
#include "media/source.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavutil/imgutils.h>
#include <libavutil/mathematics.h>
#include <libswscale/swscale.h>
#include <stdlib.h>
#include <string.h>

enum {
    TICKS = 90000,
    POSTER_SIDE_MAX = 640,
    POSTER_QUALITY = 4, /* of libavcodec's scale from 1, the best, to 31 */
    SHEET_QUALITY = 6,
    MIDDLE = 128, /* of a colour difference: grey */
};

struct previews {
    int fd;
    struct preview_sizes sizes;
    struct poster choice;
    AVFrame *poster; /* the best seen */
    AVFrame *shown;  /* the last seen, which is on until the next one comes */
    AVFrame *thumbnail, *sheet;
    struct SwsContext *scaler; /* to thumbnails */
    int64_t placed;            /* thumbnails */
};

/* --- JPEG ------------------------------------------------------------------------------------- */

static AVFrame *new_picture(int width, int height)
{
    AVFrame *picture = av_frame_alloc();
    if (!picture)
        return NULL;
    picture->format = AV_PIX_FMT_YUVJ420P;
    picture->width = width;
    picture->height = height;
    picture->color_range = AVCOL_RANGE_JPEG;
    picture->colorspace = AVCOL_SPC_BT470BG;
    if (av_frame_get_buffer(picture, 0) < 0)
        av_frame_free(&picture);
    return picture;
}

/* JPEG has the matrix of BT.601 and all of the range (JFIF); video has less of that, and often another matrix. */
static struct SwsContext *new_scaler(const AVFrame *from, const AVFrame *to)
{
    struct SwsContext *scaler = sws_getContext(from->width, from->height, from->format, to->width,
        to->height, to->format, SWS_AREA | SWS_ACCURATE_RND, NULL, NULL, NULL);
    int one = 1 << 16;
    if (scaler)
        (void)sws_setColorspaceDetails(scaler, sws_getCoefficients((int)from->colorspace), 0,
            sws_getCoefficients(SWS_CS_ITU601), 1, 0, one, one);
    return scaler;
}

static int scale(struct SwsContext *scaler, const AVFrame *from, AVFrame *to)
{
    if (!scaler)
        return AVERROR(ENOMEM);
    return sws_scale(scaler, (const uint8_t *const *)from->data, from->linesize, 0, from->height,
        to->data, to->linesize);
}

static AVCodecContext *open_encoder(const AVFrame *picture, int quality)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    AVCodecContext *encoder = codec ? avcodec_alloc_context3(codec) : NULL;
    if (!encoder)
        return NULL;
    encoder->width = picture->width;
    encoder->height = picture->height;
    encoder->pix_fmt = picture->format;
    encoder->color_range = picture->color_range;
    encoder->time_base = (AVRational){ 1, TICKS };
    encoder->flags |= AV_CODEC_FLAG_QSCALE;
    encoder->global_quality = quality * FF_QP2LAMBDA;
    encoder->thread_count = 1;
    if (avcodec_open2(encoder, codec, NULL) < 0)
        avcodec_free_context(&encoder);
    return encoder;
}

static bool write_jpeg(
    int fd, AVFrame *picture, int quality, int64_t *ret_bytes, struct problem *problem)
{
    AVCodecContext *encoder = open_encoder(picture, quality);
    AVPacket *packet = av_packet_alloc();
    picture->quality = quality * FF_QP2LAMBDA;
    picture->pts = 0;
    int result = encoder && packet ? avcodec_send_frame(encoder, picture) : AVERROR(ENOMEM);
    if (result >= 0)
        result = avcodec_receive_packet(encoder, packet);
    bool written = false;
    if (result < 0)
        media_problem_from_av(problem, result, "encode a picture");
    else if (!file_write_all(fd, packet->data, (size_t)packet->size))
        problem_set_errno(problem, errno, "write a picture");
    else
        written = true;
    if (written)
        *ret_bytes = packet->size;
    av_packet_free(&packet);
    avcodec_free_context(&encoder);
    return written;
}

/* --- thumbnails ------------------------------------------------------------------------------- */

static void clear_sheet(AVFrame *sheet)
{
    for (int plane = 0; plane < 3; plane++)
        memset(sheet->data[plane], plane == 0 ? 0 : MIDDLE,
            (size_t)sheet->linesize[plane]
                * (size_t)(plane == 0 ? sheet->height : sheet->height / 2));
}

static void copy_onto_sheet(struct previews *previews)
{
    const struct thumbnails *grid = &previews->sizes.thumbnails;
    const AVFrame *from = previews->thumbnail;
    AVFrame *sheet = previews->sheet;
    int place = (int)(previews->placed % (grid->columns * grid->rows));
    for (int plane = 0; plane < 3; plane++) {
        int part = plane == 0 ? 1 : 2;
        int x = place % grid->columns * grid->width / part;
        int y = place / grid->columns * grid->height / part;
        av_image_copy_plane(sheet->data[plane] + (ptrdiff_t)y * sheet->linesize[plane] + x,
            sheet->linesize[plane], from->data[plane], from->linesize[plane], grid->width / part,
            grid->height / part);
    }
}

static bool open_sheet(struct previews *previews, struct problem *problem)
{
    const struct thumbnails *grid = &previews->sizes.thumbnails;
    previews->thumbnail = new_picture(grid->width, grid->height);
    previews->sheet = new_picture(grid->width * grid->columns, grid->height * grid->rows);
    if (!previews->thumbnail || !previews->sheet)
        return media_problem_from_av(problem, AVERROR(ENOMEM), "encode a picture");
    previews->scaler = new_scaler(previews->shown, previews->thumbnail);
    clear_sheet(previews->sheet);
    return true;
}

/* What is on is the thumbnail of this time. */
static bool place(struct previews *previews, struct problem *problem)
{
    const struct thumbnails *grid = &previews->sizes.thumbnails;
    int64_t on_sheet = (int64_t)grid->columns * grid->rows;
    if (!previews->sheet && !open_sheet(previews, problem))
        return false;
    int result = scale(previews->scaler, previews->shown, previews->thumbnail);
    if (result < 0)
        return media_problem_from_av(problem, result, "convert");
    copy_onto_sheet(previews);
    previews->placed++;
    if (previews->placed % on_sheet != 0 && previews->placed != grid->count)
        return true;
    int64_t *bytes = &previews->sizes.sheet_bytes[(previews->placed - 1) / on_sheet];
    bool written = write_jpeg(previews->fd, previews->sheet, SHEET_QUALITY, bytes, problem);
    clear_sheet(previews->sheet);
    return written;
}

/* Those whose time is before `until`. */
static bool place_until(struct previews *previews, int64_t until, struct problem *problem)
{
    const struct thumbnails *grid = &previews->sizes.thumbnails;
    int64_t interval = grid->interval_ms * (TICKS / 1000);
    while (previews->placed < grid->count && previews->placed * interval < until)
        if (!place(previews, problem))
            return false;
    return true;
}

/* --- all of them ------------------------------------------------------------------------------ */

struct previews *previews_open(int width, int height, int64_t duration_us, int fd)
{
    struct previews *previews = memory_zeroed(1, sizeof *previews);
    previews->fd = fd;
    previews->sizes.thumbnails = thumbnails_plan(width, height, duration_us / 1000);
    previews->poster = av_frame_alloc();
    previews->shown = av_frame_alloc();
    return previews;
}

static int keep(AVFrame *place, const AVFrame *frame)
{
    av_frame_unref(place);
    return av_frame_ref(place, frame);
}

bool previews_see(struct previews *previews, const AVFrame *frame, struct problem *problem)
{
    if (!previews->shown || !previews->poster)
        return media_problem_from_av(problem, AVERROR(ENOMEM), "encode a picture");
    if (previews->shown->buf[0] && !place_until(previews, frame->pts, problem))
        return false;
    int result = keep(previews->shown, frame);
    if (result >= 0 && poster_see(&previews->choice, frame))
        result = keep(previews->poster, frame);
    return result >= 0 || media_problem_from_av(problem, result, "encode a picture");
}

static bool write_poster(struct previews *previews, struct problem *problem)
{
    const AVFrame *from = previews->poster;
    int width, height;
    thumbnails_fit(from->width, from->height, POSTER_SIDE_MAX, &width, &height);
    AVFrame *picture = new_picture(width, height);
    struct SwsContext *scaler = picture ? new_scaler(from, picture) : NULL;
    int result = scale(scaler, from, picture);
    bool written = result >= 0 ? write_jpeg(previews->fd, picture, POSTER_QUALITY,
                       &previews->sizes.poster_bytes, problem)
                               : media_problem_from_av(problem, result, "convert");
    sws_freeContext(scaler);
    av_frame_free(&picture);
    return written;
}

bool previews_finish(struct previews *previews, struct problem *problem)
{
    return place_until(previews, INT64_MAX, problem) && write_poster(previews, problem);
}

const struct preview_sizes *previews_sizes(const struct previews *previews)
{
    return &previews->sizes;
}

void previews_close(struct previews *previews)
{
    if (!previews)
        return;
    av_frame_free(&previews->poster);
    av_frame_free(&previews->shown);
    av_frame_free(&previews->thumbnail);
    av_frame_free(&previews->sheet);
    sws_freeContext(previews->scaler);
    free(previews);
}
