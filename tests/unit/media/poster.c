#include "media/poster.h"

#include "../unit.h"

#include <string.h>

enum { WIDTH = 320, HEIGHT = 180, TICKS = 90000, BLACK = 16, WHITE = 235 };

static uint8_t light[WIDTH * HEIGHT];

static void fill(int value)
{
    memset(light, value, sizeof light);
}

static void write_lines(int count, int value)
{
    for (int line = 0; line < count; line++)
        for (int y = 20 + line * 16; y < 24 + line * 16; y++)
            memset(light + y * WIDTH + 40, value, 160);
}

/* What a letter paints. */
static void paint(char kind)
{
    fill(kind == 'b' || kind == 'd' || kind == 'f' ? BLACK : WHITE);
    if (kind == 'g')
        fill(128);
    if (kind == 'n') /* the noise of a camera with its cap on */
        for (size_t i = 0; i < sizeof light; i++)
            light[i] = (uint8_t)(BLACK + i * 7 % 5);
    if (kind == 'f')
        write_lines(6, BLACK + 8);
    if (kind == 't' || kind == 's')
        write_lines(kind == 't' ? 1 : 6, 40);
    if (kind == 'd')
        write_lines(6, 200);
}

static AVFrame frame_at(int64_t ms)
{
    return (AVFrame){ .data = { light },
        .linesize = { WIDTH },
        .width = WIDTH,
        .height = HEIGHT,
        .pts = ms * (TICKS / 1000) };
}

/* The second whose picture is kept at the end; a letter a second, four pictures each. */
static int kept_second(const char *story)
{
    struct poster poster = { 0 };
    int kept = -1;
    for (int quarter = 0; quarter < (int)strlen(story) * 4; quarter++) {
        paint(story[quarter / 4]);
        AVFrame frame = frame_at(quarter * 250);
        if (poster_see(&poster, &frame))
            kept = quarter / 4;
    }
    return kept;
}

static void the_first_picture_that_shows_something_is_chosen(void **state)
{
    (void)state;
    /* b black, n black with noise, g grey, w white, f half faded in, t a title, s a slide, d a dark slide */
    static const struct {
        const char *story;
        int second;
    } cases[] = {
        { "ssss", 1 },
        { "bsss", 2 },
        { "bbnbgwwtts", 8 },
        { "bfdddss", 3 },
        { "bsbbddd", 5 }, /* a flash, then black again */
        { "bbbbs", 4 },   /* ends before there is a second look */
        { "bbtb", 2 },
        { "bbbb", 0 },
        { "nwgb", 0 },
        { "s", 0 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int second = kept_second(cases[i].story);
        if (second != cases[i].second)
            fail_msg("%s: %d, not %d", cases[i].story, second, cases[i].second);
    }
}

static void spread_tells_text_from_one_colour(void **state)
{
    (void)state;
    static const struct {
        char kind;
        int least, most;
    } cases[] = { { 'b', 0, 0 }, { 'w', 0, 0 }, { 'g', 0, 0 }, { 'n', 0, 3 }, { 'f', 0, 5 },
        { 't', 15, 40 }, { 's', 30, 90 }, { 'd', 30, 90 } };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        paint(cases[i].kind);
        AVFrame frame = frame_at(0);
        int spread = poster_spread(&frame);
        if (spread < cases[i].least || spread > cases[i].most)
            fail_msg("%c: %d", cases[i].kind, spread);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_picture_that_shows_something_is_chosen),
        cmocka_unit_test(spread_tells_text_from_one_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
