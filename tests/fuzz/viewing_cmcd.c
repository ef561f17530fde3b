/* What a player tells beside its requests: any text must be refused, or give figures within their
 * bounds; and what was refused gives nothing to the next. */
#include "viewing/cmcd.h"

#include <stdlib.h>
#include <string.h>

static void check(const struct cmcd *cmcd)
{
    const int32_t figures[] = { cmcd->bitrate_kbps, cmcd->top_bitrate_kbps, cmcd->throughput_kbps,
        cmcd->requested_kbps, cmcd->buffer_ms, cmcd->deadline_ms, cmcd->duration_ms };
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        if (figures[i] < CMCD_ABSENT || figures[i] > 999999999)
            abort();
    if (cmcd->rate_percent < CMCD_ABSENT || cmcd->rate_percent > 9999)
        abort();
    if (strnlen(cmcd->session, sizeof cmcd->session) >= CMCD_SESSION_SIZE)
        abort();
    if (cmcd->given != (cmcd->seen != 0))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cmcd cmcd;
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    cmcd_init(&cmcd);
    if (cmcd_read(&cmcd, text)) {
        check(&cmcd);
        /* The same field again: each of our keys is there twice. */
        if (cmcd.given && cmcd_read(&cmcd, text))
            abort();
    }
    free(text);
    return 0;
}
