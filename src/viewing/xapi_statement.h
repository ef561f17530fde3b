/*
 * Viewing as statements of the Experience API (xAPI 1.0.3) by its Video Profile 1.0
 * (https://w3id.org/xapi/video), for learning record stores.  Pure; private to viewing/.
 *
 * Ids        are names of what a statement tells (UUID version 5, RFC 9562 section 5.5): who makes the
 *            same statement twice gets the same id, so that a store takes it once.
 * Who        an account at public-url whose name is the participant's id; the person's own name beside it
 *            only where the session holds one.  Never a mail address.
 * Order      initialized; then for each run seeked (where it begins elsewhere), played, paused; terminated.
 *            completed is the rule's word, apart from any run.
 */
#ifndef LECTERN_VIEWING_XAPI_STATEMENT_H
#define LECTERN_VIEWING_XAPI_STATEMENT_H

#include "base/problem.h"
#include "base/secure.h"
#include "viewing/spans.h"
#include "viewing/xapi.h"
#include "viewing/xapi_runs.h"

struct xapi_session {
    const char *public_url;  /* lent */
    char id[UUID_TEXT_SIZE]; /* of the play session; "": there was none */
    char participant_id[UUID_TEXT_SIZE], cohort_id[UUID_TEXT_SIZE], program_id[UUID_TEXT_SIZE];
    char lecture_id[UUID_TEXT_SIZE];
    char *name;             /* of the person; NULL: not to be told */
    char *title, *language; /* of the lecture */
    int64_t version;
    struct xapi_window window;
    int64_t threshold_percent; /* of the cohort's rule; 0: not known */
};
void xapi_session_release(struct xapi_session *session);

/* Parts of a session besides its runs. */
enum { XAPI_BEGINS = 1, XAPI_ENDS = 2 };
/* What was told of a session before, and then also the runs.  Its spans are the caller's to release. */
struct xapi_told {
    struct spans played;
    int64_t position_ms; /* where the last run ended; -1: there was none */
};
bool xapi_tell_runs(const struct xapi_session *session, const struct xapi_runs *runs,
    unsigned parts, struct xapi_told *told, const struct xapi_listener *listener,
    struct problem *problem);

struct xapi_completion {
    int64_t at_ms, credited_ms, duration_ms;
    const struct spans *credited; /* at that moment, on the clock of the session's version */
};
bool xapi_tell_completion(const struct xapi_session *session,
    const struct xapi_completion *completion, const struct xapi_listener *listener,
    struct problem *problem);

#endif
