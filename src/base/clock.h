/*
 * Time.  Instants are UTC milliseconds since 1970; deadlines and durations use the steady clock,
 * which no one can set back.
 */
#ifndef LECTERN_BASE_CLOCK_H
#define LECTERN_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/*
 * Server time: monotonic within a run and never below clock_not_before().  It follows the wall
 * clock forward; where the wall clock is set back it goes on at the steady clock's pace, so no
 * record is older than the one before it, and what grows with time does not stand still.
 * Safe from any thread.
 */
int64_t clock_now_ms(void);
/* Called once at start with the newest instant in the store. */
void clock_not_before(int64_t instant_ms);
/* The wall clock as it is; for HTTP dates and for noticing that it jumped. */
int64_t clock_wall_ms(void);
/* Milliseconds since an arbitrary moment; for deadlines. */
int64_t clock_steady_ms(void);
int64_t clock_steady_us(void); /* the same clock, finer */
/* The moment so far ahead on the same clock, for pthread_cond_timedwait() with CLOCK_MONOTONIC. */
struct timespec clock_steady_after(int64_t milliseconds);

enum { CLOCK_ISO_SIZE = 25, CLOCK_HTTP_SIZE = 30 };
/* "2026-11-22T11:55:51.123Z" */
void clock_format_iso(int64_t instant_ms, char ret_text[CLOCK_ISO_SIZE]);
/* "Sun, 22 Nov 2026 11:55:51 GMT" (RFC 9110 section 5.6.7) */
void clock_format_http(int64_t instant_ms, char ret_text[CLOCK_HTTP_SIZE]);

#endif
