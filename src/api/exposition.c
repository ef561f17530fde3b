#include "api/exposition.h"

#include <stdio.h>
#include <string.h>

void exposition_metric(
    struct text *text, const char *name, enum exposition_type type, const char *help)
{
    static const char *const names[] = { "counter", "gauge", "histogram" };
    text_printf(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, names[type]);
}

static void append_name(struct text *text, const char *name, const char *suffix, const char *labels)
{
    text_printf(text, "%s%s", name, suffix);
    if (labels[0] != '\0')
        text_printf(text, "{%s}", labels);
}

/* Exact, which a double's digits need not be: "0.0005", "2". */
static void append_seconds(struct text *text, int64_t microseconds)
{
    char digits[16];
    (void)snprintf(digits, sizeof digits, ".%06d", (int)(microseconds % 1000000));
    size_t length = strlen(digits);
    while (digits[length - 1] == '0')
        length--;
    if (length == 1)
        length = 0; /* the point alone */
    text_printf(text, "%lld%.*s", (long long)(microseconds / 1000000), (int)length, digits);
}

void exposition_value(struct text *text, const char *name, const char *labels, uint64_t value)
{
    append_name(text, name, "", labels);
    text_printf(text, " %llu\n", (unsigned long long)value);
}

void exposition_seconds(
    struct text *text, const char *name, const char *labels, int64_t microseconds)
{
    append_name(text, name, "", labels);
    text_append(text, " ", 1);
    append_seconds(text, microseconds);
    text_append(text, "\n", 1);
}

void exposition_histogram(struct text *text, const char *name, const char *labels,
    const struct histogram_figures *figures)
{
    const char *comma = labels[0] != '\0' ? "," : "";
    uint64_t count = 0;
    for (size_t i = 0; i < figures->bounds->count; i++) {
        count += figures->counts[i];
        text_printf(text, "%s_bucket{%s%sle=\"", name, labels, comma);
        append_seconds(text, figures->bounds->most_us[i]);
        text_printf(text, "\"} %llu\n", (unsigned long long)count);
    }
    count += figures->counts[figures->bounds->count];
    text_printf(
        text, "%s_bucket{%s%sle=\"+Inf\"} %llu\n", name, labels, comma, (unsigned long long)count);
    append_name(text, name, "_sum", labels);
    text_append(text, " ", 1);
    append_seconds(text, (int64_t)figures->sum_us);
    text_append(text, "\n", 1);
    append_name(text, name, "_count", labels);
    text_printf(text, " %llu\n", (unsigned long long)count);
}

void exposition_counter(struct text *text, const char *name, const char *help, uint64_t value)
{
    exposition_metric(text, name, EXPOSITION_COUNTER, help);
    exposition_value(text, name, "", value);
}

void exposition_gauge(struct text *text, const char *name, const char *help, uint64_t value)
{
    exposition_metric(text, name, EXPOSITION_GAUGE, help);
    exposition_value(text, name, "", value);
}
