/*
 * How loud a sound track is (EBU R128, ITU-R BS.1770-4), which of its channels carry something, and where it falls
 * silent; and what follows from that: one gain that brings it to -16 LUFS, the same from beginning to end, so that
 * what was quiet beside something loud stays so.
 *
 * Measured by libavfilter's ebur128, which is linked anyway and keeps a histogram instead of a list: its memory does
 * not grow with the length.  A track is decoded for this before anything is made of it, because the gain must be known
 * before the first sample is encoded.
 *
 * Units      _centi: hundredths of LUFS (absolute), LU (differences) or dB.
 */
#ifndef LECTERN_MEDIA_LOUDNESS_H
#define LECTERN_MEDIA_LOUDNESS_H

#include "media/progress.h"
#include "media/source.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    LOUDNESS_TARGET_CENTI = -1600,
    LOUDNESS_TOLERANCE_CENTI = 200, /* so far off, a track may be played as it is */
    LOUDNESS_SILENCE_CENTI
    = -7000, /* the absolute gate of BS.1770: below it there is nothing to hear */
    LOUDNESS_PEAK_CENTI = -150,    /* dBTP */
    LOUDNESS_LIMITING_CENTI = 900, /* more than this off the peaks is told */
    LOUDNESS_PEAK_STEPS = 60,      /* of one dB */
    LOUDNESS_CHAINS_MAX = 2,
};

enum sound_mix {
    SOUND_ONE,     /* one channel */
    SOUND_STEREO,  /* two that differ */
    SOUND_ALIKE,   /* two that are alike: as good as one */
    SOUND_LEFT,    /* two, but the right one is dead */
    SOUND_RIGHT,   /* two, but the left one is dead */
    SOUND_OPPOSED, /* two of which one is the other upside down: together they would be silent */
};

struct loudness {
    bool heard; /* not below the gate */
    enum sound_mix mix;
    int stereo_centi; /* of both channels; of the one where there is one */
    int mono_centi;   /* of the one channel that can be made of it */
    int peak_centi;   /* dBTP of the loudest channel */
    int range_centi;
    int64_t
        end_us; /* from the lecture's beginning: where the last sound is heard; 0 where none is */
    /* Of the moments (100 ms) whose samples reach up to between -n and -(n+1) dB, and [0] above that. */
    double energy_by_peak[LOUDNESS_PEAK_STEPS];
};

/* The gain from one loudness to the target, at most so much up; 0 for what cannot be heard. */
int loudness_gain_centi(int loudness_centi, bool heard, int gain_centi_max);
/* By how much the limiter will take down the highest peak. */
int loudness_limiting_centi(int peak_centi, int gain_centi);
/* What the limiter may take from the loudness at this gain, by and large, at worst. */
int loudness_lost_centi(const struct loudness *loudness, int gain_centi);
bool loudness_is_near(int loudness_centi);

/* The lecture on the file's clock. */
struct loudness_stretch {
    int64_t origin_us, duration_us;
    struct progress *progress; /* PROGRESS_MEASURE; may be NULL */
};

/* Decodes the stream from the file's beginning, and nothing else of it; afterwards media_source_rewind() and
 * media_source_select(), as no other stream is selected then. */
bool loudness_measure(struct media_source *source, int stream,
    const struct loudness_stretch *stretch, struct loudness *ret_loudness, struct problem *problem);
/* In the same way, how loud it is behind each of these chains of libavfilter's, which take decoded_sound.h's frames and
 * end with a meter (LOUDNESS_METER). */
#define LOUDNESS_METER "ebur128=metadata=1:framelog=verbose"
bool loudness_behind(struct media_source *source, int stream,
    const struct loudness_stretch *stretch, const char *const *chains, size_t count,
    int ret_centi[LOUDNESS_CHAINS_MAX], struct problem *problem);

#endif
