/*
 * Threads for work that may wait (SQL, disk, password hashes), and the way back to an event loop.
 *
 *   loop thread:    workers_submit(pool, work, data)
 *   worker thread:  work(data) ... mailbox_post(mailbox, done, data)
 *   loop thread:    done(data)
 *
 * Ownership  workers_start() gives; workers_stop() finishes what was submitted, joins and frees.
 *            Where loops that may still submit are ended between, workers_finish() comes first.
 *            A mailbox belongs to the thread that runs its event_base, and is freed there after every pool
 *            that posts to it has stopped.
 * Limits     a pool's queue is bounded: submit returns false when it is full, and the caller answers "busy".
 *            A mailbox is not bounded: each message answers a submit, which was.
 */
#ifndef LECTERN_BASE_WORKERS_H
#define LECTERN_BASE_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

struct event_base;
struct workers;
struct mailbox;

struct workers *workers_start(const char *name, size_t thread_count, size_t queue_max);
bool workers_submit(struct workers *workers, void (*work)(void *data), void *data);
size_t workers_queued(struct workers *workers);
/* Finishes what was submitted and joins; from then on submit returns false.  Accepts NULL. */
void workers_finish(struct workers *workers);
void workers_stop(struct workers *workers);

/* NULL when the system gives no eventfd. */
struct mailbox *mailbox_create(struct event_base *loop);
/* From any thread.  Messages run on the loop in the order of posting. */
void mailbox_post(struct mailbox *mailbox, void (*deliver)(void *data), void *data);
/* Posted and not delivered; from any thread. */
size_t mailbox_waiting(struct mailbox *mailbox);
void mailbox_free(struct mailbox *mailbox);

#endif
