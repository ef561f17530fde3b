#include "media/report.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const char *const action_names[] = { "none", "copy", "transcode" };

void media_report_find(struct media_report *report, struct finding finding)
{
    for (int i = 0; i < report->finding_count; i++)
        if (report->findings[i].code == finding.code)
            return;
    if (report->finding_count < MEDIA_FINDINGS_MAX)
        report->findings[report->finding_count++] = finding;
}

/* "findings", "notes" and, where there is one, "verdict". */
static void put_findings(const struct media_report *report, json_t *json)
{
    json_t *findings = json_array(), *notes = json_array();
    for (int i = 0; i < report->finding_count; i++) {
        char words[FINDING_SENTENCE_SIZE * 2];
        finding_words(&report->findings[i], words, sizeof words);
        json_array_append_new(findings, finding_to_json(&report->findings[i]));
        json_array_append_new(notes, json_string(words));
    }
    json_object_set_new(json, "findings", findings);
    json_object_set_new(json, "notes", notes);
    if (report->verdict.code != FINDING_NONE)
        json_object_set_new(json, "verdict", finding_to_json(&report->verdict));
}

static json_t *loudness_to_json(const struct media_loudness *loudness)
{
    if (!loudness->measured)
        return json_null();
    return json_pack("{s:b, s:i, s:i, s:i, s:i, s:i, s:I}", "heard", (int)loudness->heard,
        "loudness_centi", loudness->loudness_centi, "peak_centi", loudness->peak_centi,
        "range_centi", loudness->range_centi, "gain_centi", loudness->gain_centi, "limited_centi",
        loudness->limited_centi, "trailing_silence_ms", (json_int_t)loudness->trailing_silence_ms);
}

json_t *media_report_to_json(const struct media_report *report)
{
    json_t *video = json_pack("{s:s, s:s, s:i, s:i, s:i, s:I, s:I, s:I, s:s}", "action",
        action_names[report->video.action], "codec", report->video.codec, "width",
        report->video.width, "height", report->video.height, "rotation_degrees",
        report->video.rotation_degrees, "frames_per_second_milli",
        (json_int_t)report->video.frames_per_second_milli, "bits_per_second",
        (json_int_t)report->video.bits_per_second, "key_frame_gap_ms",
        (json_int_t)report->video.key_frame_gap_ms, "reason", report->video.reason);
    json_t *audio = json_pack("{s:s, s:s, s:i, s:i, s:I, s:s, s:o}", "action",
        action_names[report->audio.action], "codec", report->audio.codec, "sample_rate",
        report->audio.sample_rate, "channels", report->audio.channels, "bits_per_second",
        (json_int_t)report->audio.bits_per_second, "reason", report->audio.reason, "loudness",
        loudness_to_json(&report->audio.loudness));
    if (report->video.because.code != FINDING_NONE)
        json_object_set_new(video, "because", finding_to_json(&report->video.because));
    if (report->audio.because.code != FINDING_NONE)
        json_object_set_new(audio, "because", finding_to_json(&report->audio.because));
    json_t *json = json_pack("{s:s, s:I, s:I, s:o, s:o}", "container", report->container,
        "size_bytes", (json_int_t)report->size_bytes, "duration_ms",
        (json_int_t)report->duration_ms, "video", video, "audio", audio);
    put_findings(report, json);
    return json;
}

static bool get_action(const json_t *json, enum media_action *ret_action, struct problem *problem)
{
    const char *name = json_string_value(json_object_get(json, "action"));
    for (int i = MEDIA_NONE; i <= MEDIA_TRANSCODE; i++) {
        if (text_equal(name, action_names[i])) {
            *ret_action = (enum media_action)i;
            return true;
        }
    }
    return problem_set_field(problem, "action", "'action' must be none, copy or transcode");
}

/* A report of before has a sentence only. */
static bool get_because(const json_t *json, struct finding *ret_because, struct problem *problem)
{
    const json_t *because = json_object_get(json, "because");
    return !because || finding_from_json(because, ret_because, problem);
}

static const int64_t rate_max = INT64_C(1) << 40;
static const int64_t centi_max = 20000; /* 200 dB */

