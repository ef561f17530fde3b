/*
 * A media file from a stranger, looked at in this very process; what may be copied is packaged as well, and then every
 * promise of the table is held against it.  Bounded tightly, so that what libav alone would make slow stays fast.
 */
#include "media/package.h"
#include "media/probe.h"

#include "base/text.h"

#include <libavutil/log.h>
#include <libavutil/mem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MEMORY_MAX = 64 << 20, INPUT_MAX = 1 << 20, OUTPUT_FD = 200 };

static struct settings settings;

static void begin(void)
{
    settings_init(&settings);
    settings.media_side_pixels_max = 512;
    settings.media_samples_max = 10000;
    settings.media_duration_hours_max = 2;
    av_log_set_level(AV_LOG_QUIET);
    av_max_alloc(MEMORY_MAX);
}

static void check(const struct segment_table *table, int fd)
{
    struct problem problem = { 0 };
    if (!segment_table_check(table, (uint64_t)lseek(fd, 0, SEEK_END), &problem))
        abort();
}

static void package(struct media_probe *probe)
{
    static struct job_task task; /* of a first pass */
    struct package_output output = { .first_fd = OUTPUT_FD, .count = 2 };
    for (int i = 0; i < 2; i++) {
        int fd = memfd_create("output", MFD_CLOEXEC);
        if (dup2(fd, OUTPUT_FD + i) < 0)
            abort();
        (void)close(fd);
    }
    struct package_result result;
    struct problem problem = { 0 };
    if (media_package(probe, &task, &output, &result, &problem)) {
        for (size_t i = 0; i < result.count; i++)
            check(&result.renditions[i].table, output.first_fd + result.renditions[i].output);
        package_result_release(&result);
    }
    (void)close(OUTPUT_FD);
    (void)close(OUTPUT_FD + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!settings.data)
        begin();
    if (size > INPUT_MAX)
        return 0;
    int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    struct media_probe probe;
    struct problem problem = { 0 };
    struct media_report report;
    bool probed = media_probe_run(&probe, fd, &settings, NULL, &problem);
    if (probed == problem_is_set(&problem)
        || (!probed && !text_is_line(problem.detail, sizeof problem.detail)))
        abort();
    /* What the parent would be told must pass its own check. */
    json_t *json = media_report_to_json(&probe.report);
    struct problem unfit = { 0 };
    if ((probed || probe.report_valid) && !media_report_from_json(json, &report, &unfit))
        abort();
    json_decref(json);
    if (probed && probe.report.video.action != MEDIA_TRANSCODE
        && probe.report.audio.action != MEDIA_TRANSCODE)
        package(&probe);
    media_probe_release(&probe);
    (void)close(fd);
    return 0;
}
