#include "media/sound_level.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROUNDS = 3,
    LOST_CENTI = 50, /* half of what a rendition may be off: more is worth another decode */
    NEAR_CENTI = 30,
    STEEPEST = 5, /* times what is missing, where more gain is nearly all taken down again */
    CHAIN_SIZE = SOUND_CHAIN_SIZE + 60,
};

/* A rung that is not there yet. */
struct levelled {
    struct sound_rung *rung;
    int gain_most_centi;
    int gain_centi, centi; /* the last gain that is known, and how loud it was with it */
    char chain[CHAIN_SIZE];
};

/* At the gain where the first peak comes to the limit, nothing is lost yet. */
static struct levelled begin(
    struct sound_rung *rung, const struct loudness *loudness, int gain_centi_max)
{
    int most = rung->gain_centi + SOUND_LEVEL_RAISE_CENTI;
    int free_centi = LOUDNESS_PEAK_CENTI - loudness->peak_centi;
    return (struct levelled){
        .rung = rung,
        .gain_most_centi = most < gain_centi_max ? most : gain_centi_max,
        .gain_centi = free_centi,
        .centi = LOUDNESS_TARGET_CENTI - rung->gain_centi + free_centi,
    };
}

/* Along the line through the two last figures.  true: with another gain, which is to be measured. */
static bool raise_gain(struct levelled *levelled, int centi)
{
    struct sound_rung *rung = levelled->rung;
    int missing = LOUDNESS_TARGET_CENTI - centi;
    int gained = centi - levelled->centi, by = rung->gain_centi - levelled->gain_centi;
    double steep = gained != 0 ? (double)by / gained : STEEPEST;
    steep = steep < 1 ? (gained < 0 ? STEEPEST : 1) : steep > STEEPEST ? STEEPEST : steep;
    int gain = rung->gain_centi + (int)(missing * steep);
    if (gain > levelled->gain_most_centi)
        gain = levelled->gain_most_centi;
    if (abs(missing) <= NEAR_CENTI || gain == rung->gain_centi)
        return false;
    levelled->gain_centi = rung->gain_centi;
    levelled->centi = centi;
    rung->gain_centi = gain;
    return true;
}

static void write_chain(struct levelled *levelled, const struct loudness *loudness)
{
    char chain[SOUND_CHAIN_SIZE];
    sound_rung_chain(levelled->rung, loudness->mix == SOUND_ONE ? 1 : 2, chain);
    (void)snprintf(levelled->chain, CHAIN_SIZE, "%s," LOUDNESS_METER, chain);
}

bool sound_level(struct media_source *source, int stream, const struct loudness_stretch *stretch,
    const struct loudness *loudness, int gain_centi_max, struct sound_rung *rungs, size_t count,
    struct problem *problem)
{
    struct levelled list[SOUND_RUNGS_MAX];
    const char *chains[SOUND_RUNGS_MAX];
    int centi[LOUDNESS_CHAINS_MAX];
    size_t left = 0;
    for (size_t i = 0; i < count; i++)
        if (rungs[i].limited && rungs[i].gain_centi < gain_centi_max
            && loudness_lost_centi(loudness, rungs[i].gain_centi) > LOST_CENTI)
            list[left++] = begin(&rungs[i], loudness, gain_centi_max);
    for (int round = 0; left > 0 && round < ROUNDS; round++) {
        size_t measured = left;
        for (size_t i = 0; i < left; i++) {
            write_chain(&list[i], loudness);
            chains[i] = list[i].chain;
        }
        if (!loudness_behind(source, stream, stretch, chains, measured, centi, problem))
            return false;
        left = 0;
        for (size_t i = 0; i < measured; i++)
            if (raise_gain(&list[i], centi[i]))
                list[left++] = list[i];
    }
    return true;
}
