#include "media/job_task.h"

#include "../unit.h"
#include "base/files.h"
#include "base/json.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct settings settings;
static char folder[] = "/tmp/lectern-task-XXXXXX";

static void put(const char *name, const char *bytes)
{
    struct problem problem = { 0 };
    char path[100];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_true(file_write_whole(path, bytes, strlen(bytes), 0600, &problem));
}

/* As the child gets it. */
static void pass_on(const struct media_job *job, struct job_task *ret_task)
{
    struct problem problem = { 0 };
    int fd = job_task_write(job, &problem);
    if (fd < 0)
        fail_msg("%s", problem.detail);
    job_task_init(ret_task);
    if (!job_task_read(fd, ret_task, &problem))
        fail_msg("%s", problem.detail);
    (void)close(fd);
}

static void a_first_pass_is_told_the_settings_and_the_trim(void **state)
{
    (void)state;
    struct job_task task;
    struct media_job job = { .settings = &settings, .trim = { 1500, 60000 } };
    settings.segment_ms = 2000;
    pass_on(&job, &task);
    settings.segment_ms = 4000;
    assert_int_equal(task.pass, MEDIA_PASS_FIRST);
    assert_int_equal(task.settings.segment_ms, 2000);
    assert_int_equal(task.settings.media_samples_max, settings.media_samples_max);
    assert_int_equal(task.trim.from_ms, 1500);
    assert_int_equal(task.trim.to_ms, 60000);
    assert_false(task.has_plan);
    assert_int_equal(task.made_count, 0);
    job_task_release(&task);
}

static void a_later_pass_is_told_what_the_version_has(void **state)
{
    (void)state;
    struct job_task task;
    struct media_job job = { .settings = &settings,
        .pass = MEDIA_PASS_TRACK,
        .published_folder = folder,
        .language = "vi",
        .offset_ms = -250 };
    put("plan.json", "{\"origin_us\":40000,\"duration_us\":9000000,\"trim\":{\"from_ms\":0,"
                     "\"to_ms\":0},\"cuts_us\":[4000000,8000000]}");
    put("240p.cmaf", "x");
    put("240p.json", "{}");
    pass_on(&job, &task);
    assert_int_equal(task.pass, MEDIA_PASS_TRACK);
    assert_string_equal(task.language, "vi");
    assert_int_equal(task.offset_ms, -250);
    assert_true(task.has_plan);
    assert_int_equal(task.plan.cut_count, 2);
    assert_int_equal(task.plan.cuts_us[1], 8000000);
    assert_true(job_task_has(&task, "240p"));
    assert_false(job_task_has(&task, "360p"));
    job_task_release(&task);
}

static void a_plan_that_does_not_hold_is_refused(void **state)
{
    (void)state;
#define PLAN(duration, cuts)                                                                       \
    "{\"origin_us\":0,\"duration_us\":" duration                                                   \
    ",\"trim\":{\"from_ms\":0,\"to_ms\":0},\"cuts_us\":[" cuts "]}"
    static const struct {
        const char *story, *json;
    } cases[] = {
        { "no length", PLAN("0", "") },
        { "a cut at the beginning", PLAN("9", "0") },
        { "a cut at the end", PLAN("9", "9") },
        { "cuts that go back", PLAN("9", "5,4") },
        { "a cut twice", PLAN("9", "5,5") },
        { "a cut that is no number", PLAN("9", "\"5\"") },
        { "longer than any lecture", PLAN("900000000000000", "") },
        { "no trim", "{\"origin_us\":0,\"duration_us\":9,\"cuts_us\":[]}" },
        { "no cuts", "{\"origin_us\":0,\"duration_us\":9,\"trim\":{\"from_ms\":0,\"to_ms\":0}}" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct problem problem = { 0 };
        struct media_plan plan;
        json_t *json = json_read_object(cases[i].json, strlen(cases[i].json), &problem);
        assert_non_null(json);
        if (plan_from_json(json, &plan, &problem))
            fail_msg("taken: %s", cases[i].story);
        json_decref(json);
    }
}

static void a_task_that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "\"first\"", "\"second\"" },
        { "\"from_ms\":0", "\"from_ms\":7" }, /* a trim that ends before it begins */
        { "\"segment-ms\":4000", "\"segment-ms\":1" },
        { "\"segment-ms\"", "\"port\"" },
        { "\"language\":\"\"", "\"language\":\"../vi\"" },
        { "\"plan\":null", "\"plan\":{}" },
        { "\"made\":[]", "\"made\":[\"..\"]" },
    };
    struct problem problem = { 0 };
    struct media_job job = { .settings = &settings };
    char line[2000] = "";
    int fd = job_task_write(&job, &problem);
    assert_true(pread(fd, line, sizeof line - 1, 0) > 0);
    (void)close(fd);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char changed[2100];
        const char *at = strstr(line, cases[i][0]);
        assert_non_null(at);
        (void)snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - line), line, cases[i][1],
            at + strlen(cases[i][0]));
        struct problem refused = { 0 };
        struct job_task task;
        job_task_init(&task);
        json_t *json = json_read_object(changed, strlen(changed), &refused);
        assert_non_null(json);
        if (job_task_from_json(json, &task, &refused))
            fail_msg("taken: %s", cases[i][1]);
        assert_true(problem_is_set(&refused));
        json_decref(json);
        job_task_release(&task);
    }
}

static void check_folder(const char *path, const char *name, const char *bytes)
{
    char whole[200], *found;
    size_t count;
    struct problem problem = { 0 };
    (void)snprintf(whole, sizeof whole, "%s/%s", path, name);
    if (!file_read_whole(whole, 100, &found, &count, &problem))
        fail_msg("%s", problem.detail);
    assert_string_equal(found, bytes);
    free(found);
}

/* A crash between the two renames leaves a table of another attempt. */
static void a_rendition_moves_in_with_its_table_and_never_changes(void **state)
{
    (void)state;
    char made[100], version[100];
    struct problem problem = { 0 };
    (void)snprintf(made, sizeof made, "%s/made", folder);
    (void)snprintf(version, sizeof version, "%s/version", folder);
    assert_true(folder_make(made, 0700, &problem) && folder_make(version, 0700, &problem));
    put("version/240p.cmaf", "old");
    put("version/240p.json", "old table");
    put("version/360p.json", "a crash's");
    put("made/240p.cmaf", "new");
    put("made/240p.json", "new table");
    put("made/360p.cmaf", "new");
    put("made/360p.json", "new table");
    assert_true(media_job_adopt(made, version, &problem));
    check_folder(version, "240p.cmaf", "old");
    check_folder(version, "240p.json", "old table");
    check_folder(version, "360p.cmaf", "new");
    check_folder(version, "360p.json", "new table");
}

static int begin(void **state)
{
    (void)state;
    settings_init(&settings);
    return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    settings_release(&settings);
    return folder_remove(folder, &problem) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_pass_is_told_the_settings_and_the_trim),
        cmocka_unit_test(a_later_pass_is_told_what_the_version_has),
        cmocka_unit_test(a_plan_that_does_not_hold_is_refused),
        cmocka_unit_test(a_task_that_makes_no_sense_is_refused),
        cmocka_unit_test(a_rendition_moves_in_with_its_table_and_never_changes),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
