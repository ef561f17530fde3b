/*
 * That names left the house is evidence, too: a record "disclosure" of the cohort, in the transaction that allows it
 * (docs/evidence.md).
 */
#ifndef LECTERN_VIEWING_DISCLOSURE_H
#define LECTERN_VIEWING_DISCLOSURE_H

#include "viewing/evidence.h"

/* Inside db_write.  what: a word such as "report"; staff_id: who, NULL from a shell; basis: what the names are
 * needed for, a line.  PROBLEM_NOT_FOUND where there is no such cohort. */
bool disclosure_note(struct db_connection *connection, const char *cohort_id, const char *what,
    const char *staff_id, const char *basis, struct problem *problem);

#endif
