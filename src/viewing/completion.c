#include "viewing/completion.h"

#include "viewing/coverage.h"

static int64_t covered_ms(const struct spans *credited, int64_t duration_ms)
{
    struct spans inside;
    spans_intersect(credited, 0, duration_ms, &inside);
    int64_t total_ms = spans_total(&inside);
    spans_release(&inside);
    return total_ms;
}

static int64_t longest_gap_ms(const struct spans *credited, int64_t duration_ms)
{
    struct spans missing;
    coverage_missing(credited, duration_ms, &missing);
    int64_t longest_ms = 0;
    for (size_t i = 0; i < missing.count; i++)
        if (missing.items[i].to - missing.items[i].from > longest_ms)
            longest_ms = missing.items[i].to - missing.items[i].from;
    spans_release(&missing);
    return longest_ms;
}

int64_t completion_needed_ms(int64_t duration_ms, int64_t trailing_silence_ms)
{
    bool plausible = trailing_silence_ms > 0 && trailing_silence_ms <= duration_ms / 2;
    return plausible ? duration_ms - trailing_silence_ms : duration_ms;
}

bool completion_reached(const struct completion_rule *rule, const struct spans *credited,
    int64_t duration_ms, int64_t real_ms)
{
    int64_t content_ms = covered_ms(credited, duration_ms);
    if (duration_ms <= 0 || content_ms * 100 < duration_ms * rule->threshold_percent)
        return false;
    if (rule->real_time && (content_ms - BUDGET_START_MS) * 100 > real_ms * rule->rate_cap_percent)
        return false;
    return rule->gap_ms_max == 0 || longest_gap_ms(credited, duration_ms) <= rule->gap_ms_max;
}

double coverage_ratio(const struct spans *credited, int64_t duration_ms)
{
    return duration_ms > 0 ? (double)covered_ms(credited, duration_ms) / (double)duration_ms : 0;
}

void coverage_missing(const struct spans *credited, int64_t duration_ms, struct spans *ret_missing)
{
    struct spans missing;
    spans_subtract(credited, 0, duration_ms, &missing);
    size_t kept = 0;
    for (size_t i = 0; i < missing.count; i++)
        if (missing.items[i].to - missing.items[i].from >= CLOSE_GAP_MS)
            missing.items[kept++] = missing.items[i];
    missing.count = kept;
    *ret_missing = missing;
}
