/*
 * How well a line served somebody: the figures that players tell beside their requests (cmcd.h), summed a play
 * session.  The player's word: it explains ("it stalled for her"), and proves nothing; no credit depends on it.
 *
 * Kept       until the person is erased, whatever becomes of the deliveries themselves.
 * Store      the least that a player had in store leaves out starts and seeks, where it has nothing.
 * Rates      are counted in buckets an eighth apart at most from what was measured, so that a median needs no list.
 */
#ifndef LECTERN_VIEWING_QUALITY_H
#define LECTERN_VIEWING_QUALITY_H

#include "base/secure.h"
#include "store/db.h"
#include "viewing/delivery_log.h"

#include <jansson.h>

enum { QUALITY_BUCKETS = 128, QUALITY_RENDITIONS_MAX = 32 };

/* Sums of one play session; {0} with quality_init() has none. */
struct quality {
    int64_t first_at_ms, last_at_ms, deliveries, stalls;
    int64_t buffer_least_ms, throughput_least_kbps; /* -1: never told */
    int64_t throughput[QUALITY_BUCKETS];
    struct {
        char name[sizeof(((struct delivery *)0)->rendition)];
        int64_t deliveries;
    } renditions[QUALITY_RENDITIONS_MAX];
    size_t rendition_count;
};
void quality_init(struct quality *quality);
/* A delivery whose player told something. */
void quality_add(struct quality *quality, const struct delivery *delivery);
/* -1: never told. */
int64_t quality_median_kbps(const struct quality *quality);
size_t quality_bucket(int64_t kbps);

/* The play session that a delivery's player told, "" for none or for what is no id. */
const char *quality_session(const struct delivery *delivery);
/* Inside db_write: adds to the row of this participant, lecture, version and play session. */
bool quality_write(struct db_connection *connection, const struct delivery *of,
    const struct quality *quality, struct problem *problem);

/*
 * Inside db_read.  Of one person, [{"lecture_id","play_session"|null,"version","first_at_ms","last_at_ms",
 * "deliveries","stalls","buffer_least_ms"|null,"throughput_least_kbps"|null,"throughput_median_kbps"|null,
 * "renditions":{"v720":n,...}}...], newest last; lecture_id NULL: of all.
 */
json_t *quality_person_json(struct db_connection *connection, const char *participant_id,
    const char *lecture_id, struct problem *problem);
/* Of a cohort, a row a person and lecture, over all play sessions and versions: the same without "play_session" and "version", with
 * "participant_id", "name", "title" and "play_sessions".  Most stalls first.  PROBLEM_NOT_FOUND. */
json_t *quality_cohort_json(struct db_connection *connection, const char *cohort_id,
    const char *language, struct problem *problem);

#endif
