/* A row's stretches: any text.  What is read is written again letter by letter. */
#include "viewing/spans.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    char *string = malloc(count + 1);
    if (!string)
        abort();
    memcpy(string, bytes, count);
    string[count] = '\0';
    struct spans spans;
    struct problem problem = { 0 };
    if (spans_read(string, &spans, &problem)) {
        struct text text;
        text_init(&text, SPANS_TEXT_MAX);
        spans_write(&spans, &text);
        if (text.overflowed || strcmp(text.bytes, string) != 0)
            abort();
        text_release(&text);
        spans_release(&spans);
    }
    free(string);
    return 0;
}
