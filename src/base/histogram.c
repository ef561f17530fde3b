#include "base/histogram.h"

void histogram_init(struct histogram *histogram, const struct histogram_bounds *bounds)
{
    histogram->bounds = bounds;
    for (size_t i = 0; i <= HISTOGRAM_BOUNDS_MAX; i++)
        atomic_init(&histogram->counts[i], 0);
    atomic_init(&histogram->sum_us, 0);
}

void histogram_note(struct histogram *histogram, int64_t value_us)
{
    const struct histogram_bounds *bounds = histogram->bounds;
    size_t bucket = 0;
    if (value_us < 0)
        value_us = 0;
    while (bucket < bounds->count && value_us > bounds->most_us[bucket])
        bucket++;
    atomic_fetch_add_explicit(&histogram->counts[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->sum_us, (uint64_t)value_us, memory_order_relaxed);
}

void histogram_add_to(const struct histogram *histogram, struct histogram_figures *figures)
{
    figures->bounds = histogram->bounds;
    for (size_t i = 0; i <= histogram->bounds->count; i++)
        figures->counts[i] += atomic_load_explicit(&histogram->counts[i], memory_order_relaxed);
    figures->sum_us += atomic_load_explicit(&histogram->sum_us, memory_order_relaxed);
}
