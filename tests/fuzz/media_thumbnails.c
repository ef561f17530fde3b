/* What lies on the sheets of small pictures: cues of any table that is taken stay on its sheets and within the lecture. */
#include "media/thumbnails.h"

#include "base/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct problem problem = { 0 };
    struct thumbnails thumbnails;
    struct text text;
    json_t *json = json_read_object((const char *)data, size, &problem);
    if (!json)
        return 0;
    if (thumbnails_from_json(json, &thumbnails, &problem)) {
        text_init(&text, 64 << 20);
        thumbnails_write_cues(&thumbnails, 3600000, &text);
        for (const char *at = text.bytes; (at = strstr(at, "thumbnails-")); at++) {
            int64_t sheet = strtoll(at + strlen("thumbnails-"), NULL, 10);
            char *end;
            int64_t x = strtoll(strchr(at, '=') + 1, &end, 10);
            int64_t y = strtoll(end + 1, NULL, 10);
            if (sheet >= thumbnails_sheet_count(&thumbnails)
                || x > (int64_t)(thumbnails.columns - 1) * thumbnails.width
                || y > (int64_t)(thumbnails.rows - 1) * thumbnails.height)
                abort();
        }
        text_release(&text);
    }
    json_decref(json);
    return 0;
}
