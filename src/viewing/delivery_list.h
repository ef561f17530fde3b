/* Deliveries to one person, for whoever helps them: did it reach her, and how fast? */
#ifndef LECTERN_VIEWING_DELIVERY_LIST_H
#define LECTERN_VIEWING_DELIVERY_LIST_H

#include "base/problem.h"
#include "store/db.h"

#include <jansson.h>

/*
 * The last `most` of them, newest first, of one lecture or of all (NULL):
 * [{"at_ms","lecture_id","version","rendition","segment","start_ms","end_ms","status","bytes","whole",
 *   "first_byte_ms","last_byte_ms","client":{"session"|null,"buffer_ms"|null,"deadline_ms"|null,
 *   "throughput_kbps"|null,"bitrate_kbps"|null,"rate_percent"|null,"starved","startup"}|null}...]
 * client is what the player told (cmcd.h).  Inside db_read.  The table has no index, as it is written far
 * more often than read: a person of long ago takes a look at each row.  NULL: *problem is set.
 */
json_t *delivery_list_json(struct db_connection *connection, const char *participant_id,
    const char *lecture_id, int64_t most, struct problem *problem);

#endif
