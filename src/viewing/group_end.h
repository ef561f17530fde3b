/* The end of a group, and its records; private to viewing/.  Inside db_write. */
#ifndef LECTERN_VIEWING_GROUP_END_H
#define LECTERN_VIEWING_GROUP_END_H

#include "base/settings.h"
#include "store/db.h"

/* One that has ended already stays as it is. */
bool group_end(struct db_connection *connection, const struct settings *settings,
    const char *group_id, struct problem *problem);
/* An evidence record "group" of one person: "opened", "joined", "left", "added", "removed". */
bool group_record(struct db_connection *connection, const char *participant_id,
    const char *group_id, const char *event, const char *staff_id, struct problem *problem);

#endif
