/*
 * Which rungs of sound are made of a track, and how: pure functions over what was measured.
 *
 * low   for stills and small pictures: mono, 32 kbit/s at 24 kHz
 * high  mono 48 kbit/s at 32 kHz or 64 at 44.1 or 48 kHz, or 96 kbit/s where there really are two channels;
 *       none where the track itself is no better than low
 *
 * Both have their own gain, so that both are as loud: the sum of two channels that differ is less loud than the two.
 */
#ifndef LECTERN_MEDIA_SOUND_RUNG_H
#define LECTERN_MEDIA_SOUND_RUNG_H

#include "media/loudness.h"
#include "media/segment_table.h"

enum { SOUND_RUNGS_MAX = 2, SOUND_CHAIN_SIZE = 300 };

struct sound_rung {
    const char *group; /* "low", "high" */
    int sample_rate, channels;
    int64_t bits_per_second;
    enum sound_mix mix; /* how its channels come from the track's */
    int gain_centi;
    bool limited; /* peaks would pass the limit */
};

/* sample_rate, bits_per_second: the track's; 0 bits where that is unknown.  How many there are: low first. */
size_t sound_rungs_choose(const struct loudness *loudness, int sample_rate, int64_t bits_per_second,
    int gain_centi_max, struct sound_rung ret_rungs[SOUND_RUNGS_MAX]);
/* For libavfilter: from decoded_sound.h's frames of so many channels to the rung's. */
void sound_rung_chain(
    const struct sound_rung *rung, int channels, char ret_chain[SOUND_CHAIN_SIZE]);

#endif
