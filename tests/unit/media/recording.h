/* For tests of sound: recordings made here, as WAVE files. */
#ifndef LECTERN_TESTS_MEDIA_RECORDING_H
#define LECTERN_TESTS_MEDIA_RECORDING_H

#include "../unit.h"

#include "base/memory.h"
#include "base/settings.h"
#include "media/loudness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct settings settings;

static int begin(void **state)
{
    (void)state;
    settings_init(&settings);
    av_log_set_level(AV_LOG_QUIET);
    return 0;
}

static int end(void **state)
{
    (void)state;
    settings_release(&settings);
    return 0;
}

/* What a channel holds: a tone of 997 Hz, between two moments. */
struct tone {
    double amplitude, from_s, to_s;
    double frequency;
    double every_s; /* again and again; 0: once */
};

struct recording {
    int rate, channels;
    double seconds;
    struct tone tones[8]; /* of each channel */
};

static inline void put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

/* WAVE_FORMAT_PCM of 16 bits, with the header of 44 bytes that everybody writes. */
static inline int make_wav(const struct recording *recording)
{
    size_t samples = (size_t)lround(recording->seconds * recording->rate);
    size_t bytes = samples * (size_t)recording->channels * 2;
    uint8_t header[44] = "RIFF....WAVEfmt ";
    put_u32(header + 4, (uint32_t)(bytes + 36));
    put_u32(header + 16, 16);
    put_u32(header + 20, 1 | (uint32_t)recording->channels << 16);
    put_u32(header + 24, (uint32_t)recording->rate);
    put_u32(header + 28, (uint32_t)(recording->rate * recording->channels * 2));
    put_u32(header + 32, (uint32_t)(recording->channels * 2) | 16 << 16);
    memcpy(header + 36, "data", 4);
    put_u32(header + 40, (uint32_t)bytes);
    int16_t *data = memory_zeroed(samples * (size_t)recording->channels, sizeof *data);
    for (size_t i = 0; i < samples; i++)
        for (int c = 0; c < recording->channels; c++) {
            const struct tone *tone = &recording->tones[c];
            double at = (double)i / recording->rate;
            if (tone->every_s > 0)
                at = fmod(at, tone->every_s);
            double frequency = tone->frequency > 0 ? tone->frequency : 997;
            if (at >= tone->from_s && (tone->to_s <= 0 || at < tone->to_s))
                data[i * (size_t)recording->channels + (size_t)c] = (int16_t)lround(
                    32767 * tone->amplitude * sin(2 * 3.14159265358979 * frequency * at));
        }
    int fd = memfd_create("wav", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, header, 44), 44);
    assert_int_equal(write(fd, data, bytes), bytes);
    free(data);
    return fd;
}

/* The sound of such a file, or of a packed one. */
static inline struct loudness measure_file(int fd, int64_t duration_us)
{
    struct media_source source = { 0 };
    struct loudness loudness;
    struct problem problem = { 0 };
    const struct loudness_stretch stretch = { .duration_us = duration_us };
    if (!media_source_open(&source, fd, &settings, &problem)
        || !loudness_measure(&source, 0, &stretch, &loudness, &problem))
        fail_msg("%s", problem.detail);
    media_source_close(&source);
    return loudness;
}

#endif
