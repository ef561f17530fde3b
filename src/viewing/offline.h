/*
 * Server time that counts for one person, pure: each moment once.
 *
 * A person's budget grows while one of their play sessions is in contact (contact.h).  Who plays on
 * without a line is out of contact, and their budget stands still; an offline grant (access/offline_grant.h)
 * proves that the play session had begun by then, so the time since can count after all.  `counted` is
 * what has counted already, by contact or by a grant: whatever number of play sessions, grants and
 * batches come back, in whatever order, the promise holds that nothing is credited faster than real
 * time x cap.
 *
 * Units      milliseconds of server time, but for content_ms.
 */
#ifndef LECTERN_VIEWING_OFFLINE_H
#define LECTERN_VIEWING_OFFLINE_H

#include "viewing/spans.h"

enum { COUNTED_STRETCHES_MAX = 64 };

/* Between a person's contacts.  Beyond COUNTED_STRETCHES_MAX the oldest two melt: what lies between
 * them, long ago, can count no more. */
void counted_time_add(struct spans *counted, int64_t from_ms, int64_t to_ms);

/* What a grant is worth now: the time from it to now, at most time_ms_max of it, that did not count yet. */
struct offline_window {
    int64_t from_ms, to_ms;
};
struct offline_window offline_window(int64_t granted_at_ms, int64_t now_ms, int64_t time_ms_max);
int64_t offline_time_left_ms(const struct spans *counted, struct offline_window window);
/* Lets so much time of the window count, from its beginning; what is `elsewhere` counts already, and stays
 * where it is. */
void offline_time_take(struct spans *counted, const struct spans *elsewhere,
    struct offline_window window, int64_t time_ms);

#endif
