#include "media/sound_rung.h"

#include <stdio.h>

enum {
    LOW_RATE = 24000,
    LOW_BITS = 32000,
    POOR_BITS = 40000, /* what came so small has no more in it than low keeps */
    NARROW_RATE = 32000,
    NARROW_BITS = 48000,
    MONO_BITS = 64000,
    STEREO_BITS = 96000,
};

static struct sound_rung make(
    const struct loudness *loudness, const char *group, bool two, int gain_centi_max)
{
    int centi = two ? loudness->stereo_centi : loudness->mono_centi;
    int gain = loudness_gain_centi(centi, loudness->heard, gain_centi_max);
    return (struct sound_rung){
        .group = group,
        .channels = two ? 2 : 1,
        .mix = two ? SOUND_STEREO : loudness->mix,
        .gain_centi = gain,
        .limited = loudness->heard && loudness_limiting_centi(loudness->peak_centi, gain) > 0,
    };
}

static int high_rate(int rate)
{
    if (rate % 11025 == 0)
        return 44100;
    return rate == NARROW_RATE ? NARROW_RATE : 48000;
}

size_t sound_rungs_choose(const struct loudness *loudness, int sample_rate, int64_t bits_per_second,
    int gain_centi_max, struct sound_rung ret_rungs[SOUND_RUNGS_MAX])
{
    ret_rungs[0] = make(loudness, "low", false, gain_centi_max);
    ret_rungs[0].sample_rate = LOW_RATE;
    ret_rungs[0].bits_per_second = LOW_BITS;
    if (!loudness->heard || sample_rate <= LOW_RATE
        || (bits_per_second > 0 && bits_per_second < POOR_BITS))
        return 1;
    bool two = loudness->mix == SOUND_STEREO;
    ret_rungs[1] = make(loudness, "high", two, gain_centi_max);
    ret_rungs[1].sample_rate = high_rate(sample_rate);
    ret_rungs[1].bits_per_second = two                                       ? STEREO_BITS
                                   : ret_rungs[1].sample_rate == NARROW_RATE ? NARROW_BITS
                                                                             : MONO_BITS;
    return 2;
}

static const char *mix_filter(const struct sound_rung *rung)
{
    if (rung->channels == 2)
        return "";
    switch (rung->mix) {
    case SOUND_ONE:
        return "";
    case SOUND_STEREO:
    case SOUND_ALIKE:
        return "pan=mono|c0=0.5*c0+0.5*c1,";
    case SOUND_RIGHT:
        return "pan=mono|c0=c1,";
    case SOUND_LEFT:
    case SOUND_OPPOSED:
        break;
    }
    return "pan=mono|c0=c0,";
}

/* The limiter sees samples only, so it works at four times 48 kHz, where those come as high as what is between (ITU-R
 * BS.1770-4 annex 2).  0.841 is -1.5 dB. */
void sound_rung_chain(const struct sound_rung *rung, int channels, char ret_chain[SOUND_CHAIN_SIZE])
{
    (void)snprintf(ret_chain, SOUND_CHAIN_SIZE,
        "%svolume=volume=%s%d.%02ddB:precision=double,%saresample=osr=%d,"
        "aformat=sample_fmts=fltp:sample_rates=%d:channel_layouts=%s",
        channels > 1 ? mix_filter(rung) : "", rung->gain_centi < 0 ? "-" : "",
        (rung->gain_centi < 0 ? -rung->gain_centi : rung->gain_centi) / 100,
        (rung->gain_centi < 0 ? -rung->gain_centi : rung->gain_centi) % 100,
        rung->limited
            ? "aresample=osr=192000,alimiter=limit=0.841:attack=5:release=100:level=0:latency=1,"
            : "",
        rung->sample_rate, rung->sample_rate, rung->channels == 1 ? "mono" : "stereo");
}
