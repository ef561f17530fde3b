#include "media/media_version.h"

#include "base/gzip.h"
#include "base/memory.h"
#include "base/secure.h"
#include "base/text.h"
#include "media/dash.h"
#include "media/playlist.h"

#include <stdio.h>
#include <stdlib.h>

enum { LIST_BYTES_MAX = 64 << 20 };

void media_digest(const void *bytes, size_t count, char ret_text[MEDIA_DIGEST_SIZE])
{
    uint8_t digest[SHA256_BYTES];
    secure_sha256(bytes, count, digest);
    text_hex_encode(digest, (MEDIA_DIGEST_SIZE - 1) / 2, ret_text);
}

void media_blob_release(struct media_blob *blob)
{
    free(blob->bytes);
    free(blob->gzip_bytes);
}

void media_blob_fill(struct media_blob *blob, char *bytes, size_t count)
{
    char digest[MEDIA_DIGEST_SIZE];
    blob->bytes = bytes;
    blob->count = count;
    media_digest(bytes, count, digest);
    (void)snprintf(blob->etag, sizeof blob->etag, "\"%s\"", digest);
    /* Done once, sent for as long as the lecture lives. */
    blob->gzip_bytes = gzip_pack(bytes, count, GZIP_BEST, &blob->gzip_count);
}

static void take(struct media_blob *blob, struct text *text)
{
    size_t count = text->length;
    media_blob_fill(blob, text_take(text), count);
}

static void write_of_renditions(
    struct media_version *version, int64_t target_seconds, struct text *text)
{
    for (size_t i = 0; i < version->rendition_count; i++) {
        const struct segment_table *table = &version->tables[i];
        playlist_write_media(table, target_seconds, text);
        take(&version->renditions[i].playlist, text);
        if (!playlist_has_key_pictures(table))
            continue;
        playlist_write_key_pictures(table, target_seconds, text);
        take(&version->renditions[i].key_pictures, text);
    }
}

static void cut_captions(struct media_caption *caption, int64_t duration_ms, struct text *text)
{
    struct caption_segments segments;
    caption_segments_init(&segments, caption->text.bytes, caption->text.count, duration_ms);
    caption->segment_count = segments.count;
    caption->cue_count = segments.span_count;
    caption->segments = memory_zeroed(segments.count, sizeof *caption->segments);
    for (size_t i = 0; i < segments.count; i++) {
        caption_segment_write(&segments, i, text);
        take(&caption->segments[i], text);
    }
    playlist_write_captions(&segments, text);
    take(&caption->playlist, text);
    caption_segments_release(&segments);
}

void media_lists_write(struct media_version *version, const char *language)
{
    const char *languages[MEDIA_CAPTIONS_MAX];
    struct media_offer offer;
    struct text text;
    text_init(&text, LIST_BYTES_MAX);
    for (size_t i = 0; i < version->caption_count; i++) {
        languages[i] = version->captions[i].language;
        cut_captions(&version->captions[i], version->duration_ms, &text);
    }
    media_offer_make(version->tables, version->rendition_count, language, languages,
        version->caption_count, &offer);
    write_of_renditions(version, offer.target_seconds, &text);
    playlist_write_master(&offer, &text);
    take(&version->master, &text);
    dash_write_manifest(&offer, version->sheets ? &version->thumbnails : NULL, &text);
    take(&version->manifest, &text);
    if (version->sheets) {
        thumbnails_write_cues(&version->thumbnails, version->duration_ms, &text);
        take(&version->cues, &text);
    }
}
