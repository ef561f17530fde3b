/*
 * What statements are made of, out of the store.  Private to viewing/; inside db_read or db_write.
 */
#ifndef LECTERN_VIEWING_XAPI_READ_H
#define LECTERN_VIEWING_XAPI_READ_H

#include "store/db.h"
#include "viewing/xapi_statement.h"

/* What is known of a play session: by session->id, or, for a completion, the last one of session->participant_id and
 * session->lecture_id that had begun by at_ms (and if there was none, without one).  public_url is set before; names: the
 * person's own too.  *ret_found: it is there, and its person is not erased.  End with xapi_session_release(), in any case. */
bool xapi_read_session(struct db_connection *connection, bool names, struct xapi_session *session,
    bool *ret_found, struct problem *problem);
bool xapi_read_last_session(struct db_connection *connection, bool names, int64_t at_ms,
    struct xapi_session *session, bool *ret_found, struct problem *problem);
/* Reads what was credited when it was completed, then tells of it. */
bool xapi_read_completion(struct db_connection *connection, bool names,
    struct xapi_session *session, struct xapi_completion *completion,
    const struct xapi_listener *listener, struct problem *problem);

#endif
