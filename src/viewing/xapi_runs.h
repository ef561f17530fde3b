/*
 * What a play session played, as runs: beats that go on from one another are one, whatever the order in which they
 * came.  Pure; private to viewing/.
 *
 * One run    ends where the next beat begins elsewhere in the lecture, at another speed, or after a pause.
 * Times      are the player's own, within what the server knows of the play session: when it began, and when it was last
 *            heard of.
 * Left out   what lies beyond the lecture, signs of life, and claims that were credited nothing because they were never
 *            delivered or faster than time: forged ones are told to nobody.
 * Ownership  xapi_runs_release() ends the memory; {0} is empty.
 */
#ifndef LECTERN_VIEWING_XAPI_RUNS_H
#define LECTERN_VIEWING_XAPI_RUNS_H

#include "base/text.h"

#include <jansson.h>

/* So many are told at once, whether the play session has ended or not; a batch may add BEATS_MAX to it. */
enum { XAPI_RUNS_MAX = 500, XAPI_RUNS_TEXT_MAX = 1 << 20 };

struct xapi_run {
    int64_t seq; /* of its first beat */
    int64_t from_ms, to_ms;
    int64_t started_at_ms, ended_at_ms;
    int64_t rate_percent; /* -1: not told */
};
struct xapi_runs {
    struct xapi_run *items; /* by seq */
    size_t count, capacity;
};

/* One beat as it is stored. */
struct xapi_beat {
    int64_t seq, from_ms, to_ms;
    int64_t rate_percent, client_at_ms; /* -1: not told */
    int64_t credited_ms;
    const char *reasons; /* "undelivered too-fast" (coverage.h) */
};
struct xapi_window {
    int64_t length_ms;                         /* of the lecture's version */
    int64_t started_at_ms, last_contact_at_ms; /* of the play session */
};
void xapi_runs_add_beat(
    struct xapi_runs *runs, const struct xapi_beat *beat, const struct xapi_window *window);
void xapi_runs_release(struct xapi_runs *runs);

/* As a row keeps them, between what was told and what comes. */
void xapi_runs_write(const struct xapi_runs *runs, struct text *text);
bool xapi_runs_read(const char *json_text, struct xapi_runs *ret_runs);

#endif
