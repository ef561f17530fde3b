/* Whatever a caption file holds, what is written is clean: no tag but ours, no control character, and reading it again
 * changes nothing. */
#include "media/captions.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static void check_tags(const char *vtt)
{
    static const char *const kept[] = { "b", "i", "u", "c", "v", "lang", "ruby", "rt" };
    for (const char *at = strchr(vtt, '<'); at; at = strchr(at + 1, '<')) {
        const char *name = at + 1 + (at[1] == '/');
        size_t length = strcspn(name, "> .\n"), i = 0;
        while (i < 8 && (strlen(kept[i]) != length || memcmp(kept[i], name, length) != 0))
            i++;
        if (i == 8 || !strchr(name, '>'))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *vtt = NULL, *again = NULL;
    size_t count = 0, again_count = 0;
    struct captions_facts facts, again_facts;
    struct problem problem = { 0 };
    if (!captions_to_vtt((const char *)data, size, &vtt, &count, &facts, &problem)) {
        if (problem.kind != PROBLEM_CAPTIONS_REFUSED
            || !text_is_line(problem.detail, sizeof problem.detail))
            abort();
        return 0;
    }
    if (strlen(vtt) != count || !text_is_utf8(vtt, count) || strpbrk(vtt, "\x01\x1b\r\t"))
        abort();
    check_tags(vtt);
    if (!captions_to_vtt(vtt, count, &again, &again_count, &again_facts, &problem)) {
        /* Escapes make a text longer than it was. */
        if (!strstr(problem.detail, "bytes of text"))
            abort();
        free(vtt);
        return 0;
    }
    if (again_count != count || memcmp(vtt, again, count) != 0
        || again_facts.cue_count != facts.cue_count)
        abort();
    free(vtt);
    free(again);
    return 0;
}
