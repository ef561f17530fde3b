/*
 * The server's log: one line an event on standard error, "time level event key=value ..." (logfmt).
 * Library layers do not log; they return problems.  main, cli, api, and threads that nobody waits for, log.
 * Never pass a token, a query string or a mail address.  Control characters in values are escaped.
 * Safe from any thread: one write() a line.
 */
#ifndef LECTERN_BASE_LOG_H
#define LECTERN_BASE_LOG_H

#include "base/problem.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

void log_set_level(enum log_level least);
/* event is a short constant such as "listening"; the rest are "key=value" pairs, formatted. */
void log_event(enum log_level level, const char *event, const char *pairs_format, ...)
    __attribute__((format(printf, 3, 4)));
void log_problem(enum log_level level, const char *event, const struct problem *problem);

#endif
