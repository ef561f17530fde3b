/*
 * Captions and chapters that came inside of the file, told over the child's pipe (job_protocol.h): one line a caption, one a
 * chapter.  The child's side; job_tracks.h is the parent's.
 *
 * Captions    text tracks of any kind that libavcodec reads (SubRip, mov_text, WebVTT, SubStation), and CEA-608 in the
 *             user data of H.264 (ATSC A/53 part 4), for which no picture is decoded.  Captions that are pictures (DVD,
 *             Blu-ray) are no text; the report tells of them.
 * Cost        a pass over the packets of these tracks alone, and over the picture's only where its beginning holds
 *             CEA-608; none where there is neither.
 * Bounds      INNER_CAPTION_TRACKS_MAX tracks; the parent bounds the rest.
 * Errors      what cannot be read is left out: a lecture is worth more than its captions.  What is too long is counted,
 *             and told of.  false: the parent is gone.
 */
#ifndef LECTERN_MEDIA_INNER_TRACKS_H
#define LECTERN_MEDIA_INNER_TRACKS_H

#include "media/probe.h"

enum { INNER_CAPTION_TRACKS_MAX = 16, INNER_CHAPTERS_MAX = 200 };

bool inner_tracks_tell(struct media_probe *probe, int report_fd);

#endif
