#include "media/job_task.h"

#include "base/files.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "media/sound_name.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* All that the child needs to know of the settings. */
// clang-format off
#define AT(member) offsetof(struct settings, member)
static const struct { const char *name; size_t offset; } told[] = {
    { "segment-ms", AT(segment_ms) },
    { "key-frame-gap-ms-max", AT(key_frame_gap_ms_max) },
    { "copy-bits-per-second-max", AT(copy_bits_per_second_max) },
    { "copy-sound-bits-per-second-max", AT(copy_sound_bits_per_second_max) },
    { "sound-gain-db-max", AT(sound_gain_db_max) },
    { "probe-memory-bytes", AT(probe_memory_bytes) },
    { "probe-cpu-seconds", AT(probe_cpu_seconds) },
    { "media-duration-hours-max", AT(media_duration_hours_max) },
    { "media-side-pixels-max", AT(media_side_pixels_max) },
    { "media-streams-max", AT(media_streams_max) },
    { "media-samples-max", AT(media_samples_max) },
    { "media-missing-percent-max", AT(media_missing_percent_max) },
};
static const char *const passes[] = {
    [MEDIA_PASS_FIRST] = "first", [MEDIA_PASS_REST] = "rest", [MEDIA_PASS_TRACK] = "track",
    [MEDIA_PASS_LOOK] = "look",
};
// clang-format on
enum { TOLD_COUNT = sizeof told / sizeof told[0], PASS_COUNT = sizeof passes / sizeof passes[0] };
static const char packed_suffix[] = ".cmaf";

void job_task_init(struct job_task *task)
{
    *task = (struct job_task){ 0 };
    settings_init(&task->settings);
}

void job_task_release(struct job_task *task)
{
    settings_release(&task->settings);
    plan_release(&task->plan);
}

bool job_task_has(const struct job_task *task, const char *rendition)
{
    for (size_t i = 0; i < task->made_count; i++)
        if (strcmp(task->made[i], rendition) == 0)
            return true;
    return false;
}

static json_t *settings_to_json(const struct settings *settings)
{
    json_t *json = json_object();
    for (size_t i = 0; i < TOLD_COUNT; i++) {
        const int64_t *value = (const void *)((const char *)settings + told[i].offset);
        json_object_set_new(json, told[i].name, json_integer((json_int_t)*value));
    }
    return json;
}

/* What lies in the version's folder under a rendition's name. */
static json_t *list_made(const char *folder, struct problem *problem)
{
    DIR *listing = opendir(folder);
    const struct dirent *entry;
    if (!listing) {
        (void)problem_set_errno(problem, errno, "read '%s'", folder);
        return NULL;
    }
    json_t *made = json_array();
    while ((entry = readdir(listing))) {
        size_t length = strlen(entry->d_name), tail = sizeof packed_suffix - 1;
        if (length > tail && strcmp(entry->d_name + length - tail, packed_suffix) == 0)
            json_array_append_new(made, json_stringn(entry->d_name, length - tail));
    }
    (void)closedir(listing);
    return made;
}

static json_t *read_plan(const char *folder, struct problem *problem)
{
    char path[PATH_MAX], *bytes;
    size_t count;
    (void)snprintf(path, sizeof path, "%s/plan.json", folder);
    if (!file_read_whole(path, JOB_TASK_BYTES_MAX, &bytes, &count, problem))
        return NULL;
    json_t *plan = json_read_object(bytes, count, problem);
    free(bytes);
    return plan;
}

static json_t *to_json(const struct media_job *job, struct problem *problem)
{
    struct ladder ladder;
    if (!ladder_load(&ladder, job->settings->ladder_file, problem))
        return NULL;
    json_t *plan = json_null(), *made = json_array();
    if (job->published_folder) {
        json_decref(made);
        plan = read_plan(job->published_folder, problem);
        made = plan ? list_made(job->published_folder, problem) : NULL;
    }
    if (!plan || !made) {
        json_decref(plan);
        return NULL;
    }
    return json_pack("{s:s, s:o, s:o, s:{s:I, s:I}, s:s, s:I, s:i, s:o, s:o}", "pass",
        passes[job->pass], "settings", settings_to_json(job->settings), "ladder",
        ladder_to_json(&ladder), "trim", "from_ms", (json_int_t)job->trim.from_ms, "to_ms",
        (json_int_t)job->trim.to_ms, "language", job->language ? job->language : "", "offset_ms",
        (json_int_t)job->offset_ms, "revision", job->revision > 0 ? job->revision : 1, "plan", plan,
        "made", made);
}

int job_task_write(const struct media_job *job, struct problem *problem)
{
    json_t *json = to_json(job, problem);
    struct text line;
    size_t written = 0;
    int fd = -1;
    if (!json)
        return -1;
    text_init(&line, JOB_TASK_BYTES_MAX);
    json_write(json, &line);
    json_decref(json);
    if (line.overflowed) {
        (void)problem_set(problem, PROBLEM_INTERNAL, "the task is too long");
    } else {
        fd = memfd_create("task", MFD_CLOEXEC);
        if (fd < 0 || !file_write_at(fd, line.bytes, line.length, 0, &written)) {
            (void)problem_set_errno(problem, errno, "write a task");
            if (fd >= 0)
                (void)close(fd);
            fd = -1;
        }
    }
    text_release(&line);
    return fd;
}

