/* A small ladder in tables, for what is written of them: eight seconds in two segments, of round rates. */
#ifndef LECTERN_TESTS_LADDER_H
#define LECTERN_TESTS_LADDER_H

#include "media/segment_table.h"

#include <stdio.h>

enum {
    LADDER_720P,
    LADDER_STILLS,
    LADDER_240P,
    LADDER_VIETNAMESE,
    LADDER_SOUND,
    LADDER_HIGH,
    LADDER_TABLES
};

struct ladder {
    struct segment_table tables[LADDER_TABLES];
};

static inline void ladder_fill(
    struct segment_table *table, const char *name, const char *codecs, int bits_per_second)
{
    (void)snprintf(table->name, sizeof table->name, "%s", name);
    (void)snprintf(table->codecs, sizeof table->codecs, "%s", codecs);
    table->init_bytes = 700;
    table->independent = true;
    for (int i = 0; i < 2; i++)
        segment_table_append(table, 0, table->timescale * 4, (uint64_t)bits_per_second / 8 * 4);
}

static inline void ladder_make(struct ladder *ladder)
{
    *ladder = (struct ladder){ .tables = {
                                   [LADDER_720P] = { .kind = RENDITION_VIDEO,
                                       .timescale = 12800,
                                       .width = 1280,
                                       .height = 720,
                                       .frames_per_second_milli = 25000 },
                                   [LADDER_STILLS] = { .kind = RENDITION_STILLS,
                                       .timescale = 90000,
                                       .width = 640,
                                       .height = 360,
                                       .frames_per_second_milli = 500 },
                                   [LADDER_240P] = { .kind = RENDITION_VIDEO,
                                       .timescale = 90000,
                                       .width = 426,
                                       .height = 240,
                                       .frames_per_second_milli = 12500 },
                                   [LADDER_VIETNAMESE] = { .kind = RENDITION_AUDIO,
                                       .timescale = 24000,
                                       .language = "vi",
                                       .sample_rate = 24000,
                                       .channels = 1,
                                       .group = "low" },
                                   [LADDER_SOUND] = { .kind = RENDITION_AUDIO,
                                       .timescale = 24000,
                                       .sample_rate = 24000,
                                       .channels = 1,
                                       .group = "low",
                                       .original = true },
                                   [LADDER_HIGH] = { .kind = RENDITION_AUDIO,
                                       .timescale = 48000,
                                       .sample_rate = 48000,
                                       .channels = 2,
                                       .group = "high",
                                       .original = true },
                               } };
    ladder_fill(&ladder->tables[LADDER_720P], "720p", "avc1.64001f", 1000000);
    ladder_fill(&ladder->tables[LADDER_STILLS], "stills", "avc1.640015", 20000);
    ladder_fill(&ladder->tables[LADDER_240P], "240p", "avc1.42c00d", 96000);
    ladder_fill(&ladder->tables[LADDER_VIETNAMESE], "audio-low-vi", "mp4a.40.2", 32000);
    ladder_fill(&ladder->tables[LADDER_SOUND], "audio-low", "mp4a.40.2", 32000);
    ladder_fill(&ladder->tables[LADDER_HIGH], "audio-high", "mp4a.40.2", 64000);
    for (size_t i = 0; i < 2; i++)
        ladder->tables[LADDER_240P].segments[i].key_bytes = 12000;
}

static inline void ladder_release(struct ladder *ladder)
{
    for (size_t i = 0; i < LADDER_TABLES; i++)
        segment_table_release(&ladder->tables[i]);
}

#endif
