#include "viewing/offline.h"

#include <string.h>

void counted_time_add(struct spans *counted, int64_t from_ms, int64_t to_ms)
{
    struct problem impossible = { 0 }; /* it never holds SPANS_MAX */
    (void)spans_add(counted, from_ms, to_ms, 0, &impossible);
    while (counted->count > COUNTED_STRETCHES_MAX) {
        counted->items[1].from = counted->items[0].from;
        counted->count--;
        memmove(counted->items, counted->items + 1, counted->count * sizeof *counted->items);
    }
}

struct offline_window offline_window(int64_t granted_at_ms, int64_t now_ms, int64_t time_ms_max)
{
    int64_t end_ms = granted_at_ms + time_ms_max;
    return (struct offline_window){ granted_at_ms, end_ms < now_ms ? end_ms : now_ms };
}

int64_t offline_time_left_ms(const struct spans *counted, struct offline_window window)
{
    struct spans left;
    spans_subtract(counted, window.from_ms, window.to_ms, &left);
    int64_t total_ms = spans_total(&left);
    spans_release(&left);
    return total_ms;
}

void offline_time_take(struct spans *counted, const struct spans *elsewhere,
    struct offline_window window, int64_t time_ms)
{
    struct spans all, left;
    spans_copy(counted, &all);
    spans_add_all(&all, elsewhere);
    spans_subtract(&all, window.from_ms, window.to_ms, &left);
    spans_release(&all);
    for (size_t i = 0; i < left.count && time_ms > 0; i++) {
        int64_t length_ms = left.items[i].to - left.items[i].from;
        int64_t taken_ms = length_ms < time_ms ? length_ms : time_ms;
        counted_time_add(counted, left.items[i].from, left.items[i].from + taken_ms);
        time_ms -= taken_ms;
    }
    spans_release(&left);
}
