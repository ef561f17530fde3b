/*
 * Sound decoded once and encoded as AAC-LC, mono or stereo, in one or more rungs: each with its rate, its mix, its gain
 * and its own packed file.
 *
 * Times      the first sample of a rung is the lecture's first: the encoder's priming packet is left out, as players
 *            would have to be told to leave out what it decodes to.
 * Ownership  encoded_sound_open() gives, encoded_sound_close() ends, and takes NULL.  Stream, rungs, cuts and
 *            descriptors are lent.
 */
#ifndef LECTERN_MEDIA_ENCODED_SOUND_H
#define LECTERN_MEDIA_ENCODED_SOUND_H

#include "media/fragment.h"
#include "media/sound_rung.h"

struct encoded_sound;

/* Where the lecture lies on the file's clock, and what the renditions are of. */
struct sound_place {
    int64_t origin_us, duration_us;
    struct fragment_cuts cuts;
    const char *language; /* of an interpreter; "": the recording's own sound */
    int revision;
};
struct encoded_sound *encoded_sound_open(const AVStream *stream, const struct sound_place *place,
    const struct sound_rung *rungs, const int *fds, size_t count, struct problem *problem);
/* Borrows the packet. */
bool encoded_sound_put(
    struct encoded_sound *sound, const AVPacket *packet, struct problem *problem);
bool encoded_sound_finish(struct encoded_sound *sound, struct problem *problem);
/* Of a rung: its table is complete after finishing. */
struct fragment_writer *encoded_sound_writer(struct encoded_sound *sound, size_t rung);
void encoded_sound_close(struct encoded_sound *sound);

#endif
