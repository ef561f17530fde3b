/* The body of a heartbeat POST: any bytes.  What is read keeps its promises, and crediting bears
 * all of it. */
#include "viewing/play.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void credit(const struct beat *beats, size_t count)
{
    struct credit_state state = { .duration_ms = 100000,
        .budget_ms = 30000,
        .server_gap_left_ms = 5000,
        .offline_left_ms = 7000 };
    struct problem problem = { 0 };
    (void)spans_add(&state.delivered, 0, 60000, 0, &problem);
    for (size_t i = 0; i < count; i++) {
        struct credit_result result;
        if (!credit_beat(&state, &beats[i], &result, &problem))
            abort();
        credit_result_release(&result);
    }
    if (spans_total(&state.credited) > 37000 || state.budget_ms < 0 || state.server_gap_left_ms < 0
        || state.offline_left_ms < 0)
        abort();
    credit_state_release(&state);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static struct beat beats[BEATS_MAX];
    struct problem problem = { 0 };
    size_t beat_count = 0;
    char grant[OFFLINE_GRANT_SIZE];
    if (!beats_read((const char *)bytes, count, beats, &beat_count, grant, &problem)) {
        if (!problem_is_set(&problem))
            abort();
        return 0;
    }
    for (size_t i = 0; i < beat_count; i++)
        if ((beats[i].seq < 0 && !beats[i].malformed) || beats[i].seq < -1
            || beats[i].rate_percent < -1 || beats[i].client_at_ms < -1)
            abort();
    credit(beats, beat_count);
    return 0;
}
