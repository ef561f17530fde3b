#include "cli/media_check.h"

#include "base/files.h"
#include "base/secure.h"
#include "cli/house.h"
#include "media/job.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SAMPLE_RATE = 48000, HEADER_BYTES = 44, SOUND_BYTES = SAMPLE_RATE * 2 };

static void put(uint8_t *at, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

/* RIFF WAVE: PCM, 16 bits, one channel, a second of silence. */
static void fill_header(uint8_t header[HEADER_BYTES])
{
    memcpy(header, "RIFF....WAVEfmt ", 16);
    put(header + 4, HEADER_BYTES - 8 + SOUND_BYTES, 4);
    put(header + 16, 16, 4);
    put(header + 20, 1, 2);
    put(header + 22, 1, 2);
    put(header + 24, SAMPLE_RATE, 4);
    put(header + 28, SAMPLE_RATE * 2, 4);
    put(header + 32, 2, 2);
    put(header + 34, 16, 2);
    memcpy(header + 36, "data", 4);
    put(header + 40, SOUND_BYTES, 4);
}

static int make_sound(struct problem *problem)
{
    uint8_t header[HEADER_BYTES];
    fill_header(header);
    int fd = memfd_create("check.wav", MFD_CLOEXEC);
    if (fd >= 0 && ftruncate(fd, HEADER_BYTES + SOUND_BYTES) == 0
        && pwrite(fd, header, sizeof header, 0) == (ssize_t)sizeof header)
        return fd;
    problem_set_errno(problem, errno, "make a sound to check with");
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static bool prepare(
    const struct settings *settings, int fd, const char *folder, struct problem *problem)
{
    const struct media_job job = { .settings = settings, .input_fd = fd, .folder = folder };
    struct media_result result;
    media_job_run(&job, &result);
    return result.outcome == MEDIA_READY
           || problem_set(problem, PROBLEM_CONFLICT,
               "A second of sound could not be prepared: %.150s (%.150s)", result.reason,
               result.detail);
}

bool media_check(const struct settings *settings, struct problem *problem)
{
    char id[UUID_TEXT_SIZE], name[64], folder[PATH_MAX];
    secure_make_uuid(id);
    (void)snprintf(name, sizeof name, "drafts/check-%s", id);
    if (!data_path(settings, name, folder, problem) || !folder_make(folder, 0700, problem))
        return false;
    int fd = make_sound(problem);
    bool done = fd >= 0 && prepare(settings, fd, folder, problem);
    if (fd >= 0)
        (void)close(fd);
    struct problem ignored = { 0 };
    (void)folder_remove(folder, &ignored);
    return done;
}
