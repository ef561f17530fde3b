/*
 * The DASH manifest (ISO 23009-1, profile isoff-live, static) of the same fragments that the HLS playlists name: a
 * pure function from facts to text.
 *
 * Sets       one of the pictures, stills among them, so that players fall back to those as to any other rate; one a
 *            sound's language; one a language of captions, each one file; the thumbnails (DASH-IF IOP 6.2.6).
 * Times      SegmentTimeline in the ticks of each track, written once for a set where all are the same.
 * Addresses  relative to the manifest, by the same names as in the playlists.
 * Threads    any.
 */
#ifndef LECTERN_MEDIA_DASH_H
#define LECTERN_MEDIA_DASH_H

#include "base/text.h"
#include "media/offer.h"
#include "media/thumbnails.h"

/* thumbnails: NULL where there are none. */
void dash_write_manifest(
    const struct media_offer *offer, const struct thumbnails *thumbnails, struct text *out);

#endif
