/*
 * Figures in the text format of Prometheus, 0.0.4: a metric's HELP and TYPE, then a line for each
 * of its label sets.  https://prometheus.io/docs/instrumenting/exposition_formats/
 *
 * Labels     "" or pairs such as "loop=\"0\",state=\"open\"": our own words and numbers only, so
 *            nothing needs escaping, and their number is bounded.
 * Names      counters end in _total, times are _seconds, sizes _bytes.
 */
#ifndef LECTERN_API_EXPOSITION_H
#define LECTERN_API_EXPOSITION_H

#include "base/histogram.h"
#include "base/text.h"

enum exposition_type { EXPOSITION_COUNTER, EXPOSITION_GAUGE, EXPOSITION_HISTOGRAM };

void exposition_metric(
    struct text *text, const char *name, enum exposition_type type, const char *help);
void exposition_value(struct text *text, const char *name, const char *labels, uint64_t value);
void exposition_seconds(
    struct text *text, const char *name, const char *labels, int64_t microseconds);
/* NAME_bucket (cumulative, up to le="+Inf"), NAME_sum, NAME_count. */
void exposition_histogram(struct text *text, const char *name, const char *labels,
    const struct histogram_figures *figures);

/* A metric of one value. */
void exposition_counter(struct text *text, const char *name, const char *help, uint64_t value);
void exposition_gauge(struct text *text, const char *name, const char *help, uint64_t value);

#endif
