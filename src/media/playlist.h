/*
 * HLS playlists (RFC 8216) from segment tables: pure functions from facts to text.
 *
 * Addresses  relative: "video/playlist.m3u8" below the master, "0.m4s" below a media playlist.
 * Version    7: fMP4 with EXT-X-MAP needs 6, and 7 is what players know it by.
 * Threads    any.
 */
#ifndef LECTERN_MEDIA_PLAYLIST_H
#define LECTERN_MEDIA_PLAYLIST_H

#include "base/text.h"
#include "media/caption_segments.h"
#include "media/segment_table.h"

/* EXT-X-TARGETDURATION: at or above every rounded EXTINF of every rendition, as section 6.2.4 wants one for
 * all of them. */
int64_t playlist_target_seconds(const struct segment_table *tables, size_t count);

/* Video renditions become variants with the group of the audio renditions; where there is no video, each audio
 * rendition is a variant of its own.  Caption languages are BCP 47 tags. */
void playlist_write_master(const struct segment_table *tables, size_t count,
    const char *const *caption_languages, size_t caption_count, struct text *out);

/* EXTINF are differences of ends rounded to microseconds: their sum is exact, however long the lecture. */
void playlist_write_media(
    const struct segment_table *table, int64_t target_seconds, struct text *out);

/* Of captions/<language>/<number>.vtt.  Their target duration is their own: section 6.2.4 lets subtitles of finished
 * presentations have that. */
void playlist_write_captions(const struct caption_segments *segments, struct text *out);

/* What a language calls itself, in the form for lists: "日本語", "Tiếng Việt".  A tag that ICU does not know
 * is its own name.  Never holds a quote or a control character. */
enum { LANGUAGE_NAME_SIZE = 96 };
void language_own_name(const char *tag, char ret_name[LANGUAGE_NAME_SIZE]);

#endif
