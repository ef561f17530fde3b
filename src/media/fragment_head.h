/*
 * How much of a fragment must be fetched to show its first picture: for I-frame playlists.
 *
 * Takes the bytes that begin a fragment (moof, then mdat; ISO/IEC 14496-12 sections 8.8.4 to 8.8.8) with one track and
 * one run, as libavformat's muxer writes them; returns the bytes up to the end of its first sample, or 0 where
 * these do not say it.
 */
#ifndef LECTERN_MEDIA_FRAGMENT_HEAD_H
#define LECTERN_MEDIA_FRAGMENT_HEAD_H

#include <stddef.h>
#include <stdint.h>

uint64_t fragment_key_bytes(const uint8_t *bytes, size_t count);

#endif
