#include "media/slides.h"

#include "../unit.h"

#include <stdlib.h>
#include <string.h>

enum { WIDTH = 640, HEIGHT = 360, TICKS = 90000 };

static struct slides slides;
static uint8_t light[WIDTH * HEIGHT];

static void fill(int x, int y, int width, int height, int value)
{
    for (int row = y; row < y + height; row++)
        memset(light + row * WIDTH + x, value, (size_t)width);
}

static bool see_at(int64_t ms, bool cut)
{
    AVFrame frame = { .data = { light },
        .linesize = { WIDTH },
        .width = WIDTH,
        .height = HEIGHT,
        .pts = ms * (TICKS / 1000) };
    return slides_see(&slides, &frame, cut);
}

/* How many are taken while nothing changes. */
static int rest(int64_t from_ms, int64_t to_ms)
{
    int taken = 0;
    for (int64_t ms = from_ms; ms < to_ms; ms += 80)
        taken += see_at(ms, false);
    return taken;
}

static int begin(void **state)
{
    (void)state;
    memset(&slides, 0, sizeof slides);
    fill(0, 0, WIDTH, HEIGHT, 230);
    (void)see_at(0, true);
    return 0;
}

static void a_slide_is_taken_once_when_it_changes(void **state)
{
    (void)state;
    assert_int_equal(rest(80, 3000), 0);
    fill(100, 100, 300, 20, 30); /* a line of text */
    assert_int_equal(rest(3040, 8000), 1);
    fill(100, 140, 300, 20, 30);
    assert_int_equal(rest(8000, 12000), 1);
}

static void a_fade_is_taken_when_it_is_over(void **state)
{
    (void)state;
    int taken = 0;
    assert_int_equal(rest(80, 2000), 0);
    for (int i = 0; i <= 8; i++) {
        fill(0, 0, WIDTH, HEIGHT, 230 - i * 24);
        taken += see_at(2000 + i * 200, false);
    }
    /* each step is a change of the whole picture: it does not rest */
    assert_int_equal(taken, 0);
    assert_int_equal(rest(3840, 6000), 1);
}

static void a_mouse_and_a_small_head_are_no_slide(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        fill(0, 0, WIDTH, HEIGHT, 230);
        fill(20 + i * 5, 200, 12, 18, 0);
        fill(600, 300 + i % 3, 24, 12, i % 2 ? 80 : 120);
        assert_false(see_at(2000 + i * 80, false));
    }
}

static void a_camera_that_never_rests_gives_cuts_only(void **state)
{
    (void)state;
    unsigned random = 1;
    for (int i = 0; i < 100; i++) {
        for (int column = 0; column < 16; column++) {
            random = random * 1664525 + 1013904223;
            fill(column * 40, 0, 40, HEIGHT, (int)(random >> 24));
        }
        assert_int_equal(see_at(2000 + i * 80, i == 50), i == 50);
    }
}

static void at_most_one_a_second_is_taken(void **state)
{
    (void)state;
    int taken = 0;
    for (int second = 1; second <= 10; second++) {
        fill(0, 0, WIDTH, HEIGHT, second % 2 ? 40 : 230);
        taken += rest(second * 500, second * 500 + 500);
    }
    assert_in_range(taken, 3, 6);
}

static void a_picture_smaller_than_the_grid_is_seen(void **state)
{
    (void)state;
    AVFrame frame = { .data = { light }, .linesize = { WIDTH }, .width = 64, .height = 36 };
    memset(&slides, 0, sizeof slides);
    assert_true(slides_see(&slides, &frame, true));
    fill(0, 0, WIDTH, HEIGHT, 0);
    frame.pts = 2 * TICKS;
    assert_false(slides_see(&slides, &frame, false));
    frame.pts = 3 * TICKS;
    assert_true(slides_see(&slides, &frame, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_slide_is_taken_once_when_it_changes, begin),
        cmocka_unit_test_setup(a_fade_is_taken_when_it_is_over, begin),
        cmocka_unit_test_setup(a_mouse_and_a_small_head_are_no_slide, begin),
        cmocka_unit_test_setup(a_camera_that_never_rests_gives_cuts_only, begin),
        cmocka_unit_test_setup(at_most_one_a_second_is_taken, begin),
        cmocka_unit_test_setup(a_picture_smaller_than_the_grid_is_seen, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
