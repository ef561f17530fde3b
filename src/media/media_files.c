#include "media/media_files.h"

#include "base/files.h"
#include "base/gzip.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/secure.h"
#include "base/text.h"
#include "media/caption_segments.h"
#include "media/playlist.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    TABLE_BYTES_MAX = 32 << 20,
    REPORT_BYTES_MAX = 64 << 10,
    CAPTION_BYTES_MAX = 64 << 20,
    PLAYLIST_BYTES_MAX = 64 << 20,
    DIGEST_TEXT_SIZE = 33 /* 128 bits in hex */
};

struct blob {
    char *bytes;
    size_t count;
    char *gzip_bytes;
    size_t gzip_count;
    char etag[DIGEST_TEXT_SIZE + 2];
};

struct rendition {
    char *path;
    char digest[DIGEST_TEXT_SIZE]; /* of the table as it lies on disk */
    struct blob playlist;
};

struct caption {
    char language[36];
    struct blob text, playlist;
    struct blob *segments; /* caption_segments.h */
    size_t segment_count;
};

struct media_version {
    atomic_int references;
    struct media_report report;
    int64_t duration_ms;
    struct segment_table tables[MEDIA_RENDITIONS_MAX];
    struct rendition renditions[MEDIA_RENDITIONS_MAX]; /* beside tables */
    size_t rendition_count;
    struct caption captions[MEDIA_CAPTIONS_MAX];
    size_t caption_count;
    struct blob master;
};

static void digest_text(const void *bytes, size_t count, char ret_text[DIGEST_TEXT_SIZE])
{
    uint8_t digest[SHA256_BYTES];
    secure_sha256(bytes, count, digest);
    text_hex_encode(digest, (DIGEST_TEXT_SIZE - 1) / 2, ret_text);
}

static void blob_release(struct blob *blob)
{
    free(blob->bytes);
    free(blob->gzip_bytes);
}

/* Done once, sent for as long as the lecture lives. */
static void blob_compress(struct blob *blob)
{
    blob->gzip_bytes = gzip_pack(blob->bytes, blob->count, GZIP_BEST, &blob->gzip_count);
}

/* Takes the bytes. */
static void blob_fill(struct blob *blob, char *bytes, size_t count)
{
    char digest[DIGEST_TEXT_SIZE];
    blob->bytes = bytes;
    blob->count = count;
    digest_text(bytes, count, digest);
    (void)snprintf(blob->etag, sizeof blob->etag, "\"%s\"", digest);
    blob_compress(blob);
}

static void blob_take(struct blob *blob, struct text *text)
{
    size_t count = text->length;
    blob_fill(blob, text_take(text), count);
}

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
            digest_text(bytes, count, ret_digest);
    }
    free(bytes);
    free(path);
    return json;
}

static bool open_rendition(
    struct media_version *version, const char *folder, const char *name, struct problem *problem)
{
    struct segment_table *table = &version->tables[version->rendition_count];
    struct rendition *rendition = &version->renditions[version->rendition_count];
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
    struct rendition renditions[MEDIA_RENDITIONS_MAX];
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
        struct caption *caption = &version->captions[version->caption_count];
        char *path = join(captions, names[i], ".vtt"), *bytes = NULL;
        size_t length = 0;
        bool named = language_tag_is_valid(names[i]) && strlen(names[i]) < sizeof caption->language;
        if (opened && named) {
            opened = file_read_whole(path, CAPTION_BYTES_MAX, &bytes, &length, problem);
            if (opened) {
                (void)snprintf(caption->language, sizeof caption->language, "%s", names[i]);
                blob_fill(&caption->text, bytes, length);
                version->caption_count++;
            }
        }
        free(path);
        free(names[i]);
    }
    free(captions);
    return opened;
}

