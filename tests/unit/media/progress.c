/* How far a pass has come. */
#include "../unit.h"

#include "media/progress.h"

static int told[64];
static size_t told_count;

static void note(void *data, int permille)
{
    (void)data;
    assert_true(told_count < COUNT_OF(told));
    told[told_count++] = permille;
}

static struct progress begin(bool measure, bool pictures, bool sound)
{
    struct progress progress = { .tell = note };
    const bool has[PROGRESS_PARTS] = {
        [PROGRESS_MEASURE] = measure, [PROGRESS_PICTURES] = pictures, [PROGRESS_SOUND] = sound
    };
    told_count = 0;
    progress_begin(&progress, has);
    return progress;
}

static void each_part_counts_by_its_share(void **state)
{
    (void)state;
    struct progress progress = begin(true, true, true);
    progress_at(&progress, PROGRESS_MEASURE, 50, 100);
    assert_in_range(progress.permille, 70, 80);
    progress_at(&progress, PROGRESS_MEASURE, 100, 100);
    progress_at(&progress, PROGRESS_PICTURES, 0, 100);
    assert_in_range(progress.permille, 145, 150);
    progress_at(&progress, PROGRESS_PICTURES, 100, 100);
    assert_in_range(progress.permille, 845, 850);
    progress_at(&progress, PROGRESS_SOUND, 100, 100);
    assert_int_equal(progress.permille, PROGRESS_PERMILLE_MOST);
}

static void a_part_that_is_not_there_counts_for_nothing(void **state)
{
    (void)state;
    struct progress progress = begin(true, false, true);
    progress_at(&progress, PROGRESS_MEASURE, 100, 100);
    assert_in_range(progress.permille, 499, 500);
    progress = begin(false, true, false);
    progress_at(&progress, PROGRESS_PICTURES, 1, 4);
    assert_in_range(progress.permille, 249, 250);
    progress_at(&progress, PROGRESS_SOUND, 100, 100);
    assert_int_equal(progress.permille, PROGRESS_PERMILLE_MOST);
    progress = begin(false, false, false);
    progress_at(&progress, PROGRESS_SOUND, 1, 1);
    assert_int_equal(told_count, 0);
}

static void the_figure_never_falls_and_is_told_once(void **state)
{
    (void)state;
    struct progress progress = begin(false, true, false);
    const int64_t positions[] = { -5, 0, 10, 10, 5, 40, 500, 100 };
    for (size_t i = 0; i < COUNT_OF(positions); i++)
        progress_at(&progress, PROGRESS_PICTURES, positions[i], 100);
    progress_at(&progress, PROGRESS_PICTURES, 1, 0);
    progress_at(NULL, PROGRESS_PICTURES, 1, 1);
    assert_int_equal(told_count, 3);
    assert_int_equal(told[0], 99);
    assert_int_equal(told[1], 399);
    assert_int_equal(told[2], PROGRESS_PERMILLE_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_part_counts_by_its_share),
        cmocka_unit_test(a_part_that_is_not_there_counts_for_nothing),
        cmocka_unit_test(the_figure_never_falls_and_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
