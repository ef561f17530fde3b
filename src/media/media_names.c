#include "media/media_version.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const char playlist_type[] = "application/vnd.apple.mpegurl";
static const char manifest_type[] = "application/dash+xml";
static const char captions_type[] = "text/vtt; charset=utf-8";
static const char image_type[] = "image/jpeg";

static bool found_blob(const struct media_blob *blob, enum media_object_kind kind,
    const char *content_type, bool immutable, struct media_object *ret_object)
{
    *ret_object = (struct media_object){
        .kind = kind,
        .content_type = content_type,
        .etag = blob->etag,
        .immutable = immutable,
        .bytes = blob->bytes,
        .count = blob->count,
        .gzip_bytes = blob->gzip_bytes,
        .gzip_count = blob->gzip_count,
    };
    return blob->bytes != NULL;
}

static bool found_image(const struct media_image *image, struct media_object *ret_object)
{
    *ret_object = (struct media_object){
        .kind = MEDIA_IMAGE,
        .content_type = image_type,
        .etag = image->etag,
        .immutable = true,
        .path = image->path,
        .size_bytes = image->bytes,
    };
    return image->path != NULL;
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
    const struct media_rendition *rendition = &version->renditions[index];
    const struct media_blob *list = strcmp(name, "playlist.m3u8") == 0  ? &rendition->playlist
                                    : strcmp(name, "iframes.m3u8") == 0 ? &rendition->key_pictures
                                                                        : NULL;
    if (list) {
        bool found = found_blob(list, MEDIA_PLAYLIST, playlist_type, true, ret_object);
        ret_object->table = table;
        return found;
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
        const struct media_caption *caption = &version->captions[i];
        size_t length = strlen(caption->language);
        if (strncmp(name, caption->language, length) != 0)
            continue;
        if (strcmp(name + length, ".vtt") == 0)
            return found_blob(&caption->text, MEDIA_CAPTIONS, captions_type, false, ret_object);
        if (strcmp(name + length, "/playlist.m3u8") == 0)
            return found_blob(&caption->playlist, MEDIA_PLAYLIST, playlist_type, false, ret_object);
        size_t number;
        if (name[length] == '/'
            && read_number(name + length + 1, ".vtt", caption->segment_count, &number))
            return found_blob(
                &caption->segments[number], MEDIA_CAPTIONS, captions_type, false, ret_object);
    }
    return false;
}

static bool find_thumbnails(
    const struct media_version *version, const char *name, struct media_object *ret_object)
{
    size_t number;
    if (!version->sheets)
        return false;
    if (strcmp(name, ".vtt") == 0)
        return found_blob(&version->cues, MEDIA_CAPTIONS, captions_type, true, ret_object);
    return name[0] == '-'
           && read_number(
               name + 1, ".jpg", (size_t)thumbnails_sheet_count(&version->thumbnails), &number)
           && found_image(&version->sheets[number], ret_object);
}

/* Names that no rendition can have: those are of a-z, 0-9 and '-'. */
static bool find_in_version(
    const struct media_version *version, const char *name, struct media_object *ret_object)
{
    if (strcmp(name, "master.m3u8") == 0)
        return found_blob(&version->master, MEDIA_PLAYLIST, playlist_type, false, ret_object);
    if (strcmp(name, "manifest.mpd") == 0)
        return found_blob(&version->manifest, MEDIA_PLAYLIST, manifest_type, false, ret_object);
    if (strcmp(name, "poster.jpg") == 0)
        return found_image(&version->poster, ret_object);
    if (text_starts_with(name, "captions/"))
        return find_captions(version, name + strlen("captions/"), ret_object);
    return text_starts_with(name, "thumbnails")
           && find_thumbnails(version, name + strlen("thumbnails"), ret_object);
}

bool media_version_find(const struct media_version *version, const char *name,
    char etag_buffer[MEDIA_ETAG_SIZE], struct media_object *ret_object)
{
    if (find_in_version(version, name, ret_object))
        return true;
    for (size_t i = 0; i < version->rendition_count; i++) {
        size_t length = strlen(version->tables[i].name);
        if (strncmp(name, version->tables[i].name, length) == 0 && name[length] == '/')
            return find_in_rendition(version, i, name + length + 1, etag_buffer, ret_object);
    }
    return false;
}
