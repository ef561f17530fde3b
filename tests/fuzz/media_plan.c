/* The segment planner over any facts of tracks that a scan could give: cuts grow, lie inside, leave no tail behind, and a
 * plan survives its way through JSON. */
#include "media/planning.h"

#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 2000, TAIL_US = 500000 };
static const int64_t time_us_max = INT64_C(1000000000000000), day_us = INT64_C(86400000000);

struct input {
    const uint8_t *bytes;
    size_t count;
};

static int64_t take(struct input *input, int64_t least, int64_t most)
{
    uint64_t value = 0;
    size_t size = input->count < 6 ? input->count : 6;
    memcpy(&value, input->bytes, size);
    input->bytes += size;
    input->count -= size;
    return least + (int64_t)(value % (uint64_t)(most - least + 1));
}

static void take_track(struct input *input, struct track *track)
{
    int64_t flags = take(input, 0, 1023);
    int64_t most = flags & 512 ? time_us_max : day_us;
    *track = (struct track){ .stream = flags & 1 ? 0 : -1,
        .time_base = { 1, (int)take(input, 1, 1000000) },
        .packet_count = take(input, 0, 100),
        .start_us = take(input, -most, most),
        .end_us = take(input, -most, most),
        .edit_end_us = INT64_MAX,
        .key_gap_us = take(input, 0, most),
        .trimmed_us = take(input, 0, most),
        .times_missing = flags & 2,
        .times_disordered = flags & 4,
        .parameters_change = flags & 8,
        .gaps = flags & 16,
        .seam_count = take(input, 0, 100),
        .h264_known = flags & 32,
        .starts_with_key = flags & 64,
        .clock_is_free = flags & 128,
        .h264 = { .chroma_format = flags & 256 ? 1 : 3,
            .bit_depth = 8,
            .profile = 100,
            .level = 40,
            .frames_only = true } };
}

static void check_cuts(const struct media_plan *plan)
{
    int64_t last_us = 0;
    for (size_t i = 0; i < plan->cut_count; i++) {
        if (plan->cuts_us[i] <= last_us || plan->duration_us - plan->cuts_us[i] < TAIL_US)
            abort();
        last_us = plan->cuts_us[i];
    }
}

static void check_json(const struct media_plan *plan)
{
    struct problem problem = { 0 };
    struct media_plan again;
    json_t *json = plan_to_json(plan);
    if (plan_from_json(json, &again, &problem)) {
        if (again.cut_count != plan->cut_count || again.duration_us != plan->duration_us)
            abort();
        plan_release(&again);
    } else if (!problem_is_set(&problem)) {
        abort();
    }
    json_decref(json);
}

static void check_decision(enum media_action action, const struct finding *because)
{
    if ((action == MEDIA_TRANSCODE) != (because->code != FINDING_NONE))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct settings settings;
    struct input input = { data, size };
    struct track video, audio;
    struct media_plan plan;
    struct media_report report = { .video = { .codec = "h264" }, .audio = { .codec = "aac" } };
    struct AVCodecParameters video_codec = { .codec_id = AV_CODEC_ID_H264 },
                             audio_codec = { .codec_id = AV_CODEC_ID_AAC };
    int64_t keys[KEYS_MAX];
    if (!settings.data)
        settings_init(&settings);
    take_track(&input, &video);
    take_track(&input, &audio);
    struct media_trim trim = { .from_ms = take(&input, 0, 1000000) };
    trim.to_ms = take(&input, 0, 3) == 0 ? trim.from_ms + take(&input, 1, 1000000) : 0;
    if (trim.to_ms == 0)
        trim.from_ms = 0;
    int64_t segment_ms = take(&input, settings.segment_ms / 4, 30000);
    video.key_pts = keys;
    while (input.count > 0 && video.key_count < KEYS_MAX)
        keys[video.key_count++] = take(&input, -(INT64_C(1) << 40), INT64_C(1) << 40);
    plan_times(&plan, &video, &audio, &trim);
    if (plan.duration_us < 0)
        abort();
    plan_video(&plan, &video, &video_codec, &settings, false, false, &report);
    plan_audio(&plan, &audio, &audio_codec, false, &report);
    check_decision(report.video.action, &report.video.because);
    check_decision(report.audio.action, &report.audio.because);
    if (plan.duration_us <= day_us) {
        plan_cuts(&plan, report.video.action == MEDIA_COPY ? &video : NULL, segment_ms);
        check_cuts(&plan);
        check_json(&plan);
    }
    plan_release(&plan);
    return 0;
}
