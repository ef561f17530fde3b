#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "access/deny_list.h"

#include <pthread.h>

static const char *name(char id[UUID_TEXT_SIZE], unsigned number)
{
    (void)snprintf(id, UUID_TEXT_SIZE, "%08x-0000-7000-8000-000000000000", number);
    return id;
}

/* How many others it takes before it is full. */
static size_t room(struct deny_list *list, int64_t now_ms)
{
    enum { OTHERS = 1000000 };
    char id[UUID_TEXT_SIZE];
    size_t count = 0;
    while (deny_add(list, name(id, (unsigned)(OTHERS + count)), now_ms, now_ms + 1000))
        count++;
    return count;
}

static void an_entry_stays_for_its_time(void **state)
{
    (void)state;
    char one[UUID_TEXT_SIZE], two[UUID_TEXT_SIZE];
    struct deny_list *list = deny_list_create();
    assert_false(deny_contains(list, name(one, 1), 0));
    assert_true(deny_add(list, one, 0, 1000));
    assert_true(deny_contains(list, one, 999));
    assert_false(deny_contains(list, one, 1000));
    assert_false(deny_contains(list, name(two, 2), 0));
    assert_true(deny_add(list, one, 0, 500)); /* never shortened */
    assert_true(deny_contains(list, one, 999));
    assert_true(deny_add(list, one, 0, 2000));
    assert_true(deny_contains(list, one, 1999));
    assert_int_equal(room(list, 0), DENY_LIST_MAX - 1); /* it is there once */
    deny_list_free(list);
}

static void many_are_all_found(void **state)
{
    (void)state;
    char id[UUID_TEXT_SIZE];
    struct deny_list *list = deny_list_create();
    for (unsigned i = 0; i < 5000; i++)
        assert_true(deny_add(list, name(id, i), 0, 1000));
    for (unsigned i = 0; i < 10000; i++)
        assert_int_equal(deny_contains(list, name(id, i), 1), i < 5000);
    deny_list_free(list);
}

static void what_is_over_makes_room(void **state)
{
    (void)state;
    char id[UUID_TEXT_SIZE];
    struct deny_list *list = deny_list_create();
    for (unsigned i = 0; i < 200000; i++) /* each lives while a hundred others come */
        assert_true(deny_add(list, name(id, i), i, i + 100));
    assert_true(deny_contains(list, name(id, 199999), 200000));
    assert_true(deny_contains(list, name(id, 199950), 200000));
    deny_list_free(list);
}

static void past_its_bound_it_says_so(void **state)
{
    (void)state;
    char id[UUID_TEXT_SIZE];
    struct deny_list *list = deny_list_create();
    for (unsigned i = 0; i < DENY_LIST_MAX; i++)
        assert_true(deny_add(list, name(id, i), 0, 1000));
    assert_false(deny_add(list, name(id, DENY_LIST_MAX), 0, 1000));
    assert_true(deny_add(list, name(id, 7), 0, 1000)); /* known ones are no trouble */
    assert_true(deny_contains(list, name(id, DENY_LIST_MAX - 1), 999));
    assert_true(deny_add(list, name(id, DENY_LIST_MAX), 1000, 2000));
    assert_int_equal(room(list, 1000), DENY_LIST_MAX - 1);
    deny_list_free(list);
}

struct shared {
    struct deny_list *list;
    unsigned first;
};

static void *add_and_look(void *data)
{
    const struct shared *shared = data;
    char id[UUID_TEXT_SIZE];
    for (unsigned i = 0; i < 2000; i++) {
        (void)deny_add(shared->list, name(id, shared->first + i), 0, 1000);
        if (!deny_contains(shared->list, id, 1))
            return NULL;
        (void)deny_contains(shared->list, name(id, 2000 - i), 1);
    }
    return data;
}

static void whoever_denied_sees_it_denied_at_once(void **state)
{
    (void)state;
    pthread_t threads[4];
    struct shared shared[4];
    struct deny_list *list = deny_list_create();
    for (unsigned i = 0; i < 4; i++) {
        shared[i] = (struct shared){ list, i * 1000 };
        assert_int_equal(pthread_create(&threads[i], NULL, add_and_look, &shared[i]), 0);
    }
    for (unsigned i = 0; i < 4; i++) {
        void *done;
        assert_int_equal(pthread_join(threads[i], &done), 0);
        assert_non_null(done);
    }
    assert_int_equal(room(list, 0), DENY_LIST_MAX - 5000);
    deny_list_free(list);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_stays_for_its_time),
        cmocka_unit_test(many_are_all_found),
        cmocka_unit_test(what_is_over_makes_room),
        cmocka_unit_test(past_its_bound_it_says_so),
        cmocka_unit_test(whoever_denied_sees_it_denied_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
