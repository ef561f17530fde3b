/*
 * A new version of a lecture that is ready: from another file, or with its ends trimmed.  The lecture keeps its link, its
 * titles, its place in programs; what people watched, captions and chapters go along with their content, as the timeline
 * says (media/timeline.h).  The version before is served as long as somebody plays it (old_versions.h).
 *
 * Way        version_order_place() in the transaction that queues the job; version_carry() with what the job's first pass
 *            made, before anybody sees it; version_settle() in the transaction that publishes it.
 */
#ifndef LECTERN_CATALOG_LECTURE_VERSION_H
#define LECTERN_CATALOG_LECTURE_VERSION_H

#include "base/settings.h"
#include "catalog/job_queue.h"
#include "media/plan.h"
#include "media/timeline.h"

struct version_order {
    const char *lecture_id;
    const char *file_name; /* of another file; NULL for a trim */
    const char *timeline;  /* as text (media/timeline.h); NULL where trim says it */
    struct media_trim
        trim; /* what is kept of the current version, on its clock; both 0: another file */
};

/* Inside db_write.  Sets the job's lecture, version and parameters, and stores the timeline.  base: what of its recording the
 * current version shows.  PROBLEM_NOT_FOUND, PROBLEM_INVALID_FIELD, PROBLEM_CONFLICT with a sentence where the lecture is not
 * ready, or another new version is being prepared. */
bool version_order_place(struct db_connection *connection, const struct version_order *order,
    const struct media_trim *base, struct job *job, struct problem *problem);

/* Whether that may be placed now, of another file; the same problems. */
bool version_order_check(struct db *db, const struct version_order *order, struct problem *problem);

/* The current version of a lecture; PROBLEM_NOT_FOUND, PROBLEM_CONFLICT where it is not ready. */
bool version_current(
    struct db *db, const char *lecture_id, int64_t *ret_version, struct problem *problem);
/* What of its recording a version shows; both 0: all. */
bool version_trim_read(const struct settings *settings, const char *lecture_id, int64_t version,
    struct media_trim *ret_trim, struct problem *problem);

/* Inside db_read or db_write: how the job's version follows from the one before it. */
bool version_timeline_read(struct db_connection *connection, const struct job *job,
    struct media_timeline *ret_timeline, struct problem *problem);
/* Writes the captions of the version before into the draft of this one, where the draft has none of that language. */
bool version_carry(struct db *db, const struct settings *settings, const struct job *job,
    const char *draft, int64_t duration_ms, struct problem *problem);
/* Inside db_write, once the version's row is there: the timeline ends with the version, captions that came to nothing leave the
 * list, and sharper pictures of the version before are made no longer. */
bool version_settle(struct db_connection *connection, const struct job *job,
    const struct media_version *made, struct problem *problem);

#endif
