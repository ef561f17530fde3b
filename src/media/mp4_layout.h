/*
 * What the boxes of an MP4 or QuickTime file say of it as a whole (ISO/IEC 14496-12), where libavformat keeps it to
 * itself: whether the file is fragmented, whether its last box is all there, and its edit lists.
 *
 * Reads headers only, by pread(), and at most a million of them.  What is broken is left out, never an error: the
 * demuxer decides what can be played.
 */
#ifndef LECTERN_MEDIA_MP4_LAYOUT_H
#define LECTERN_MEDIA_MP4_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MP4_EDITS_MAX = 64 };

struct mp4_edit {
    uint32_t track_id;
    bool complex;   /* more than "wait, then play one stretch at normal speed" */
    int64_t end_us; /* of the movie, where the track's presentation ends; 0: where its data ends */
};

struct mp4_layout {
    bool is_mp4;            /* begins with a box that such files begin with */
    bool has_index;         /* moov */
    bool fragmented;        /* moof */
    bool cut_off;           /* the last box reaches past the end of the file */
    bool encrypted;         /* a track's samples are protected (ISO/IEC 14496-12 section 8.12) */
    bool references_others; /* a reference movie, or a track whose data lies elsewhere */
    int64_t fragments_us;   /* length that mehd or sidx promise of a fragmented file, or 0 */
    uint32_t picture_count; /* claimed by the largest picture track */
    struct mp4_edit edits[MP4_EDITS_MAX];
    size_t edit_count;
};

void mp4_layout_read(int fd, int64_t size_bytes, struct mp4_layout *ret_layout);
/* NULL: no edit list */
const struct mp4_edit *mp4_layout_edit(const struct mp4_layout *layout, uint32_t track_id);
bool mp4_layout_edits_are_complex(const struct mp4_layout *layout);

#endif
