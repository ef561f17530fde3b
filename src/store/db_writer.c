#include "store/db_writer.h"

#include "base/memory.h"
#include "store/db_backend.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

/* A commit that fails for a passing reason is tried this often. */
enum { COMMIT_ATTEMPTS_MAX = 3 };

struct waiting_write {
    struct waiting_write *next;
    db_function function;
    void *data;
    bool outside; /* of a transaction: never in a group */
    bool kept;    /* it ran, and was not rolled back */
    struct problem problem;
    /* Either a thread waits, and the struct is its own; or done is told, and the struct is freed.
     */
    sem_t *finished;
    void (*done)(void *data, bool durable, const struct problem *problem);
};

struct db_writer {
    struct db_connection *connection;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t submitted;
    struct waiting_write *first, *last;
    size_t waiting; /* in the queue or in the running group */
    bool stopping;
};

static bool run_function(struct db_connection *connection, struct waiting_write *write)
{
    problem_clear(&write->problem);
    return db_call(connection, write->function, write->data, &write->problem);
}

/* False when the transaction around the savepoint is lost. */
static bool run_in_savepoint(struct db_connection *connection, struct waiting_write *write)
{
    const struct db_backend *backend = connection->backend;
    struct problem problem = { 0 };
    if (!backend->savepoint(connection, &problem)) {
        write->problem = problem;
        return false;
    }
    write->kept = run_function(connection, write);
    if (!backend->in_transaction(connection))
        return false;
    return write->kept ? backend->savepoint_keep(connection, &write->problem)
                       : backend->savepoint_undo(connection, &problem);
}

/* A group of one needs no savepoint: the transaction serves. */
static bool run_alone(
    struct db_connection *connection, struct waiting_write *write, struct problem *problem)
{
    const struct db_backend *backend = connection->backend;
    if (write->outside) {
        write->kept = run_function(connection, write);
        return true;
    }
    if (!backend->begin(connection, problem))
        return false;
    write->kept = run_function(connection, write);
    if (write->kept && backend->commit(connection, problem))
        return true;
    backend->rollback(connection);
    return !write->kept; /* its own failure is an outcome, and not tried again */
}

/* True: each write knows its outcome.  False: nothing of the group is in the store; *problem says
 * why. */
static bool run_together(
    struct db_connection *connection, struct waiting_write *group, struct problem *problem)
{
    const struct db_backend *backend = connection->backend;
    bool intact = backend->begin(connection, problem);
    for (struct waiting_write *write = group; intact && write; write = write->next) {
        intact = run_in_savepoint(connection, write);
        if (!intact)
            *problem = write->problem;
    }
    if (intact && backend->commit(connection, problem))
        return true;
    backend->rollback(connection);
    return false;
}

static void commit_group(struct db_connection *connection, struct waiting_write *group)
{
    struct problem problem = { 0 };
    int attempt = 0;
    do {
        problem_clear(&problem);
        if (group->next ? run_together(connection, group, &problem)
                        : run_alone(connection, group, &problem))
            return;
    } while (problem.kind == PROBLEM_BUSY && ++attempt < COMMIT_ATTEMPTS_MAX);

    if (!group->next) {
        group->kept = false;
        group->problem = problem;
        return;
    }
    /* One of them may have broken the transaction, or they are too much for the disk together: each
     * alone, in the same order, so that nobody fails for another's fault. */
    for (struct waiting_write *write = group; write; write = write->next) {
        struct waiting_write *next = write->next;
        write->next = NULL;
        commit_group(connection, write);
        write->next = next;
    }
}

static void tell(struct waiting_write *group)
{
    while (group) {
        /* A waiting thread's struct is gone as soon as it is woken. */
        struct waiting_write *next = group->next;
        if (group->finished) {
            (void)sem_post(group->finished);
        } else {
            if (group->done)
                group->done(group->data, group->kept, &group->problem);
            free(group);
        }
        group = next;
    }
}

/* Cuts up to DB_GROUP_MAX off the queue's front: none, or else only one, that runs outside. */
static struct waiting_write *take_group(struct db_writer *writer, size_t *ret_count)
{
    struct waiting_write *group = writer->first, *end = group;
    size_t count = 1;
    for (; !group->outside && end->next && !end->next->outside && count < DB_GROUP_MAX;
         end = end->next)
        count++;
    writer->first = end->next;
    if (!writer->first)
        writer->last = NULL;
    end->next = NULL;
    *ret_count = count;
    return group;
}

