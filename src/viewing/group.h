/*
 * Group viewing: one screen, several people of a cohort (docs/groups.md).
 *
 * Life       the person whose link plays (the host) opens a group on their device, and the page shows a
 *            code of six digits.  Others of the same cohort type it on their own devices, and are there
 *            from then on until they leave or the group ends: by the host, by an organizer's decision,
 *            or group_idle_ms after the screen last showed something.  Nobody learns the others' names.
 * Shown      what the host's player reports from that device, was delivered there and had time to be
 *            played, with the server time in which it was (group_screen.h).
 * Credit     counts for the others only while an organizer's confirmation stands (group_credit.h); the
 *            host's own is theirs by their own player, whatever becomes of the group.
 * Record     each step is in the evidence log under "group", a record for each person it is about.
 */
#ifndef LECTERN_VIEWING_GROUP_H
#define LECTERN_VIEWING_GROUP_H

#include "access/caller.h"
#include "base/settings.h"
#include "store/db.h"

#include <jansson.h>

enum { GROUP_CODE_SIZE = 7, GROUP_SHOWINGS_MAX = 6000, GROUP_REASON_BYTES_MAX = 500 };

/* --- for participants --------------------------------------------------------------------------- */

/* Inside db_write.  Opens one on this device, or gives the one that is open a new code. */
bool group_open(struct db_connection *connection, const struct settings *settings,
    const struct caller *caller, struct problem *problem);
/* Inside db_write.  Is there, from now on; whoever was elsewhere leaves that.  PROBLEM_GROUP_CODE_UNKNOWN for a code
 * that opens no group of the caller's cohort; PROBLEM_CONFLICT for the host, and where group_people_max are there. */
bool group_join(struct db_connection *connection, const struct settings *settings,
    const struct caller *caller, const char *code, struct problem *problem);
/* Inside db_write.  Of this device's own group: it ends.  Else the caller leaves the one they are in.  In none: nothing is done. */
bool group_leave(struct db_connection *connection, const struct settings *settings,
    const struct caller *caller, struct problem *problem);
/* {"role":"host"|"guest","id","opened_at_ms","people": with the host,"code":"012345"|null,
 *  "code_until_ms"}, for a guest without the last two; null where the caller is in none. */
json_t *group_now_json(
    struct db_connection *connection, const struct caller *caller, struct problem *problem);

/* --- for everybody's record --------------------------------------------------------------------- */

/* Where somebody saw lectures with others, by lecture: {"<lecture>":[{"id","at_ms","people",
 * "state":"waiting"|"confirmed"|"refused","by":name|null,"reason":text|null}...]}. */
json_t *groups_of_participant_json(
    struct db_connection *connection, const char *participant_id, struct problem *problem);

/* --- for organizers ----------------------------------------------------------------------------- */

/* The cohort that a group is of; PROBLEM_NOT_FOUND.  What may be done is then asked of permission.h. */
bool group_cohort(struct db_connection *connection, const char *group_id,
    char ret_cohort_id[UUID_TEXT_SIZE], struct problem *problem);
/* Newest first: [{"id","host":{"id","name"},"opened_at_ms","closed_at_ms":int|null,
 *  "state":"open"|"waiting"|"confirmed"|"refused",
 *  "lectures":[{"id","shown_ms"}...],
 *  "people":[{"id","name","by":"code"|"organizer","present_ms"}...],
 *  "decisions":[{"verdict","reason","decided_at_ms","decided_by","ended_at_ms","ended_by"}...]}...] */
json_t *groups_of_cohort_json(
    struct db_connection *connection, const char *cohort_id, struct problem *problem);

/* Inside db_write, all of these.  staff_id NULL: the operator, from a shell.
 *
 * Confirms ("confirmed") or refuses ("refused", with a reason that those who were there read); ends the group if it is open, and the
 * decision before. */
bool group_decide(struct db_connection *connection, const struct settings *settings,
    const char *group_id, const char *verdict, const char *reason, const char *staff_id,
    struct problem *problem);
/* It waits again: what it credited is taken away, and completions that do not hold without it. */
bool group_withdraw(struct db_connection *connection, const struct settings *settings,
    const char *group_id, const char *staff_id, struct problem *problem);
/* Somebody who had no device of their own was there all the time; PROBLEM_NOT_FOUND for who is not of the cohort. */
bool group_add_person(struct db_connection *connection, const struct settings *settings,
    const char *group_id, const char *participant_id, const char *staff_id,
    struct problem *problem);
/* Was not there after all. */
bool group_remove_person(struct db_connection *connection, const struct settings *settings,
    const char *group_id, const char *participant_id, const char *staff_id,
    struct problem *problem);

/* Ends what has shown nothing for group_idle_ms; of all cohorts.  Not inside of a transaction; each hour and before
 * organizers look would do, each minute is what the server does. */
bool groups_end_idle(struct db *db, const struct settings *settings, struct problem *problem);

#endif
