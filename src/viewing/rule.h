/*
 * The rule of a cohort, in versions: what counts as watched there, and how much of it completes a
 * lecture.  A version is never changed.  A change makes the next one, with who made it and when,
 * and takes no completion away; each is on the evidence log from the moment it is made, so the
 * first one stands there before the program starts.
 *
 * Inside db_write or db_read, as said; the cohort was checked through permission_object().
 */
#ifndef LECTERN_VIEWING_RULE_H
#define LECTERN_VIEWING_RULE_H

#include "base/settings.h"
#include "store/db.h"
#include "viewing/completion.h"

#include <jansson.h>

/* The settings' presets, version 0: for a cohort that has no rule. */
struct completion_rule rule_preset(const struct settings *settings);
/* The newest of the cohort, or of the participant's cohort; else the preset, of version 0 (settings
 * NULL: with nothing else in it). */
bool rule_of_cohort(struct db_connection *connection, const struct settings *settings,
    const char *cohort_id, struct completion_rule *ret_rule, struct problem *problem);
bool rule_of_participant(struct db_connection *connection, const struct settings *settings,
    const char *participant_id, struct completion_rule *ret_rule, struct problem *problem);

/* {"version","threshold_percent","gap_ms_max","rate_cap_percent","real_time","seeking":"free"|"watched",
 *  "offline":"credit"|"hold","hidden_counts","muted_counts","silence_left_out"} */
json_t *rule_json(const struct completion_rule *rule);
/* Takes what an object of those members says (all may be left out: they stay as they are), but the
 * version.  PROBLEM_INVALID_FIELD names the member. */
bool rule_read_json(const json_t *body, struct completion_rule *rule, struct problem *problem);

/* {"rule": the newest, "versions":[{...,"made_at_ms","made_by":name|null}...]}, newest first.
 * made_by null: the operator, or whoever made the cohort. */
json_t *rule_history_json(struct db_connection *connection, const struct settings *settings,
    const char *cohort_id, struct problem *problem);
/* Inside db_write.  Puts the newest on the evidence log: for who made a cohort with its first one. */
bool rule_record(struct db_connection *connection, const struct settings *settings,
    const char *cohort_id, const char *staff_id, struct problem *problem);
/* Inside db_write.  Makes the next version, and completes what is complete by it; one that says what the newest says makes none.  seen:
 * the version that the person had before them (0: any); PROBLEM_CONFLICT where a newer one is
 * there.  staff_id NULL: the operator, from a shell. */
bool rule_change(struct db_connection *connection, const struct settings *settings,
    const char *cohort_id, const struct completion_rule *rule, int64_t seen, const char *staff_id,
    struct problem *problem);

#endif
