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
        .note_count = 2,
    };
    (void)snprintf(
        report.notes[0], MEDIA_NOTE_SIZE, "The file has 2 sound tracks; the main one is used.");
    (void)snprintf(report.notes[1], MEDIA_NOTE_SIZE, "Die Datei enthält Untertitel.");
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
        { "notes", "{}" },
        { "notes", "[\"\"]" },
        { "notes", "[1]" },
        { "notes",
            "[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\",\"12\",\"13\"]" },
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_survives_json),
        cmocka_unit_test(what_a_child_may_not_say_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
