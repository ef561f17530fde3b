#include "media/job_outputs.h"

#include "base/files.h"
#include "base/json.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MODE = 0640, JSON_BYTES_MAX = 64 << 20 };
static const char packed_suffix[] = ".cmaf";

static void output_path(const char *folder, int number, char ret_path[PATH_MAX])
{
    (void)snprintf(ret_path, PATH_MAX, "%s/output-%d", folder, number);
}

bool job_outputs_open(struct job_outputs *outputs, const char *folder, struct problem *problem)
{
    outputs->folder = folder;
    for (int i = 0; i < JOB_OUTPUTS; i++)
        outputs->fds[i] = -1;
    for (int i = 0; i < JOB_OUTPUTS; i++) {
        char path[PATH_MAX];
        output_path(folder, i, path);
        outputs->fds[i] = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
        if (outputs->fds[i] < 0)
            return problem_set_errno(problem, errno, "create '%s'", path);
    }
    return true;
}

void job_outputs_write_back(const struct job_outputs *outputs)
{
    for (int i = 0; i < JOB_OUTPUTS; i++)
        (void)sync_file_range(outputs->fds[i], 0, 0, SYNC_FILE_RANGE_WRITE);
}

bool job_outputs_read(const struct job_outputs *outputs, int number, size_t bytes_max,
    char **ret_bytes, size_t *ret_count, struct problem *problem)
{
    char path[PATH_MAX];
    output_path(outputs->folder, number, path);
    return file_read_whole(path, bytes_max, ret_bytes, ret_count, problem);
}

void job_outputs_close(struct job_outputs *outputs)
{
    for (int i = 0; i < JOB_OUTPUTS; i++) {
        char path[PATH_MAX];
        if (outputs->fds[i] < 0)
            continue;
        (void)close(outputs->fds[i]);
        output_path(outputs->folder, i, path);
        (void)unlink(path); /* one that was named is not there any more */
    }
}

bool job_outputs_write_json(
    const struct job_outputs *outputs, const char *name, json_t *json, struct problem *problem)
{
    struct text text;
    char path[PATH_MAX];
    text_init(&text, JSON_BYTES_MAX);
    json_write(json, &text);
    (void)snprintf(path, sizeof path, "%s/%s.json", outputs->folder, name);
    bool written = file_write_whole(path, text.bytes, text.length, FILE_MODE, problem);
    text_release(&text);
    json_decref(json);
    return written;
}

static bool give_name(const struct job_outputs *outputs, int number, const char *name,
    const char *suffix, struct problem *problem)
{
    char from[PATH_MAX], to[PATH_MAX];
    output_path(outputs->folder, number, from);
    (void)snprintf(to, sizeof to, "%s/%s%s", outputs->folder, name, suffix);
    if (fsync(outputs->fds[number]) != 0)
        return problem_set_errno(problem, errno, "sync '%s'", from);
    return rename(from, to) == 0 || problem_set_errno(problem, errno, "rename to '%s'", to);
}

static bool is_made(const struct media_result *result, const char *name)
{
    for (size_t i = 0; i < result->name_count; i++)
        if (strcmp(result->names[i], name) == 0)
            return true;
    return false;
}

/* By the other files of a version. */
static bool is_taken(const char *name)
{
    static const char *const taken[] = { "report", "plan", "chapters", "thumbnails" };
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        if (strcmp(name, taken[i]) == 0)
            return true;
    return false;
}

static bool keep_rendition(const struct job_outputs *outputs, const json_t *json, int number,
    struct media_result *result, struct problem *problem)
{
    struct segment_table table;
    struct stat facts;
    if (fstat(outputs->fds[number], &facts) != 0)
        return problem_set_errno(problem, errno, "measure a packed file");
    if (!segment_table_from_json(json, (uint64_t)facts.st_size, &table, problem))
        return false;
    bool kept = !is_made(result, table.name) && !is_taken(table.name);
    if (!kept)
        (void)problem_set(problem, PROBLEM_INTERNAL, "two tables of one name");
    int64_t duration_ms = segment_table_duration_ms(&table);
    if (duration_ms > result->report.duration_ms)
        result->report.duration_ms = duration_ms;
    kept = kept
           && job_outputs_write_json(outputs, table.name, segment_table_to_json(&table), problem)
           && give_name(outputs, number, table.name, packed_suffix, problem);
    if (kept)
        (void)snprintf(
            result->names[result->name_count++], sizeof result->names[0], "%s", table.name);
    segment_table_release(&table);
    return kept;
}

static bool keep_plan(
    const struct job_outputs *outputs, const struct job_tables *tables, struct problem *problem)
{
    struct media_plan plan;
    if (!tables->plan || !plan_from_json(tables->plan, &plan, problem))
        return problem_set(problem, PROBLEM_INTERNAL, "a first pass without a plan");
    bool kept = job_outputs_write_json(outputs, "plan", plan_to_json(&plan), problem);
    plan_release(&plan);
    return kept;
}

bool job_outputs_keep(const struct job_outputs *outputs, const struct job_tables *tables,
    enum media_pass pass, struct media_result *result, struct problem *problem)
{
    bool kept = true;
    /* The length of what can be played, rather than of what was promised. */
    if (tables->count > 0)
        result->report.duration_ms = 0;
    for (size_t i = 0; kept && i < tables->count; i++)
        kept = keep_rendition(
            outputs, tables->entries[i].table, tables->entries[i].output, result, problem);
    if (pass == MEDIA_PASS_FIRST)
        kept = kept && keep_plan(outputs, tables, problem)
               && job_outputs_write_json(
                   outputs, "report", media_report_to_json(&result->report), problem);
    return kept && folder_sync(outputs->folder, problem);
}

static bool move_file(const char *folder, const char *published_folder, const char *name,
    const char *suffix, struct problem *problem)
{
    char from[PATH_MAX], to[PATH_MAX];
    (void)snprintf(from, sizeof from, "%s/%s%s", folder, name, suffix);
    (void)snprintf(to, sizeof to, "%s/%s%s", published_folder, name, suffix);
    return (rename(from, to) == 0 || problem_set_errno(problem, errno, "rename to '%s'", to))
           && folder_sync(published_folder, problem);
}

/* One that is there already never changes; a table without its packed file is what a crash left behind. */
static bool adopt(
    const char *folder, const char *published_folder, const char *name, struct problem *problem)
{
    char packed[PATH_MAX];
    (void)snprintf(packed, sizeof packed, "%s/%s%s", published_folder, name, packed_suffix);
    if (access(packed, F_OK) == 0)
        return true;
    return move_file(folder, published_folder, name, ".json", problem)
           && move_file(folder, published_folder, name, packed_suffix, problem);
}

bool media_job_adopt(const char *folder, const char *published_folder, struct problem *problem)
{
    DIR *listing = opendir(folder);
    const struct dirent *entry;
    bool adopted = true;
    if (!listing)
        return problem_set_errno(problem, errno, "read '%s'", folder);
    while (adopted && (entry = readdir(listing))) {
        size_t length = strlen(entry->d_name), tail = sizeof packed_suffix - 1;
        char name[RENDITION_NAME_SIZE];
        if (length <= tail || strcmp(entry->d_name + length - tail, packed_suffix) != 0)
            continue;
        (void)snprintf(name, sizeof name, "%.*s", (int)(length - tail), entry->d_name);
        adopted = adopt(folder, published_folder, name, problem);
    }
    (void)closedir(listing);
    return adopted;
}
