#include "base/workers.h"
#include "../unit.h"

#include <event2/event.h>
#include <event2/thread.h>
#include <pthread.h>
#include <stdatomic.h>

enum { TASKS = 5000 };

struct round_trip {
    struct event_base *loop;
    struct mailbox *mailbox;
    _Atomic int worked;
    int delivered; /* on the loop only */
    pthread_t loop_thread;
};

static void deliver(void *data)
{
    struct round_trip *trip = data;
    assert_true(pthread_equal(pthread_self(), trip->loop_thread));
    if (++trip->delivered == TASKS)
        (void)event_base_loopbreak(trip->loop);
}

static void work(void *data)
{
    struct round_trip *trip = data;
    atomic_fetch_add(&trip->worked, 1);
    mailbox_post(trip->mailbox, deliver, trip);
}

static void every_task_comes_back_to_its_loop_once(void **state)
{
    (void)state;
    struct round_trip trip = { .loop = event_base_new(), .loop_thread = pthread_self() };
    trip.mailbox = mailbox_create(trip.loop);
    struct workers *workers = workers_start("test", 4, TASKS);
    assert_non_null(trip.mailbox);
    assert_non_null(workers);
    for (int i = 0; i < TASKS; i++)
        assert_true(workers_submit(workers, work, &trip));
    (void)event_base_loop(trip.loop, EVLOOP_NO_EXIT_ON_EMPTY);
    workers_stop(workers);
    mailbox_free(trip.mailbox);
    event_base_free(trip.loop);
    assert_int_equal(atomic_load(&trip.worked), TASKS);
    assert_int_equal(trip.delivered, TASKS);
}

struct gate {
    pthread_mutex_t lock;
    _Atomic int passed;
};

static void pass_gate(void *data)
{
    struct gate *gate = data;
    (void)pthread_mutex_lock(&gate->lock);
    (void)pthread_mutex_unlock(&gate->lock);
    atomic_fetch_add(&gate->passed, 1);
}

static void a_full_queue_refuses_and_stopping_finishes_the_rest(void **state)
{
    (void)state;
    struct gate gate = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct workers *workers = workers_start("test", 1, 3);
    int accepted = 0;
    (void)pthread_mutex_lock(&gate.lock);
    /* one may be with the thread already, three wait */
    for (int i = 0; i < 10; i++)
        accepted += workers_submit(workers, pass_gate, &gate);
    assert_in_range(accepted, 3, 4);
    assert_in_range(workers_queued(workers), 2, 3);
    (void)pthread_mutex_unlock(&gate.lock);
    workers_stop(workers);
    assert_int_equal(atomic_load(&gate.passed), accepted);
}

static void what_comes_after_the_end_of_work_is_refused(void **state)
{
    (void)state;
    struct gate gate = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct workers *workers = workers_start("test", 2, 3);
    assert_true(workers_submit(workers, pass_gate, &gate));
    workers_finish(workers);
    assert_int_equal(atomic_load(&gate.passed), 1);
    assert_false(workers_submit(workers, pass_gate, &gate));
    workers_finish(workers);
    workers_stop(workers);
    workers_finish(NULL);
    assert_int_equal(atomic_load(&gate.passed), 1);
}

static void a_mailbox_that_ends_delivers_what_waits(void **state)
{
    (void)state;
    struct round_trip trip = { .loop = event_base_new(), .loop_thread = pthread_self() };
    trip.mailbox = mailbox_create(trip.loop);
    mailbox_post(trip.mailbox, deliver, &trip);
    mailbox_free(trip.mailbox);
    event_base_free(trip.loop);
    assert_int_equal(trip.delivered, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_comes_back_to_its_loop_once),
        cmocka_unit_test(a_full_queue_refuses_and_stopping_finishes_the_rest),
        cmocka_unit_test(what_comes_after_the_end_of_work_is_refused),
        cmocka_unit_test(a_mailbox_that_ends_delivers_what_waits),
    };
    (void)evthread_use_pthreads();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
