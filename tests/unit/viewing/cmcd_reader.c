/* Says what our reader makes of others' CMCD (cmcd_by_others.mjs): a line a request, its fields parted by tabs. */
#include "viewing/cmcd.h"

#include <stdio.h>
#include <string.h>

static void say_number(const char *name, int32_t number)
{
    if (number != CMCD_ABSENT)
        printf("\"%s\":%d,", name, (int)number);
}

/* As the specification writes it. */
static void say_token(const char *name, char letter)
{
    if (letter != 0)
        printf("\"%s\":\"%s\",", name,
            letter == 'V'   ? "av"
            : letter == 'T' ? "tt"
                            : (char[]){ letter, '\0' });
}

static void say(const struct cmcd *cmcd)
{
    printf("{");
    say_number("br", cmcd->bitrate_kbps);
    say_number("tb", cmcd->top_bitrate_kbps);
    say_number("mtp", cmcd->throughput_kbps);
    say_number("rtp", cmcd->requested_kbps);
    say_number("bl", cmcd->buffer_ms);
    say_number("dl", cmcd->deadline_ms);
    say_number("d", cmcd->duration_ms);
    say_number("pr", cmcd->rate_percent);
    say_token("ot", cmcd->object);
    say_token("sf", cmcd->format);
    say_token("st", cmcd->stream);
    if (cmcd->session[0] != '\0')
        printf(
            "\"sid\":\"%s\",", cmcd->session); /* the test's have neither quotes nor backslashes */
    printf("\"bs\":%s,\"su\":%s}\n", cmcd->starved ? "true" : "false",
        cmcd->startup ? "true" : "false");
}

int main(void)
{
    char line[8 * CMCD_BYTES_MAX];
    while (fgets(line, sizeof line, stdin)) {
        struct cmcd cmcd;
        bool good = true;
        char *rest = line;
        line[strcspn(line, "\n")] = '\0';
        cmcd_init(&cmcd);
        for (char *field; good && (field = strsep(&rest, "\t"));)
            good = cmcd_read(&cmcd, field);
        if (good)
            say(&cmcd);
        else
            printf("null\n");
    }
    return 0;
}
