/* High dynamic range on ordinary screens: greys and whites come out where people expect them. */
#include "../unit.h"

#include "media/picture_filter.h"

#include <libavutil/mastering_display_metadata.h>
#include <stdlib.h>

enum { SIDE = 64 };

/* A picture of 10 bits all of one grey: permille of the signal, as a studio counts (64 to 940). */
static AVFrame *grey(enum AVColorTransferCharacteristic transfer, int permille)
{
    AVFrame *frame = av_frame_alloc();
    assert_non_null(frame);
    frame->format = AV_PIX_FMT_YUV420P10LE;
    frame->width = frame->height = SIDE;
    frame->color_trc = transfer;
    frame->color_primaries = AVCOL_PRI_BT2020;
    frame->colorspace = AVCOL_SPC_BT2020_NCL;
    frame->color_range = AVCOL_RANGE_MPEG;
    assert_int_equal(av_frame_get_buffer(frame, 0), 0);
    for (int plane = 0; plane < 3; plane++)
        for (int row = 0; row < (plane == 0 ? SIDE : SIDE / 2); row++) {
            uint16_t *line = (uint16_t *)(frame->data[plane] + row * frame->linesize[plane]);
            for (int i = 0; i < (plane == 0 ? SIDE : SIDE / 2); i++)
                line[i] = (uint16_t)(plane == 0 ? 64 + permille * 876 / 1000 : 512);
        }
    return frame;
}

struct shown {
    int light, blue, red;
};

static struct shown show(AVFrame *frame)
{
    struct picture_filter filter = { .width = SIDE, .height = SIDE, .thread_count = 1 };
    AVFrame *out = av_frame_alloc();
    assert_true(picture_filter_put(&filter, frame) >= 0);
    assert_true(picture_filter_finish(&filter) >= 0);
    assert_true(picture_filter_get(&filter, out) >= 0);
    assert_int_equal(out->format, AV_PIX_FMT_YUV420P);
    struct shown shown = {
        .light = out->data[0][SIDE / 2 * out->linesize[0] + SIDE / 2],
        .blue = out->data[1][SIDE / 4 * out->linesize[1] + SIDE / 4],
        .red = out->data[2][SIDE / 4 * out->linesize[2] + SIDE / 4],
    };
    picture_filter_release(&filter);
    av_frame_free(&out);
    av_frame_free(&frame);
    return shown;
}

/* Reference levels of ITU-R BT.2408-7 table 1.  A grey card of 18 % is at 41 % of an ordinary signal (BT.709), which is
 * 106 of 16 to 235. */
static const struct level {
    const char *story;
    int pq, hlg; /* permille of the signal */
    int least, most;
} levels[] = {
    { "black", 0, 0, 16, 18 },
    { "a grey card", 380, 380, 100, 112 },
    { "paper", 580, 750, 175, 205 },
    { "a lamp of 1000 cd/m2", 752, 1000, 232, 235 },
};

static void assert_level(const struct level *level, const char *what, struct shown shown)
{
    print_message("%s, %s: %d\n", what, level->story, shown.light);
    if (shown.light < level->least || shown.light > level->most || abs(shown.blue - 128) > 1
        || abs(shown.red - 128) > 1)
        fail_msg("%s, %s: %d %d %d", what, level->story, shown.light, shown.blue, shown.red);
}

static void greys_are_shown_where_they_belong(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        assert_level(&levels[i], "PQ", show(grey(AVCOL_TRC_SMPTE2084, levels[i].pq)));
        assert_level(&levels[i], "HLG", show(grey(AVCOL_TRC_ARIB_STD_B67, levels[i].hlg)));
    }
}

/* What a file says of its brightest picture is often wrong, and is no reason for a darker middle. */
static void claims_of_brightness_do_not_move_them(void **state)
{
    (void)state;
    static const unsigned most[] = { 100, 400, 4000, 10000 };
    for (size_t i = 0; i < COUNT_OF(most); i++) {
        AVFrame *frame = grey(AVCOL_TRC_SMPTE2084, 380);
        AVContentLightMetadata *light = av_content_light_metadata_create_side_data(frame);
        assert_non_null(light);
        light->MaxCLL = most[i];
        assert_level(&levels[1], "with a claim", show(frame));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(greys_are_shown_where_they_belong),
        cmocka_unit_test(claims_of_brightness_do_not_move_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
