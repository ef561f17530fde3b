#include "viewing/xapi_runs.h"

#include "base/memory.h"
#include "viewing/coverage.h"

#include <stdlib.h>
#include <string.h>

enum { PAUSE_MS = 3000, NUMBERS = 6 };

void xapi_runs_release(struct xapi_runs *runs)
{
    free(runs->items);
    *runs = (struct xapi_runs){ 0 };
}

static bool goes_on(const struct xapi_run *run, const struct xapi_run *next)
{
    return llabs(next->from_ms - run->to_ms) < CLOSE_GAP_MS
           && next->rate_percent == run->rate_percent
           && next->started_at_ms - run->ended_at_ms < PAUSE_MS;
}

/* The run at `place` takes over the one behind it, where that goes on from it. */
static void join(struct xapi_runs *runs, size_t place)
{
    if (place + 1 >= runs->count || !goes_on(&runs->items[place], &runs->items[place + 1]))
        return;
    struct xapi_run *run = &runs->items[place];
    run->to_ms = run[1].to_ms;
    if (run->ended_at_ms < run[1].ended_at_ms)
        run->ended_at_ms = run[1].ended_at_ms;
    runs->count--;
    memmove(run + 1, run + 2, (runs->count - place - 1) * sizeof *run);
}

static void add(struct xapi_runs *runs, const struct xapi_run *run)
{
    size_t place = runs->count;
    if (runs->count == runs->capacity) {
        runs->capacity = runs->capacity < 16 ? 16 : runs->capacity * 2;
        runs->items = memory_resized(runs->items, runs->capacity, sizeof *runs->items);
    }
    while (place > 0 && runs->items[place - 1].seq > run->seq)
        place--;
    memmove(
        runs->items + place + 1, runs->items + place, (runs->count - place) * sizeof *runs->items);
    runs->items[place] = *run;
    runs->count++;
    join(runs, place);
    if (place > 0)
        join(runs, place - 1);
}

static int64_t within(int64_t value, int64_t least, int64_t most)
{
    return value > most ? most : value < least ? least : value;
}

static bool has_reason(const char *reasons, const char *reason)
{
    size_t length = strlen(reason);
    for (const char *at = reasons; (at = strstr(at, reason)); at += length)
        if ((at == reasons || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
            return true;
    return false;
}

static bool is_forged(const struct xapi_beat *beat)
{
    return beat->credited_ms == 0
           && (has_reason(beat->reasons, "undelivered") || has_reason(beat->reasons, "too-fast"));
}

void xapi_runs_add_beat(
    struct xapi_runs *runs, const struct xapi_beat *beat, const struct xapi_window *window)
{
    struct xapi_run run = {
        .seq = beat->seq,
        .from_ms = within(beat->from_ms, 0, window->length_ms),
        .to_ms = within(beat->to_ms, 0, window->length_ms),
        .rate_percent = beat->rate_percent,
    };
    if (run.from_ms >= run.to_ms || is_forged(beat))
        return;
    int64_t rate_percent = beat->rate_percent > 0 ? beat->rate_percent : 100;
    int64_t took_ms = (run.to_ms - run.from_ms) * 100 / rate_percent;
    int64_t ended_at_ms = beat->client_at_ms < 0 ? window->last_contact_at_ms : beat->client_at_ms;
    run.ended_at_ms = within(ended_at_ms, window->started_at_ms, window->last_contact_at_ms);
    run.started_at_ms = within(run.ended_at_ms - took_ms, window->started_at_ms, run.ended_at_ms);
    add(runs, &run);
}

void xapi_runs_write(const struct xapi_runs *runs, struct text *text)
{
    text_append_string(text, "[");
    for (size_t i = 0; i < runs->count; i++) {
        const struct xapi_run *run = &runs->items[i];
        text_printf(text, "%s[%lld,%lld,%lld,%lld,%lld,%lld]", i > 0 ? "," : "",
            (long long)run->seq, (long long)run->from_ms, (long long)run->to_ms,
            (long long)run->started_at_ms, (long long)run->ended_at_ms,
            (long long)run->rate_percent);
    }
    text_append_string(text, "]");
}

static bool read_run(const json_t *numbers, struct xapi_run *ret_run)
{
    json_int_t values[NUMBERS];
    if (json_array_size(numbers) != NUMBERS)
        return false;
    for (size_t i = 0; i < NUMBERS; i++) {
        const json_t *number = json_array_get(numbers, i);
        if (!json_is_integer(number))
            return false;
        values[i] = json_integer_value(number);
    }
    *ret_run = (struct xapi_run){ .seq = values[0],
        .from_ms = values[1],
        .to_ms = values[2],
        .started_at_ms = values[3],
        .ended_at_ms = values[4],
        .rate_percent = values[5] };
    return true;
}

bool xapi_runs_read(const char *json_text, struct xapi_runs *ret_runs)
{
    struct xapi_runs runs = { 0 };
    json_t *list = json_loads(json_text, 0, NULL);
    bool good = json_is_array(list);
    size_t index;
    const json_t *item;
    json_array_foreach(list, index, item)
    {
        struct xapi_run run;
        if (!(good = good && read_run(item, &run)))
            break;
        add(&runs, &run);
    }
    json_decref(list);
    if (good)
        *ret_runs = runs;
    else
        xapi_runs_release(&runs);
    return good;
}
