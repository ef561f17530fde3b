/*
 * Counts of observations by size: how long things took, in microseconds.
 *
 * Buckets    bounds are inclusive upper bounds, ascending, lent for ever (a static table); what is
 *            larger than the last falls into one more bucket.
 * Threads    safe from any thread, without a lock.  A reader may see a count and not yet its sum.
 */
#ifndef LECTERN_BASE_HISTOGRAM_H
#define LECTERN_BASE_HISTOGRAM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { HISTOGRAM_BOUNDS_MAX = 16 };

struct histogram_bounds {
    size_t count;
    int64_t most_us[HISTOGRAM_BOUNDS_MAX];
};

struct histogram {
    const struct histogram_bounds *bounds;
    atomic_uint_fast64_t counts[HISTOGRAM_BOUNDS_MAX + 1];
    atomic_uint_fast64_t sum_us;
};

/* As read, or summed over several with the same bounds. */
struct histogram_figures {
    const struct histogram_bounds *bounds;
    uint64_t counts[HISTOGRAM_BOUNDS_MAX + 1]; /* of each bucket alone */
    uint64_t sum_us;
};

void histogram_init(struct histogram *histogram, const struct histogram_bounds *bounds);
/* Below 0 counts as 0. */
void histogram_note(struct histogram *histogram, int64_t value_us);
/* Adds to *figures, which began zeroed. */
void histogram_add_to(const struct histogram *histogram, struct histogram_figures *figures);

#endif
