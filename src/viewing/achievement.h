/*
 * Who has completed all that a program demands of its cohort: what a certificate stands on.
 *
 * Demanded   what completed_all of a report counts (report.h): lectures that are required and published; where none is
 *            both, all that a report lists.
 * To come    what is required and not published yet, as long as the cohort has not closed: until then nobody has
 *            completed all, however much of it there is already.
 * Ownership  achievements_release() ends the list; {0} has none.
 */
#ifndef LECTERN_VIEWING_ACHIEVEMENT_H
#define LECTERN_VIEWING_ACHIEVEMENT_H

#include "base/secure.h"
#include "store/db.h"

struct achievement {
    char participant_id[UUID_TEXT_SIZE];
    int64_t demanded, completed, to_come; /* lectures */
    int64_t content_ms;                   /* of the demanded */
    int64_t completed_at_ms;              /* the last of the completed; 0: none */
};
struct achievements {
    struct achievement *items; /* by participant_id */
    size_t count, capacity;
};

/* Inside db_read or db_write.  Of a participant, or where that is NULL, of everybody in the cohort; whoever has been
 * erased is left out. */
bool achievements_read(struct db_connection *connection, const char *cohort_id,
    const char *participant_id, struct achievements *ret_achievements, struct problem *problem);
void achievements_release(struct achievements *achievements);

/* Pure.  NULL has completed nothing. */
bool achievement_is_complete(const struct achievement *achievement);
/* NULL: not in the list. */
const struct achievement *achievements_find(
    const struct achievements *achievements, const char *participant_id);

#endif