static void cut_captions(struct caption *caption, int64_t duration_ms)
{
    struct caption_segments segments;
    caption_segments_init(&segments, caption->text.bytes, caption->text.count, duration_ms);
    caption->segment_count = segments.count;
    caption->segments = memory_zeroed(segments.count, sizeof *caption->segments);
    struct text text;
    text_init(&text, CAPTION_BYTES_MAX);
    for (size_t i = 0; i < segments.count; i++) {
        caption_segment_write(&segments, i, &text);
        blob_take(&caption->segments[i], &text);
    }
    playlist_write_captions(&segments, &text);
    blob_take(&caption->playlist, &text);
    caption_segments_release(&segments);
}

static void write_playlists(struct media_version *version)
{
    const char *languages[MEDIA_CAPTIONS_MAX];
    int64_t target = playlist_target_seconds(version->tables, version->rendition_count);
    struct text text;
    text_init(&text, PLAYLIST_BYTES_MAX);
    for (size_t i = 0; i < version->rendition_count; i++) {
        playlist_write_media(&version->tables[i], target, &text);
        blob_take(&version->renditions[i].playlist, &text);
    }
    for (size_t i = 0; i < version->caption_count; i++) {
        languages[i] = version->captions[i].language;
        cut_captions(&version->captions[i], version->duration_ms);
    }
    playlist_write_master(
        version->tables, version->rendition_count, languages, version->caption_count, &text);
    blob_take(&version->master, &text);
}

static bool open_report(struct media_version *version, const char *folder, struct problem *problem)
{
    json_t *json = read_json(folder, "report", REPORT_BYTES_MAX, NULL, problem);
    bool opened = json && media_report_from_json(json, &version->report, problem);
    json_decref(json);
    return opened;
}

/* names in order, so that every opening gives the same master. */
static struct media_version *open_version(
    const char *folder, const char *const *names, size_t count, struct problem *problem)
{
    struct media_version *version = memory_zeroed(1, sizeof *version);
    atomic_init(&version->references, 1);
    if (!open_report(version, folder, problem)
        || !open_renditions(version, folder, names, count, problem)
        || !open_captions(version, folder, problem)) {
        media_version_release(version);
        return NULL;
    }
    write_playlists(version);
    return version;
}

struct media_version *media_version_open(const char *folder, struct problem *problem)
{
    char *names[MEDIA_RENDITIONS_MAX];
    size_t count = list_names(folder, ".cmaf", names, MEDIA_RENDITIONS_MAX);
    struct media_version *version
        = open_version(folder, (const char *const *)names, count, problem);
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    return version;
}

struct media_version *media_version_open_only(
    const char *folder, const char *const *names, size_t count, struct problem *problem)
{
    const char **sorted = memory_zeroed(count + 1, sizeof *sorted);
    memcpy(sorted, names, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_names);
    struct media_version *version = open_version(folder, sorted, count, problem);
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
        blob_release(&version->renditions[i].playlist);
        free(version->renditions[i].path);
    }
    for (size_t i = 0; i < version->caption_count; i++) {
        struct caption *caption = &version->captions[i];
        for (size_t k = 0; k < caption->segment_count; k++)
            blob_release(&caption->segments[k]);
        free(caption->segments);
        blob_release(&caption->text);
        blob_release(&caption->playlist);
    }
    blob_release(&version->master);
    free(version);
}

