/*
 * The pace of each participant who is being served media: participant-bytes-per-second, over all
 * connections and loops.
 *
 * Bounded    PACES_MAX entries, in sets by the participant's id.  One that nobody is being served by
 *            makes room for another; where a set is full of participants at work, one more gets a
 *            pace of its own for each response.
 * Threads    any; a mutex is held for one look into a set.
 */
#ifndef LECTERN_API_PACES_H
#define LECTERN_API_PACES_H

#include "http/pace.h"

enum { PACES_MAX = 8192 };

struct paces;

/* NULL for 0: no limit, and no memory. */
struct paces *paces_create(int64_t bytes_per_second);
void paces_free(struct paces *paces); /* accepts NULL */
/* A reference for the caller, as exchange_pace() takes it. */
struct pace *paces_find(struct paces *paces, const char *participant_id);

#endif
