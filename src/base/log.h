/*
 * The server's log: one line an event on standard error, "time level event key=value ..." (logfmt).
 * Library layers do not log; they return problems.  main, cli, api, and threads that nobody waits for, log.
 * Never pass a token, a query string or a mail address.  Control characters are escaped (\x0a); a value
 * that is not our own constant, number or id goes through log_quoted(), or it could forge pairs.
 * Safe from any thread: one write() a line.
 */
#ifndef LECTERN_BASE_LOG_H
#define LECTERN_BASE_LOG_H

#include "base/problem.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };
enum { LOG_QUOTED_SIZE = 2 * sizeof(((struct problem *)0)->detail) + 2 }; /* a whole detail fits */

void log_set_level(enum log_level least);
/* Whether an event of this level would be written. */
bool log_writes(enum log_level level);
/* debug, info, warning or error. */
bool log_level_named(const char *name, enum log_level *ret_level);
/* event is a short constant such as "listening"; the rest are "key=value" pairs, formatted. */
void log_event(enum log_level level, const char *event, const char *pairs_format, ...)
    __attribute__((format(printf, 3, 4)));
/* The value between quotes, with \" for a quote and \\ for a backslash in it; NULL is "".  Written to the
 * buffer, which is returned, and cut to fit. */
const char *log_quoted(char buffer[LOG_QUOTED_SIZE], const char *value);
void log_problem(enum log_level level, const char *event, const struct problem *problem);

#endif
