#include "media/media_version.h"

#include "base/files.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    TABLE_BYTES_MAX = 32 << 20,
    REPORT_BYTES_MAX = 64 << 10,
    CAPTION_BYTES_MAX = 64 << 20,
    THUMBNAILS_BYTES_MAX = 4096,
};

static char *join(const char *folder, const char *name, const char *suffix)
{
    size_t size = strlen(folder) + strlen(name) + strlen(suffix) + 2;
    char *path = memory_alloc(size);
    (void)snprintf(path, size, "%s/%s%s", folder, name, suffix);
    return path;
}

/* The file as JSON; ret_digest may be NULL. */
static json_t *read_json(const char *folder, const char *name, size_t bytes_max, char *ret_digest,
    struct problem *problem)
{
    char *path = join(folder, name, ".json"), *bytes = NULL;
    size_t count = 0;
    json_t *json = NULL;
    if (file_read_whole(path, bytes_max, &bytes, &count, problem)) {
        json = json_read_object(bytes, count, problem);
        if (ret_digest)
            media_digest(bytes, count, ret_digest);
    }
    free(bytes);
    free(path);
    return json;
}

static bool open_rendition(
    struct media_version *version, const char *folder, const char *name, struct problem *problem)
{
    struct segment_table *table = &version->tables[version->rendition_count];
    struct media_rendition *rendition = &version->renditions[version->rendition_count];
    struct stat facts;
    json_t *json = read_json(folder, name, TABLE_BYTES_MAX, rendition->digest, problem);
    char *path = join(folder, name, ".cmaf");
    bool opened = json != NULL;
    if (opened && stat(path, &facts) != 0)
        opened = problem_set_errno(problem, errno, "open '%s'", path);
    opened = opened && segment_table_from_json(json, (uint64_t)facts.st_size, table, problem);
    if (opened && strcmp(table->name, name) != 0) {
        segment_table_release(table);
        opened = problem_set_field(problem, "name", "the table beside '%s' is of another", path);
    }
    json_decref(json);
    if (!opened) {
        free(path);
        return false;
    }
    rendition->path = path;
    version->rendition_count++;
    return true;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Names without the suffix of what lies in a folder; a folder that is not there is empty. */
static size_t list_names(const char *folder, const char *suffix, char **ret_names, size_t names_max)
{
    DIR *listing = opendir(folder);
    size_t count = 0;
    const struct dirent *entry;
    while (listing && count < names_max && (entry = readdir(listing))) {
        size_t length = strlen(entry->d_name), tail = strlen(suffix);
        if (length > tail && strcmp(entry->d_name + length - tail, suffix) == 0) {
            ret_names[count] = memory_strdup(entry->d_name);
            ret_names[count++][length - tail] = '\0';
        }
    }
    if (listing)
        (void)closedir(listing);
    qsort(ret_names, count, sizeof *ret_names, compare_names);
    return count;
}

/* Names stay in order behind it. */
static void put_video_first(struct media_version *version)
{
    struct segment_table tables[MEDIA_RENDITIONS_MAX];
    struct media_rendition renditions[MEDIA_RENDITIONS_MAX];
    size_t at = 0;
    for (enum rendition_kind kind = RENDITION_VIDEO; kind <= RENDITION_AUDIO; kind++) {
        for (size_t i = 0; i < version->rendition_count; i++) {
            if (version->tables[i].kind == kind) {
                tables[at] = version->tables[i];
                renditions[at++] = version->renditions[i];
            }
        }
    }
    memcpy(version->tables, tables, at * sizeof tables[0]);
    memcpy(version->renditions, renditions, at * sizeof renditions[0]);
}

static bool open_renditions(struct media_version *version, const char *folder,
    const char *const *names, size_t count, struct problem *problem)
{
    if (count > MEDIA_RENDITIONS_MAX)
        return problem_set(problem, PROBLEM_STORAGE, "%zu renditions of '%s'", count, folder);
    for (size_t i = 0; i < count; i++)
        if (!open_rendition(version, folder, names[i], problem))
            return false;
    if (count == 0)
        return problem_set(problem, PROBLEM_STORAGE, "'%s' holds no rendition", folder);
    put_video_first(version);
    for (size_t i = 0; i < count; i++)
        if (segment_table_duration_ms(&version->tables[i]) > version->duration_ms)
            version->duration_ms = segment_table_duration_ms(&version->tables[i]);
    return true;
}

static bool open_captions(
    struct media_version *version, const char *folder, struct problem *problem)
{
    char *names[MEDIA_CAPTIONS_MAX], *captions = join(folder, "captions", "");
    size_t count = list_names(captions, ".vtt", names, MEDIA_CAPTIONS_MAX);
    bool opened = true;
    for (size_t i = 0; i < count; i++) {
        struct media_caption *caption = &version->captions[version->caption_count];
        char *path = join(captions, names[i], ".vtt"), *bytes = NULL;
        size_t length = 0;
        bool named = language_tag_is_valid(names[i]) && strlen(names[i]) < sizeof caption->language;
        if (opened && named) {
            opened = file_read_whole(path, CAPTION_BYTES_MAX, &bytes, &length, problem);
            if (opened) {
                (void)snprintf(caption->language, sizeof caption->language, "%s", names[i]);
                media_blob_fill(&caption->text, bytes, length);
                version->caption_count++;
            }
        }
        free(path);
        free(names[i]);
    }
    free(captions);
    return opened;
}

/* Pictures are beside the lecture: where one of them is missing, the lecture goes on without. */
static bool open_image(const char *folder, const char *name, struct media_image *ret_image)
{
    struct stat facts;
    char *path = join(folder, name, ".jpg");
    if (stat(path, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size == 0) {
        free(path);
        return false;
    }
    ret_image->path = path;
    ret_image->bytes = (uint64_t)facts.st_size;
    /* A file that is there never changes. */
    (void)snprintf(ret_image->etag, sizeof ret_image->etag, "\"%llx-%llx%08lx\"",
        (unsigned long long)facts.st_size, (unsigned long long)facts.st_mtim.tv_sec,
        (unsigned long)facts.st_mtim.tv_nsec);
    return true;
}

static void release_sheets(struct media_image *sheets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(sheets[i].path);
    free(sheets);
}

static void open_images(struct media_version *version, const char *folder)
{
    struct problem ignored = { 0 };
    (void)open_image(folder, "poster", &version->poster);
    json_t *json = read_json(folder, "thumbnails", THUMBNAILS_BYTES_MAX, NULL, &ignored);
    bool opened = json && thumbnails_from_json(json, &version->thumbnails, &ignored);
    json_decref(json);
    if (!opened)
        return;
    size_t count = (size_t)thumbnails_sheet_count(&version->thumbnails);
    struct media_image *sheets = memory_zeroed(count, sizeof *sheets);
    for (size_t i = 0; opened && i < count; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "thumbnails-%zu", i);
        opened = open_image(folder, name, &sheets[i]);
    }
    if (opened)
        version->sheets = sheets;
    else
        release_sheets(sheets, count);
}

static bool report_holds(const char *folder, struct problem *problem)
{
    json_t *json = read_json(folder, "report", REPORT_BYTES_MAX, NULL, problem);
    struct media_report report;
    bool holds = json && media_report_from_json(json, &report, problem);
    json_decref(json);
    return holds;
}

/* names in order, so that every opening gives the same master. */
static struct media_version *open_version(const char *folder, const char *const *names,
    size_t count, const char *language, struct problem *problem)
{
    struct media_version *version = memory_zeroed(1, sizeof *version);
    atomic_init(&version->references, 1);
    if (!report_holds(folder, problem) || !open_renditions(version, folder, names, count, problem)
        || !open_captions(version, folder, problem)) {
        media_version_release(version);
        return NULL;
    }
    open_images(version, folder);
    media_lists_write(version, language);
    return version;
}

struct media_version *media_version_open(const char *folder, struct problem *problem)
{
    char *names[MEDIA_RENDITIONS_MAX];
    size_t count = list_names(folder, ".cmaf", names, MEDIA_RENDITIONS_MAX);
    struct media_version *version
        = open_version(folder, (const char *const *)names, count, NULL, problem);
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    return version;
}

struct media_version *media_version_open_only(const char *folder, const char *const *names,
    size_t count, const char *language, struct problem *problem)
{
    const char **sorted = memory_zeroed(count + 1, sizeof *sorted);
    memcpy(sorted, names, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_names);
    struct media_version *version = open_version(folder, sorted, count, language, problem);
    free(sorted);
    return version;
}

struct media_version *media_version_retain(struct media_version *version)
{
    atomic_fetch_add(&version->references, 1);
    return version;
}

void media_version_release(struct media_version *version)
{
    if (!version || atomic_fetch_sub(&version->references, 1) != 1)
        return;
    for (size_t i = 0; i < version->rendition_count; i++) {
        segment_table_release(&version->tables[i]);
        media_blob_release(&version->renditions[i].playlist);
        media_blob_release(&version->renditions[i].key_pictures);
        free(version->renditions[i].path);
    }
    for (size_t i = 0; i < version->caption_count; i++) {
        struct media_caption *caption = &version->captions[i];
        for (size_t k = 0; k < caption->segment_count; k++)
            media_blob_release(&caption->segments[k]);
        free(caption->segments);
        media_blob_release(&caption->text);
        media_blob_release(&caption->playlist);
    }
    free(version->poster.path);
    if (version->sheets)
        release_sheets(version->sheets, (size_t)thumbnails_sheet_count(&version->thumbnails));
    media_blob_release(&version->cues);
    media_blob_release(&version->master);
    media_blob_release(&version->manifest);
    free(version);
}

int64_t media_version_duration_ms(const struct media_version *version)
{
    return version->duration_ms;
}

size_t media_version_rendition_count(const struct media_version *version)
{
    return version->rendition_count;
}

const struct segment_table *media_version_rendition(
    const struct media_version *version, size_t index)
{
    return &version->tables[index];
}

size_t media_version_caption_count(const struct media_version *version)
{
    return version->caption_count;
}

size_t media_version_caption_cues(const struct media_version *version, size_t index)
{
    return version->captions[index].cue_count;
}

const char *media_version_caption_language(const struct media_version *version, size_t index)
{
    return version->captions[index].language;
}
