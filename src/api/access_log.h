/*
 * What is told of each answered request: a line of the access log (setting access-log), a warning
 * when it was slow by our own fault (slow-request-ms), and a warning when it failed (a status of 5xx).
 *
 * A loop never writes: it puts a record into a ring of its own, without a lock, and one thread
 * writes the lines.  The thread sleeps until there is something, then gathers for WRITE_EVERY_MS, so
 * a record costs the loop no system call.  A full ring drops the record and counts it.
 *
 * The file    is appended to, 0600.  The thread sees that it was renamed or removed and makes a new
 *             one, so that logrotate needs neither a signal nor copytruncate; a few lines may still
 *             come to the old one within WRITE_EVERY_MS.
 * Threads     access_log_note() on its loop; figures from any; start and stop by the owner, stop
 *             after the loops have ended.
 */
#ifndef LECTERN_API_ACCESS_LOG_H
#define LECTERN_API_ACCESS_LOG_H

#include "base/settings.h"
#include "http/exchange.h"

struct access_log;

/* PROBLEM_SETTING for a setting with an unknown word, or a file that cannot be opened. */
struct access_log *access_log_start(
    const struct settings *settings, size_t loop_count, struct problem *problem);
void access_log_note(struct access_log *log, size_t loop_index, const struct exchange *exchange,
    const struct exchange_outcome *outcome);
/* Another slow-request-ms, from any thread. */
void access_log_set_slow(struct access_log *log, int64_t slow_request_ms);
/* Records that found the ring full, and lines that could not be written. */
uint64_t access_log_dropped(struct access_log *log);
uint64_t access_log_slow(struct access_log *log); /* requests that were slow */
/* Writes what waits, then ends.  Accepts NULL. */
void access_log_stop(struct access_log *log);

#endif
