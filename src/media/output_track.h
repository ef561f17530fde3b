/*
 * A track on its way from the file to a packed rendition: as it is, or decoded and encoded anew.  Packets of the chosen
 * stream go in, in the order of the file; fragments come out on a descriptor.
 *
 * Ownership  opening gives; output_track_close() ends it, and takes NULL.  Probe and descriptor are lent.
 * Errors     NULL or false means *problem is set: PROBLEM_MEDIA_REFUSED with a sentence where the data is at fault.
 */
#ifndef LECTERN_MEDIA_OUTPUT_TRACK_H
#define LECTERN_MEDIA_OUTPUT_TRACK_H

#include "media/fragment.h"
#include "media/probe.h"

struct output_track {
    bool (*put)(struct output_track *track, AVPacket *packet, struct problem *problem);
    bool (*finish)(struct output_track *track, struct problem *problem);
    void (*close)(struct output_track *track);
    const struct media_probe *probe;
    struct fragment_writer writer;
};

/* Sets the plan's cuts to the very times of the key pictures that it cuts at. */
struct output_track *copied_video_open(struct media_probe *probe, int fd, struct problem *problem);
struct output_track *copied_audio_open(
    const struct media_probe *probe, int fd, struct problem *problem);

/* Borrows the packet; its contents may be taken. */
bool output_track_put(struct output_track *track, AVPacket *packet, struct problem *problem);
bool output_track_finish(struct output_track *track, struct problem *problem);
void output_track_close(struct output_track *track);

/* Where the plan cuts. */
struct fragment_cuts output_track_cuts(const struct media_probe *probe);

/* Threads for one codec context: libav's own choice is one and a half a core, without a bound. */
int codec_thread_count(void);

#endif
