/*
 * HLS playlists (RFC 8216, and VIDEO-RANGE of its second edition): pure functions from facts to text.
 *
 * Addresses  relative: "240p/playlist.m3u8" below the master, "0.m4s" below a media playlist.
 * Version    6, which EXT-X-MAP before whole segments needs (section 7); of captions 3, for their decimals.
 * Threads    any.
 */
#ifndef LECTERN_MEDIA_PLAYLIST_H
#define LECTERN_MEDIA_PLAYLIST_H

#include "base/text.h"
#include "media/caption_segments.h"
#include "media/offer.h"

/* Pictures are variants with the group of sounds of their grade, in the offer's order (stills without their size, so
 * that no player takes them for better than a smaller picture that moves); then the sound alone (beside
 * pictures in its lowest grade); then the lists of key pictures of those that have one. */
void playlist_write_master(const struct media_offer *offer, struct text *out);

/* EXTINF are differences of ends rounded to microseconds: their sum is exact, however long the lecture. */
void playlist_write_media(
    const struct segment_table *table, int64_t target_seconds, struct text *out);

/* The first picture of each segment, for players that show pictures while one winds (section 4.3.3.6): ranges of the
 * very segments.  Only for tables where all of these are known and segments are independent; not for stills, whose
 * first picture may be all of a segment, which would count as delivered. */
bool playlist_has_key_pictures(const struct segment_table *table);
void playlist_write_key_pictures(
    const struct segment_table *table, int64_t target_seconds, struct text *out);

/* Of captions/<language>/<number>.vtt.  Their target duration is their own: section 6.2.4 lets subtitles of finished
 * presentations have that. */
void playlist_write_captions(const struct caption_segments *segments, struct text *out);

#endif
