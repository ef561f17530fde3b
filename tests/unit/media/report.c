#include "media/report.h"

#include "../unit.h"

#include <stdio.h>
#include <string.h>

static struct media_report a_report(void)
{
    struct media_report report = {
        .container = "matroska,webm",
        .size_bytes = 475954,
        .duration_ms = 1012,
        .video = { .action = MEDIA_TRANSCODE,
            .codec = "vp9",
            .width = 960,
            .height = 540,
            .rotation_degrees = 90,
            .frames_per_second_milli = 59940,
            .bits_per_second = 3399888,
            .key_frame_gap_ms = 1012,
            .reason = "The picture is VP9, which not every browser plays." },
        .audio = { .action = MEDIA_COPY,
            .codec = "aac",
            .sample_rate = 48000,
            .channels = 2,
            .bits_per_second = 96000 },
    };
    media_report_find(
        &report, finding_with((struct finding){ .code = FINDING_SEVERAL_SOUNDS, .numbers = { 2 } },
                     "en, ja"));
    media_report_find(
        &report, (struct finding){ .code = FINDING_LOUDNESS, .numbers = { -234, -160 } });
    return report;
}

static void a_report_survives_json(void **state)
{
    (void)state;
    struct media_report report = a_report(), read;
    struct problem problem = { 0 };
    json_t *json = media_report_to_json(&report);
    assert_true(media_report_from_json(json, &read, &problem));
    assert_memory_equal(&read, &report, sizeof read);
    json_decref(json);
}

static json_t *at(json_t *json, const char *path)
{
    char name[64];
    const char *slash = strchr(path, '/');
    if (!slash)
        return json;
    (void)snprintf(name, sizeof name, "%.*s", (int)(slash - path), path);
    return json_object_get(json, name);
}

static void what_a_child_may_not_say_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *path, *value;
    } cases[] = {
        { "container", "\"a\\nb\"" },
        { "container", "7" },
        { "container", "\"0123456789012345678901234567890123456789\"" },
        { "size_bytes", "-1" },
        { "duration_ms", "360000001" },
        { "duration_ms", "1.5" },
        { "duration_ms", "null" },
        { "findings", "{}" },
        { "findings", "[1]" },
        { "findings", "[{}]" },
        { "findings", "[{\"code\":\"rotated\"}]" },
        { "findings", "[{\"code\":\"rotated\",\"degrees\":\"90\"}]" },
        { "findings", "[{\"code\":\"loudness\",\"measured_tenths\":9007199254740993,"
                      "\"target_tenths\":0}]" },
        { "findings", "[{\"code\":\"fine-chroma\",\"sampling\":\"a\\nb\"}]" },
        { "verdict", "[]" },
        { "verdict", "{\"code\":\"cut-off\",\"held_ms\":1}" },
        { "video", "null" },
        { "video/action", "\"destroy\"" },
        { "video/width", "-4" },
        { "video/width", "70000" },
        { "video/rotation_degrees", "45" },
        { "video/rotation_degrees", "360" },
        { "video/reason", "\"<\\u0007\"" },
        { "video/bits_per_second", "9223372036854775807" },
        { "audio/channels", "5000" },
        { "audio/sample_rate", "\"48000\"" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct media_report report = a_report(), read;
        struct problem problem = { 0 };
        json_t *json = media_report_to_json(&report);
        const char *slash = strchr(cases[i].path, '/');
        json_object_set_new(at(json, cases[i].path), slash ? slash + 1 : cases[i].path,
            json_loads(cases[i].value, JSON_DECODE_ANY, NULL));
        if (media_report_from_json(json, &read, &problem))
            fail_msg("taken: %s = %s", cases[i].path, cases[i].value);
        assert_true(problem_is_set(&problem));
        json_decref(json);
    }
}

static void each_finding_is_told_once_and_no_more_than_fit(void **state)
{
    (void)state;
    struct media_report report = { 0 };
    for (int round = 0; round < 2; round++)
        for (int code = FINDING_NONE + 1; code < FINDING_COUNT; code++)
            media_report_find(&report, (struct finding){ .code = (enum finding_code)code });
    assert_int_equal(report.finding_count, MEDIA_FINDINGS_MAX);
    for (int i = 0; i < report.finding_count; i++)
        assert_int_equal(report.findings[i].code, FINDING_NONE + 1 + i);
}

/* As reports were written before findings had codes, and as they will be by a newer version. */
static void reports_of_other_versions_are_read(void **state)
{
    (void)state;
    struct media_report report = a_report(), read;
    struct problem problem = { 0 };
    json_t *json = media_report_to_json(&report);
    json_object_set_new(json, "notes", json_pack("[s]", "The file has no sound."));
    json_array_append_new(
        json_object_get(json, "findings"), json_pack("{s:s, s:f}", "code", "smells", "of", 1.5));
    assert_true(media_report_from_json(json, &read, &problem));
    assert_int_equal(read.finding_count, 2);
    json_object_del(json, "findings");
    assert_true(media_report_from_json(json, &read, &problem));
    assert_int_equal(read.finding_count, 0);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_survives_json),
        cmocka_unit_test(what_a_child_may_not_say_is_refused),
        cmocka_unit_test(each_finding_is_told_once_and_no_more_than_fit),
        cmocka_unit_test(reports_of_other_versions_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
