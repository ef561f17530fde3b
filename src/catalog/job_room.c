#include "catalog/job_room.h"

#include "media/ladder.h"
#include "media/sound_tracks.h"

#include <sys/statvfs.h>

enum {
    RESERVE_PART = 16,   /* of a small disk */
    SOUND_BITS = 150000, /* of a language: both groups */
    BOXES_BITS = 30000   /* thumbnails, tables, and what stands around pictures and sounds */
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

/* As the child will choose, but for pixels that are not square, which it alone sees. */
static int64_t picture_bits(
    const struct settings *settings, enum job_pass pass, const struct media_report *report)
{
    struct ladder ladder;
    struct problem unreadable = { 0 };
    struct ladder_choice choices[LADDER_RUNGS_MAX];
    bool turned = report->video.rotation_degrees % 180 != 0;
    struct ladder_picture picture = {
        .width = turned ? report->video.height : report->video.width,
        .height = turned ? report->video.width : report->video.height,
        .frames_per_second_milli = report->video.frames_per_second_milli,
        .bits_per_second = report->video.bits_per_second,
        .copied = report->video.action == MEDIA_COPY,
    };
    if (!ladder_load(&ladder, settings->ladder_file, &unreadable))
        ladder_init(&ladder); /* the job itself will say so */
    size_t count = ladder_choose(&ladder, &picture, choices);
    int64_t bits = pass == JOB_PASS_FIRST ? ladder.stills.bits_per_second : 0;
    for (size_t i = 0; i < count; i++)
        if ((i == 0) == (pass == JOB_PASS_FIRST))
            bits += choices[i].rung.bits_per_second;
    return bits;
}

int64_t job_room_needed_bytes(
    const struct settings *settings, enum job_pass pass, const struct media_report *report)
{
    if (!report)
        return 0;
    int64_t bits = BOXES_BITS, copied_bytes = 0;
    if (report->video.action != MEDIA_NONE && pass != JOB_PASS_TRACK)
        bits += picture_bits(settings, pass, report);
    if (report->audio.action != MEDIA_NONE)
        bits += pass == JOB_PASS_REST ? SOUND_BITS * SOUND_TRACKS_MAX : SOUND_BITS;
    /* Sound is copied with the first pass, too, so the whole file bounds both. */
    if (pass == JOB_PASS_FIRST
        && (report->video.action == MEDIA_COPY || report->audio.action == MEDIA_COPY))
        copied_bytes = report->size_bytes;
    return copied_bytes + of_rate(bits, report->duration_ms);
}
