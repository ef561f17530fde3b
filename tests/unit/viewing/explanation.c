/* Why what is missing is missing. */
#include "viewing/explanation.h"
#include "../unit.h"

#include <stdio.h>
#include <string.h>

static void set_spans(struct spans *spans, const char *text)
{
    struct problem problem = { 0 };
    assert_true(spans_read(text, spans, &problem));
}

static void write_pieces(const struct missing_pieces *pieces, struct text *text)
{
    for (size_t i = 0; i < pieces->count; i++)
        text_printf(text, "%s%lld-%lld %s", i > 0 ? "; " : "",
            (long long)pieces->items[i].stretch.from, (long long)pieces->items[i].stretch.to,
            missing_reason_names[pieces->items[i].reason]);
    text_append_string(text, "");
}

enum { WAITING = WITHHELD_COUNT, REFUSED };

// clang-format off
static const struct {
    const char *story;
    const char *claimed, *delivered, *credited;
    const char *withheld[WITHHELD_COUNT + 2]; /* and what was seen in groups */
    const char *expected;
} stories[] = {
    { "all was watched", "[[0,60000]]", "[[0,60000]]", "[[0,60000]]", { 0 }, "" },
    { "nothing was played", "[]", "[[0,60000]]", "[]", { 0 }, "0-60000 skipped" },
    { "played, never sent", "[[0,60000]]", "[]", "[]", { 0 }, "0-60000 undelivered" },
    { "sent and played, but there was no time", "[[0,60000]]", "[[0,60000]]", "[[0,20000]]", { 0 }, "20000-60000 no-time" },
    { "sought over", "[[0,10000],[30000,60000]]", "[[0,60000]]", "[[0,10000],[30000,60000]]", { 0 }, "10000-30000 skipped" },
    { "one gap of three reasons", "[[10000,40000]]", "[[0,20000],[30000,60000]]", "[[0,10000],[50000,60000]]", { 0 },
      "10000-20000 no-time; 20000-30000 undelivered; 30000-40000 no-time; 40000-50000 skipped" },
    { "in a hidden window", "[[0,60000]]", "[[0,60000]]", "[]", { [WITHHELD_HIDDEN] = "[[0,60000]]" }, "0-60000 hidden" },
    { "hidden, and not sent either", "[[0,60000]]", "[]", "[]", { [WITHHELD_HIDDEN] = "[[0,30000]]" }, "0-30000 hidden; 30000-60000 undelivered" },
    { "muted, then watched with sound", "[[0,60000]]", "[[0,60000]]", "[[0,60000]]", { [WITHHELD_MUTED] = "[[0,60000]]" }, "" },
    { "ahead", "[[0,10000],[40000,60000]]", "[[0,60000]]", "[[0,10000]]", { [WITHHELD_AHEAD] = "[[40000,60000]]" },
      "10000-40000 skipped; 40000-60000 ahead" },
    { "at four times the speed", "[[0,60000]]", "[[0,60000]]", "[[0,30000]]", { [WITHHELD_RATE] = "[[0,60000]]" }, "30000-60000 too-fast" },
    { "held without a line", "[[0,60000]]", "[[0,60000]]", "[[0,30000]]", { [WITHHELD_OFFLINE] = "[[0,60000]]" }, "30000-60000 offline" },
    { "on a device that another had taken over from", "[[0,60000]]", "[[0,60000]]", "[[0,30000]]", { [WITHHELD_LEASE] = "[[20000,60000]]" },
      "30000-60000 other-device" },
    { "seen together, and waiting for a word", "[]", "[]", "[]", { [WAITING] = "[[0,40000]]" }, "0-40000 group-waiting; 40000-60000 skipped" },
    { "that goes before what was played hidden alone", "[[0,60000]]", "[[0,60000]]", "[]", { [WITHHELD_HIDDEN] = "[[0,60000]]", [WAITING] = "[[0,40000]]" },
      "0-40000 group-waiting; 40000-60000 hidden" },
    { "seen together, and refused", "[[0,20000]]", "[[0,20000]]", "[]", { [REFUSED] = "[[0,40000]]" },
      "0-20000 no-time; 20000-40000 group-refused; 40000-60000 skipped" },
    { "a moment among others is not told", "[[0,10000],[20000,20400],[50000,60000]]", "[[0,60000]]", "[[0,10000],[50000,60000]]", { 0 },
      "10000-50000 skipped" },
    { "nor one at the start of a gap", "[[0,10600],[50000,60000]]", "[[0,60000]]", "[[0,10000],[50000,60000]]", { 0 }, "10000-50000 skipped" },
    { "nor one at its end", "[[0,10000],[49400,60000]]", "[[0,60000]]", "[[0,10000],[50000,60000]]", { 0 }, "10000-50000 skipped" },
    { "but a short gap is", "[[0,10000],[10700,60000]]", "[[0,60000]]", "[[0,10000],[10700,60000]]", { 0 }, "10000-10700 skipped" },
    { "what rounding left is none", "[[0,60000]]", "[[0,60000]]", "[[300,59700]]", { 0 }, "" },
};
// clang-format on

static void each_missing_stretch_has_its_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(stories); i++) {
        struct spans claimed, delivered, credited, withheld[REFUSED + 1] = { 0 };
        set_spans(&claimed, stories[i].claimed);
        set_spans(&delivered, stories[i].delivered);
        set_spans(&credited, stories[i].credited);
        for (size_t w = 0; w <= REFUSED; w++)
            if (stories[i].withheld[w])
                set_spans(&withheld[w], stories[i].withheld[w]);
        struct explained explained = { &claimed, &delivered, &credited, withheld,
            .waiting = &withheld[WAITING], .refused = &withheld[REFUSED], .duration_ms = 60000 };
        struct missing_pieces pieces;
        struct text text;
        text_init(&text, 1000);
        explain_missing(&explained, &pieces);
        write_pieces(&pieces, &text);
        if (strcmp(text.bytes, stories[i].expected) != 0)
            fail_msg("%s: '%s' instead of '%s'", stories[i].story, text.bytes, stories[i].expected);
        text_release(&text);
        missing_pieces_release(&pieces);
        spans_release(&claimed);
        spans_release(&delivered);
        spans_release(&credited);
        for (size_t w = 0; w <= REFUSED; w++)
            spans_release(&withheld[w]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_missing_stretch_has_its_reason) };
    return cmocka_run_group_tests_name("explanation", tests, NULL, NULL);
}