static void *write_groups(void *data)
{
    struct db_writer *writer = data;
    (void)pthread_setname_np(pthread_self(), "store-writer");
    (void)pthread_mutex_lock(&writer->lock);
    for (;;) {
        while (!writer->first && !writer->stopping)
            (void)pthread_cond_wait(&writer->submitted, &writer->lock);
        if (!writer->first)
            break;
        size_t count;
        struct waiting_write *group = take_group(writer, &count);
        (void)pthread_mutex_unlock(&writer->lock);
        commit_group(writer->connection, group);
        (void)pthread_mutex_lock(&writer->lock);
        writer->waiting -= count;
        (void)pthread_mutex_unlock(&writer->lock);
        tell(group);
        (void)pthread_mutex_lock(&writer->lock);
    }
    (void)pthread_mutex_unlock(&writer->lock);
    return NULL;
}

static void submit(struct db_writer *writer, struct waiting_write *write)
{
    (void)pthread_mutex_lock(&writer->lock);
    if (writer->last)
        writer->last->next = write;
    else
        writer->first = write;
    writer->last = write;
    writer->waiting++;
    (void)pthread_cond_signal(&writer->submitted);
    (void)pthread_mutex_unlock(&writer->lock);
}

struct db_writer *db_writer_start(struct db_connection *connection, struct problem *problem)
{
    struct db_writer *writer = memory_zeroed(1, sizeof *writer);
    writer->connection = connection;
    (void)pthread_mutex_init(&writer->lock, NULL);
    (void)pthread_cond_init(&writer->submitted, NULL);
    int error_number = pthread_create(&writer->thread, NULL, write_groups, writer);
    if (error_number == 0)
        return writer;
    problem_set(problem, PROBLEM_STORAGE, "start the store's writer: %s", strerror(error_number));
    (void)pthread_cond_destroy(&writer->submitted);
    (void)pthread_mutex_destroy(&writer->lock);
    free(writer);
    return NULL;
}

void db_writer_stop(struct db_writer *writer)
{
    if (!writer)
        return;
    (void)pthread_mutex_lock(&writer->lock);
    writer->stopping = true;
    (void)pthread_cond_signal(&writer->submitted);
    (void)pthread_mutex_unlock(&writer->lock);
    (void)pthread_join(writer->thread, NULL);
    writer->connection->backend->disconnect(writer->connection);
    (void)pthread_cond_destroy(&writer->submitted);
    (void)pthread_mutex_destroy(&writer->lock);
    free(writer);
}

static bool run_and_wait(struct db_writer *writer, db_function function, void *data, bool outside,
    struct problem *problem)
{
    if (pthread_equal(pthread_self(), writer->thread))
        return problem_set(problem, PROBLEM_INTERNAL, "db_write inside of a db_write");
    sem_t finished;
    (void)sem_init(&finished, 0, 0);
    struct waiting_write write
        = { .function = function, .data = data, .outside = outside, .finished = &finished };
    submit(writer, &write);
    while (sem_wait(&finished) != 0 && errno == EINTR)
        ;
    (void)sem_destroy(&finished);
    if (!write.kept && !problem_is_set(problem))
        *problem = write.problem;
    return write.kept;
}

bool db_writer_run(
    struct db_writer *writer, db_function function, void *data, struct problem *problem)
{
    return run_and_wait(writer, function, data, false, problem);
}

bool db_writer_run_outside(
    struct db_writer *writer, db_function function, void *data, struct problem *problem)
{
    return run_and_wait(writer, function, data, true, problem);
}

void db_writer_submit(struct db_writer *writer, db_function function, void *data,
    void (*done)(void *data, bool durable, const struct problem *problem))
{
    struct waiting_write *write = memory_alloc(sizeof *write);
    *write = (struct waiting_write){ .function = function, .data = data, .done = done };
    submit(writer, write);
}

size_t db_writer_waiting(struct db_writer *writer)
{
    (void)pthread_mutex_lock(&writer->lock);
    size_t waiting = writer->waiting;
    (void)pthread_mutex_unlock(&writer->lock);
    return waiting;
}
