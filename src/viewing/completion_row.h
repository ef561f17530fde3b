/*
 * Completions as they are kept: made once, on the evidence log from that moment, and never taken
 * away, but for those that rested on a group whose confirmation was withdrawn.  Inside db_write.
 */
#ifndef LECTERN_VIEWING_COMPLETION_ROW_H
#define LECTERN_VIEWING_COMPLETION_ROW_H

#include "base/settings.h"
#include "store/db.h"
#include "viewing/completion.h"

struct completion {
    const char *participant_id, *lecture_id; /* lent */
    int64_t at_ms, rule_version, credited_ms, duration_ms;
    bool by_group; /* some of it was credited by a group (group_credit.h) */
};
/* The pair has none yet. */
bool completion_add(
    struct db_connection *connection, const struct completion *completion, struct problem *problem);

/* Asks the newest rule again, of whatever was watched and is not complete: after the rule changed,
 * or credit came without a heartbeat.  On the clocks of the lectures' current versions.  Of all of a
 * cohort, or of one participant. */
bool completion_review_cohort(struct db_connection *connection, const struct settings *settings,
    const char *cohort_id, struct problem *problem);
bool completion_review_participant(struct db_connection *connection,
    const struct settings *settings, const char *participant_id, struct problem *problem);
/* After credit by a group was taken away: what it had helped to complete, and is not complete by the newest
 * rule without it, ends. */
bool completion_review_groups(struct db_connection *connection, const struct settings *settings,
    const char *participant_id, struct problem *problem);

#endif
