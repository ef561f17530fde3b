#include "catalog/job_room.h"

#include <sys/statvfs.h>

enum {
    RESERVE_PART = 16, /* of a small disk */
    /* Beyond what the rungs below really take, in bits a second. */
    SOUND_BITS = 320000,
    STILLS_AND_240P_BITS = 600000,
    REST_BITS = 8000000,
    PICTURES_BITS = 20000, /* thumbnails and tables */
};

int64_t job_room_free_bytes(const struct settings *settings)
{
    struct statvfs space;
    if (statvfs(settings->data, &space) != 0 || space.f_frsize == 0)
        return INT64_MAX;
    uint64_t reserve = (uint64_t)settings->disk_reserve_bytes / space.f_frsize;
    if (reserve > space.f_blocks / RESERVE_PART)
        reserve = space.f_blocks / RESERVE_PART;
    uint64_t blocks = space.f_bavail > reserve ? space.f_bavail - reserve : 0;
    return blocks < (uint64_t)INT64_MAX / space.f_frsize ? (int64_t)(blocks * space.f_frsize)
                                                         : INT64_MAX;
}

static int64_t of_rate(int64_t bits_per_second, int64_t duration_ms)
{
    return bits_per_second / 8 * duration_ms / 1000;
}

int64_t job_room_needed_bytes(enum job_pass pass, const struct media_report *report)
{
    if (!report)
        return 0;
    int64_t bits = SOUND_BITS + PICTURES_BITS, copied_bytes = 0;
    if (report->video.action != MEDIA_NONE && pass == JOB_PASS_FIRST)
        bits += STILLS_AND_240P_BITS;
    if (report->video.action != MEDIA_NONE && pass == JOB_PASS_REST)
        bits += REST_BITS;
    /* Sound is copied with the first pass, too, so the whole file bounds both. */
    if (pass == JOB_PASS_FIRST
        && (report->video.action == MEDIA_COPY || report->audio.action == MEDIA_COPY))
        copied_bytes = report->size_bytes;
    return copied_bytes + of_rate(bits, report->duration_ms);
}