static bool read_video(const json_t *json, struct media_report *report, struct problem *problem)
{
    if (!get_action(json, &report->video.action, problem)
        || !json_get_name(json, "codec", report->video.codec, sizeof report->video.codec, problem)
        || !json_get_int(json, "width", 0, 1 << 16, &report->video.width, problem)
        || !json_get_int(json, "height", 0, 1 << 16, &report->video.height, problem)
        || !json_get_int(json, "rotation_degrees", 0, 270, &report->video.rotation_degrees, problem)
        || !json_get_int64(json, "frames_per_second_milli", 0, 1000000000,
            &report->video.frames_per_second_milli, problem)
        || !json_get_int64(
            json, "bits_per_second", 0, rate_max, &report->video.bits_per_second, problem)
        || !json_get_int64(json, "key_frame_gap_ms", 0, MEDIA_DURATION_MS_MAX,
            &report->video.key_frame_gap_ms, problem))
        return false;
    if (report->video.rotation_degrees % 90 != 0)
        return problem_set_field(
            problem, "rotation_degrees", "'rotation_degrees' must be 0 to 270");
    return json_get_name(json, "reason", report->video.reason, sizeof report->video.reason, problem)
           && get_because(json, &report->video.because, problem);
}

static bool get_centi(const json_t *json, const char *key, int *ret_value, struct problem *problem)
{
    int64_t value;
    if (!json_get_int64(json, key, -centi_max, centi_max, &value, problem))
        return false;
    *ret_value = (int)value;
    return true;
}

/* Reports of versions that were made before sound was measured have none. */
static bool read_loudness(
    const json_t *json, struct media_loudness *loudness, struct problem *problem)
{
    *loudness = (struct media_loudness){ .measured = json && !json_is_null(json) };
    return !loudness->measured
           || (json_get_bool(json, "heard", &loudness->heard, problem)
               && get_centi(json, "loudness_centi", &loudness->loudness_centi, problem)
               && get_centi(json, "peak_centi", &loudness->peak_centi, problem)
               && get_centi(json, "range_centi", &loudness->range_centi, problem)
               && get_centi(json, "gain_centi", &loudness->gain_centi, problem)
               && get_centi(json, "limited_centi", &loudness->limited_centi, problem)
               && json_get_int64(json, "trailing_silence_ms", 0, MEDIA_DURATION_MS_MAX,
                   &loudness->trailing_silence_ms, problem));
}

static bool read_audio(const json_t *json, struct media_report *report, struct problem *problem)
{
    return get_action(json, &report->audio.action, problem)
           && json_get_name(json, "codec", report->audio.codec, sizeof report->audio.codec, problem)
           && json_get_int(json, "sample_rate", 0, 1 << 24, &report->audio.sample_rate, problem)
           && json_get_int(json, "channels", 0, 1024, &report->audio.channels, problem)
           && json_get_int64(
               json, "bits_per_second", 0, rate_max, &report->audio.bits_per_second, problem)
           && json_get_name(
               json, "reason", report->audio.reason, sizeof report->audio.reason, problem)
           && get_because(json, &report->audio.because, problem)
           && read_loudness(json_object_get(json, "loudness"), &report->audio.loudness, problem);
}

static bool read_findings(const json_t *json, struct media_report *report, struct problem *problem)
{
    const json_t *findings = json_object_get(json, "findings");
    const json_t *verdict = json_object_get(json, "verdict");
    if (findings && (!json_is_array(findings) || json_array_size(findings) > MEDIA_FINDINGS_MAX))
        return problem_set_field(
            problem, "findings", "'findings' must be at most %d", MEDIA_FINDINGS_MAX);
    size_t index;
    const json_t *value;
    json_array_foreach(findings, index, value)
    {
        struct finding finding;
        if (!finding_from_json(value, &finding, problem))
            return false;
        if (finding.code != FINDING_NONE)
            media_report_find(report, finding);
    }
    return !verdict || finding_from_json(verdict, &report->verdict, problem);
}

bool media_report_from_json(
    const json_t *json, struct media_report *ret_report, struct problem *problem)
{
    struct media_report report = { 0 };
    const json_t *video = json_object_get(json, "video");
    const json_t *audio = json_object_get(json, "audio");
    if (!json_is_object(video) || !json_is_object(audio))
        return problem_set_field(problem, "video", "'video' and 'audio' must be objects");
    if (!json_get_name(json, "container", report.container, sizeof report.container, problem)
        || !json_get_int64(json, "size_bytes", 0, INT64_MAX, &report.size_bytes, problem)
        || !json_get_int64(
            json, "duration_ms", 0, MEDIA_DURATION_MS_MAX, &report.duration_ms, problem)
        || !read_video(video, &report, problem) || !read_audio(audio, &report, problem)
        || !read_findings(json, &report, problem))
        return false;
    *ret_report = report;
    return true;
}
