/*
 * Whether the disk has room for a pass.  The store needs some beside it: a disk that media have filled
 * takes no heartbeat.  Safe from any thread; job_room_free_bytes() asks the file system.
 */
#ifndef LECTERN_CATALOG_JOB_ROOM_H
#define LECTERN_CATALOG_JOB_ROOM_H

#include "base/settings.h"
#include "catalog/job_queue.h"
#include "media/report.h"

/* What media may still fill: without disk-reserve-bytes, of which a small disk keeps a sixteenth of
 * itself.  INT64_MAX where the file system does not say. */
int64_t job_room_free_bytes(const struct settings *settings);
/* What a pass over a file with this report will write, at most: by the rungs of the ladder that it makes.  report NULL:
 * nothing is known yet. */
int64_t job_room_needed_bytes(
    const struct settings *settings, enum job_pass pass, const struct media_report *report);

#endif
