#include "media/job_limits.h"

#include <unistd.h>

enum { PACKAGE_SECONDS_LEAST = 120, BYTES_LEAST = 64 << 20 };

struct sandbox_limits media_job_probe_limits(const struct settings *settings, int64_t size_bytes)
{
    return (struct sandbox_limits){
        .memory_bytes = settings->probe_memory_bytes,
        .cpu_seconds = settings->probe_cpu_seconds + size_bytes / MEDIA_SCAN_BYTES_A_CPU_SECOND,
        .file_bytes = 0,
    };
}

int64_t media_job_probe_wall_ms(const struct settings *settings, int64_t size_bytes)
{
    return (settings->probe_wall_seconds + size_bytes / MEDIA_SCAN_BYTES_A_WALL_SECOND) * 1000;
}

int64_t media_job_package_wall_ms(
    const struct settings *settings, const struct media_report *report)
{
    int64_t seconds = report->duration_ms / 60000 * settings->transcode_wall_seconds_per_minute
                      + settings->transcode_wall_seconds_per_minute;
    return (seconds > PACKAGE_SECONDS_LEAST ? seconds : PACKAGE_SECONDS_LEAST) * 1000;
}

/* All cores for all of the time; what is copied may double by its boxes, at worst. */
struct sandbox_limits media_job_package_limits(
    const struct settings *settings, const struct media_report *report)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int64_t size_bytes
        = report->size_bytes < (INT64_C(1) << 50) ? report->size_bytes : INT64_C(1) << 50;
    int64_t probe_seconds = media_job_probe_limits(settings, size_bytes).cpu_seconds;
    return (struct sandbox_limits){
        .memory_bytes = settings->transcode_memory_bytes,
        .cpu_seconds
        = probe_seconds
          + media_job_package_wall_ms(settings, report) / 1000 * (cores > 1 ? cores : 1),
        .file_bytes
        = size_bytes * 2
          + report->duration_ms / 1000 * (settings->media_output_bits_per_second_max / 8)
          + BYTES_LEAST,
    };
}