const struct media_report *media_version_report(const struct media_version *version)
{
    return &version->report;
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

const char *media_version_caption_language(const struct media_version *version, size_t index)
{
    return version->captions[index].language;
}

static bool found_blob(const struct blob *blob, enum media_object_kind kind, bool immutable,
    struct media_object *ret_object)
{
    *ret_object = (struct media_object){
        .kind = kind,
        .content_type
        = kind == MEDIA_CAPTIONS ? "text/vtt; charset=utf-8" : "application/vnd.apple.mpegurl",
        .etag = blob->etag,
        .immutable = immutable,
        .bytes = blob->bytes,
        .count = blob->count,
        .gzip_bytes = blob->gzip_bytes,
        .gzip_count = blob->gzip_count,
    };
    return true;
}

static void found_range(const struct media_version *version, size_t index,
    enum media_object_kind kind, char etag_buffer[MEDIA_ETAG_SIZE], struct media_object *ret_object)
{
    const struct segment_table *table = &version->tables[index];
    *ret_object = (struct media_object){
        .kind = kind,
        .content_type = rendition_has_pictures(table) ? "video/mp4" : "audio/mp4",
        .etag = etag_buffer,
        .immutable = true,
        .path = version->renditions[index].path,
        .table = table,
        .size_bytes = table->init_bytes,
    };
}

/* "12.m4s": decimal, without leading zeros, below `count`. */
static bool read_number(const char *name, const char *suffix, size_t count, size_t *ret_number)
{
    int64_t number;
    size_t digits = strspn(name, "0123456789");
    if (strcmp(name + digits, suffix) != 0 || (digits > 1 && name[0] == '0')
        || !text_to_int64(name, digits, 0, (int64_t)count - 1, &number))
        return false;
    *ret_number = (size_t)number;
    return true;
}

static bool find_in_rendition(const struct media_version *version, size_t index, const char *name,
    char etag_buffer[MEDIA_ETAG_SIZE], struct media_object *ret_object)
{
    const struct segment_table *table = &version->tables[index];
    const struct rendition *rendition = &version->renditions[index];
    if (strcmp(name, "playlist.m3u8") == 0) {
        (void)found_blob(&rendition->playlist, MEDIA_PLAYLIST, true, ret_object);
        ret_object->table = table;
        return true;
    }
    if (strcmp(name, "init.mp4") == 0) {
        (void)snprintf(etag_buffer, MEDIA_ETAG_SIZE, "\"%s-init\"", rendition->digest);
        found_range(version, index, MEDIA_INIT, etag_buffer, ret_object);
        return true;
    }
    size_t number;
    if (!read_number(name, ".m4s", table->count, &number))
        return false;
    (void)snprintf(etag_buffer, MEDIA_ETAG_SIZE, "\"%s-%zu\"", rendition->digest, number);
    found_range(version, index, MEDIA_SEGMENT, etag_buffer, ret_object);
    ret_object->number = number;
    ret_object->offset_bytes = table->segments[number].offset_bytes;
    ret_object->size_bytes = table->segments[number].size_bytes;
    ret_object->start_ms = segment_start_ms(table, ret_object->number);
    ret_object->end_ms = segment_end_ms(table, ret_object->number);
    return true;
}

static bool find_captions(
    const struct media_version *version, const char *name, struct media_object *ret_object)
{
    for (size_t i = 0; i < version->caption_count; i++) {
        const struct caption *caption = &version->captions[i];
        size_t length = strlen(caption->language);
        if (strncmp(name, caption->language, length) != 0)
            continue;
        if (strcmp(name + length, ".vtt") == 0)
            return found_blob(&caption->text, MEDIA_CAPTIONS, false, ret_object);
        if (strcmp(name + length, "/playlist.m3u8") == 0)
            return found_blob(&caption->playlist, MEDIA_PLAYLIST, false, ret_object);
        size_t number;
        if (name[length] == '/'
            && read_number(name + length + 1, ".vtt", caption->segment_count, &number))
            return found_blob(&caption->segments[number], MEDIA_CAPTIONS, false, ret_object);
    }
    return false;
}

bool media_version_find(const struct media_version *version, const char *name,
    char etag_buffer[MEDIA_ETAG_SIZE], struct media_object *ret_object)
{
    if (strcmp(name, "master.m3u8") == 0)
        return found_blob(&version->master, MEDIA_PLAYLIST, false, ret_object);
    if (text_starts_with(name, "captions/"))
        return find_captions(version, name + strlen("captions/"), ret_object);
    for (size_t i = 0; i < version->rendition_count; i++) {
        size_t length = strlen(version->tables[i].name);
        if (strncmp(name, version->tables[i].name, length) == 0 && name[length] == '/')
            return find_in_rendition(version, i, name + length + 1, etag_buffer, ret_object);
    }
    return false;
}
