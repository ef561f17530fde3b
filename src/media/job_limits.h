/*
 * What a child may use in each of its two phases.  The look has little; the parent raises it for packaging, once it
 * knows what the file is.
 */
#ifndef LECTERN_MEDIA_JOB_LIMITS_H
#define LECTERN_MEDIA_JOB_LIMITS_H

#include "base/settings.h"
#include "media/report.h"
#include "media/sandbox.h"

/* Files without an index are read through: time grows with their size, by these rates at least. */
#define MEDIA_SCAN_BYTES_A_CPU_SECOND (INT64_C(64) << 20)
#define MEDIA_SCAN_BYTES_A_WALL_SECOND (INT64_C(16) << 20)

struct sandbox_limits media_job_probe_limits(const struct settings *settings, int64_t size_bytes);
int64_t media_job_probe_wall_ms(const struct settings *settings, int64_t size_bytes);
struct sandbox_limits media_job_package_limits(
    const struct settings *settings, const struct media_report *report);
int64_t media_job_package_wall_ms(
    const struct settings *settings, const struct media_report *report);

/* The child's way into its sandbox; tests of the walls use it too. */
bool media_job_enter_sandbox(const struct settings *settings, struct problem *problem);

#endif
