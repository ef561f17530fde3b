#include "api/paces.h"

#include "../unit.h"
#include "base/secure.h"

#include <string.h>

static void a_participant_has_one_pace(void **state)
{
    (void)state;
    char first[UUID_TEXT_SIZE], second[UUID_TEXT_SIZE];
    secure_make_uuid(first);
    secure_make_uuid(second);
    struct paces *paces = paces_create(1000);
    struct pace *one = paces_find(paces, first), *same = paces_find(paces, first);
    struct pace *other = paces_find(paces, second);
    assert_ptr_equal(one, same);
    assert_ptr_not_equal(one, other);
    pace_charge(one, 5000, 0);
    pace_release(one);
    pace_release(same);
    pace_release(other);
    /* What it owes it owes still when it comes back. */
    one = paces_find(paces, first);
    assert_true(pace_wait_us(one, 0) > 0);
    pace_release(one);
    paces_free(paces);
}

static void more_participants_than_places_are_paced_all_the_same(void **state)
{
    (void)state;
    enum { MANY = 2 * PACES_MAX };
    static struct pace *held[MANY];
    struct paces *paces = paces_create(1000);
    for (size_t i = 0; i < MANY; i++) {
        char id[UUID_TEXT_SIZE];
        secure_make_uuid(id);
        held[i] = paces_find(paces, id);
        pace_charge(held[i], 5000, 0);
        assert_true(pace_wait_us(held[i], 0) > 0);
    }
    for (size_t i = 0; i < MANY; i++)
        pace_release(held[i]);
    paces_free(paces);
}

static void without_a_limit_there_is_nothing_to_keep(void **state)
{
    (void)state;
    assert_null(paces_create(0));
    paces_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_participant_has_one_pace),
        cmocka_unit_test(more_participants_than_places_are_paced_all_the_same),
        cmocka_unit_test(without_a_limit_there_is_nothing_to_keep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
