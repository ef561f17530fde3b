#include "base/workers.h"

#include "base/memory.h"

#include <event2/event.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct task {
    struct task *next;
    void (*run)(void *data);
    void *data;
};

struct queue {
    struct task *first, *last;
    size_t length;
};

static void queue_push(struct queue *queue, void (*run)(void *), void *data)
{
    struct task *task = memory_alloc(sizeof *task);
    *task = (struct task){ .run = run, .data = data };
    if (queue->last)
        queue->last->next = task;
    else
        queue->first = task;
    queue->last = task;
    queue->length++;
}

static struct task *queue_pop(struct queue *queue)
{
    struct task *task = queue->first;
    if (!task)
        return NULL;
    queue->first = task->next;
    if (!queue->first)
        queue->last = NULL;
    queue->length--;
    return task;
}

static void run_and_free(struct task *task)
{
    task->run(task->data);
    free(task);
}

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct queue queue;
    size_t queue_max;
    bool stopping;
    char name[16];
    size_t thread_count;
    pthread_t threads[];
};

static void *work(void *data)
{
    struct workers *workers = data;
    (void)pthread_setname_np(pthread_self(), workers->name);
    (void)pthread_mutex_lock(&workers->lock);
    for (;;) {
        struct task *task = queue_pop(&workers->queue);
        if (task) {
            (void)pthread_mutex_unlock(&workers->lock);
            run_and_free(task);
            (void)pthread_mutex_lock(&workers->lock);
        } else if (workers->stopping) {
            break;
        } else {
            (void)pthread_cond_wait(&workers->changed, &workers->lock);
        }
    }
    (void)pthread_mutex_unlock(&workers->lock);
    return NULL;
}

struct workers *workers_start(const char *name, size_t thread_count, size_t queue_max)
{
    struct workers *workers
        = memory_zeroed(1, sizeof *workers + thread_count * sizeof workers->threads[0]);
    (void)pthread_mutex_init(&workers->lock, NULL);
    (void)pthread_cond_init(&workers->changed, NULL);
    workers->queue_max = queue_max;
    (void)snprintf(workers->name, sizeof workers->name, "%s", name);
    for (; workers->thread_count < thread_count; workers->thread_count++)
        if (pthread_create(&workers->threads[workers->thread_count], NULL, work, workers) != 0)
            break;
    if (workers->thread_count == 0) {
        workers_stop(workers);
        return NULL;
    }
    return workers;
}

bool workers_submit(struct workers *workers, void (*run)(void *data), void *data)
{
    (void)pthread_mutex_lock(&workers->lock);
    bool room = !workers->stopping && workers->queue.length < workers->queue_max;
    if (room) {
        queue_push(&workers->queue, run, data);
        (void)pthread_cond_signal(&workers->changed);
    }
    (void)pthread_mutex_unlock(&workers->lock);
    return room;
}

size_t workers_queued(struct workers *workers)
{
    (void)pthread_mutex_lock(&workers->lock);
    size_t length = workers->queue.length;
    (void)pthread_mutex_unlock(&workers->lock);
    return length;
}

void workers_finish(struct workers *workers)
{
    if (!workers)
        return;
    (void)pthread_mutex_lock(&workers->lock);
    workers->stopping = true;
    (void)pthread_cond_broadcast(&workers->changed);
    (void)pthread_mutex_unlock(&workers->lock);
    for (size_t i = 0; i < workers->thread_count; i++)
        (void)pthread_join(workers->threads[i], NULL);
    workers->thread_count = 0;
}

void workers_stop(struct workers *workers)
{
    if (!workers)
        return;
    workers_finish(workers);
    (void)pthread_cond_destroy(&workers->changed);
    (void)pthread_mutex_destroy(&workers->lock);
    free(workers);
}

struct mailbox {
    pthread_mutex_t lock;
    struct queue queue;
    int wake_fd;
    struct event *woken;
};

static void deliver_all(evutil_socket_t fd, short what, void *data)
{
    (void)what;
    struct mailbox *mailbox = data;
    uint64_t count;
    ssize_t ignored = read(fd, &count, sizeof count);
    (void)ignored;
    (void)pthread_mutex_lock(&mailbox->lock);
    struct queue arrived = mailbox->queue;
    mailbox->queue = (struct queue){ 0 };
    (void)pthread_mutex_unlock(&mailbox->lock);
    struct task *task;
    while ((task = queue_pop(&arrived)))
        run_and_free(task);
}

struct mailbox *mailbox_create(struct event_base *loop)
{
    struct mailbox *mailbox = memory_zeroed(1, sizeof *mailbox);
    (void)pthread_mutex_init(&mailbox->lock, NULL);
    mailbox->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (mailbox->wake_fd >= 0)
        mailbox->woken
            = event_new(loop, mailbox->wake_fd, EV_READ | EV_PERSIST, deliver_all, mailbox);
    if (!mailbox->woken || event_add(mailbox->woken, NULL) != 0) {
        mailbox_free(mailbox);
        return NULL;
    }
    return mailbox;
}

void mailbox_post(struct mailbox *mailbox, void (*deliver)(void *data), void *data)
{
    (void)pthread_mutex_lock(&mailbox->lock);
    bool first = mailbox->queue.length == 0;
    queue_push(&mailbox->queue, deliver, data);
    (void)pthread_mutex_unlock(&mailbox->lock);
    /* Only the first of a burst wakes the loop: it takes all that is there. */
    if (first) {
        uint64_t one = 1;
        ssize_t ignored = write(mailbox->wake_fd, &one, sizeof one);
        (void)ignored;
    }
}

size_t mailbox_waiting(struct mailbox *mailbox)
{
    (void)pthread_mutex_lock(&mailbox->lock);
    size_t waiting = mailbox->queue.length;
    (void)pthread_mutex_unlock(&mailbox->lock);
    return waiting;
}

void mailbox_free(struct mailbox *mailbox)
{
    if (!mailbox)
        return;
    struct task *task;
    while ((task = queue_pop(&mailbox->queue)))
        run_and_free(task);
    if (mailbox->woken)
        event_free(mailbox->woken);
    if (mailbox->wake_fd >= 0)
        (void)close(mailbox->wake_fd);
    (void)pthread_mutex_destroy(&mailbox->lock);
    free(mailbox);
}
