/*
 * What those who were in a group saw, and what of it counts for each: private to viewing/.
 *
 * Rule       the same as for everybody (coverage.h), of what the screen showed while the person was there.
 *            Only server time pays that has not counted for this person already, by their own players or
 *            in another group: one clock a person.  So their own credit and that of all groups together
 *            never exceeds server time x cap.
 * Anew       settling makes the group's rows from its showings and stays as they are now, so a withdrawal
 *            leaves no trace but its records, and a confirmation may come again.
 * Erased     who was erased stays as they are: no record is made of them any more.
 */
#ifndef LECTERN_VIEWING_GROUP_CREDIT_H
#define LECTERN_VIEWING_GROUP_CREDIT_H

#include "base/settings.h"
#include "store/db.h"

/* Why a group is settled; each goes into the evidence record of everybody who was there. */
struct group_event {
    const char *word;              /* "waiting", "confirmed", "refused", "withdrawn" */
    const char *reason, *staff_id; /* may be NULL */
};
/* Inside db_write.  The group has ended. */
bool group_settle(struct db_connection *connection, const struct settings *settings,
    const char *group_id, const struct group_event *event, struct problem *problem);

#endif