static bool take_settings(const json_t *json, struct settings *settings, struct problem *problem)
{
    if (json_object_size(json) != TOLD_COUNT)
        return problem_set_field(problem, "settings", "'settings' must be those of a child");
    for (size_t i = 0; i < TOLD_COUNT; i++) {
        int64_t value;
        char text[24];
        if (!json_get_int64(json, told[i].name, 0, INT64_MAX, &value, problem))
            return false;
        (void)snprintf(text, sizeof text, "%" PRId64, value);
        if (!settings_set(settings, told[i].name, text, problem))
            return false;
    }
    return true;
}

static bool take_pass(const json_t *json, struct job_task *task, struct problem *problem)
{
    const char *name = json_string_value(json_object_get(json, "pass"));
    for (size_t i = 0; i < PASS_COUNT; i++) {
        if (text_equal(name, passes[i])) {
            task->pass = (enum media_pass)i;
            return true;
        }
    }
    return problem_set_field(problem, "pass", "'pass' must be first, rest, track or look");
}

static bool take_made(const json_t *made, struct job_task *task, struct problem *problem)
{
    size_t index;
    const json_t *member;
    if (!json_is_array(made) || json_array_size(made) > JOB_MADE_MAX)
        return problem_set_field(problem, "made", "'made' must be a list");
    json_array_foreach(made, index, member)
    {
        const char *name = json_string_value(member);
        if (!name || strlen(name) >= sizeof task->made[0] || !rendition_name_is_valid(name))
            return problem_set_field(problem, "made", "'made' must be names of renditions");
        (void)snprintf(task->made[task->made_count++], sizeof task->made[0], "%s", name);
    }
    return true;
}

static bool take_track(const json_t *json, struct job_task *task, struct problem *problem)
{
    const char *language = json_string_value(json_object_get(json, "language"));
    int64_t most = MEDIA_DURATION_MS_MAX, revision;
    if (!language || strlen(language) >= sizeof task->language
        || (language[0] != '\0' && !language_tag_is_valid(language)))
        return problem_set_field(problem, "language", "'language' must be a BCP 47 tag");
    (void)snprintf(task->language, sizeof task->language, "%s", language);
    if (!json_get_int64(json, "offset_ms", -most, most, &task->offset_ms, problem)
        || !json_get_int64(json, "revision", 1, SOUND_REVISION_MAX, &revision, problem))
        return false;
    task->revision = (int)revision;
    return true;
}

static bool take_plan(const json_t *json, struct job_task *task, struct problem *problem)
{
    const json_t *plan = json_object_get(json, "plan");
    task->has_plan = !json_is_null(plan);
    bool is_later = task->pass == MEDIA_PASS_REST || task->pass == MEDIA_PASS_TRACK;
    if (task->has_plan != is_later)
        return problem_set_field(problem, "plan", "'plan' must be there in later passes only");
    return !task->has_plan || plan_from_json(plan, &task->plan, problem);
}

bool job_task_from_json(const json_t *json, struct job_task *task, struct problem *problem)
{
    const json_t *trim = json_object_get(json, "trim");
    int64_t most = MEDIA_DURATION_MS_MAX;
    if (!take_pass(json, task, problem)
        || !ladder_from_json(json_object_get(json, "ladder"), &task->ladder, problem)
        || !take_settings(json_object_get(json, "settings"), &task->settings, problem)
        || !json_get_int64(trim, "from_ms", 0, most, &task->trim.from_ms, problem)
        || !json_get_int64(trim, "to_ms", 0, most, &task->trim.to_ms, problem)
        || !take_track(json, task, problem) || !take_plan(json, task, problem)
        || !take_made(json_object_get(json, "made"), task, problem))
        return false;
    return task->trim.from_ms < task->trim.to_ms
           || (task->trim.from_ms == 0 && task->trim.to_ms == 0)
           || problem_set_field(problem, "trim", "'trim' must end after it begins");
}

bool job_task_read(int fd, struct job_task *task, struct problem *problem)
{
    off_t size = lseek(fd, 0, SEEK_END);
    if (size <= 0 || size > JOB_TASK_BYTES_MAX)
        return problem_set(problem, PROBLEM_INTERNAL, "there is no task, or it is too long");
    char *bytes = memory_alloc((size_t)size);
    json_t *json = NULL;
    if (pread(fd, bytes, (size_t)size, 0) == size)
        json = json_read_object(bytes, (size_t)size, problem);
    free(bytes);
    bool read = json && job_task_from_json(json, task, problem);
    json_decref(json);
    return read || problem_set(problem, PROBLEM_INTERNAL, "the task cannot be read");
}
