/* Upload-Metadata as a stranger sends it: what is read from it is lines and a language tag,
 * whatever came. */
#include "base/text.h"
#include "catalog/upload_metadata.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void check(const char *value)
{
    struct upload_metadata metadata = { .title = "untouched" };
    struct problem problem = { 0 };
    char tag[LANGUAGE_TAG_SIZE];
    if (!upload_metadata_read(value, &metadata, &problem)) {
        if (problem.kind != PROBLEM_INVALID_FIELD || problem.field[0] == '\0'
            || !text_equal(metadata.title, "untouched"))
            abort();
        return;
    }
    if (!text_is_line(metadata.title, TITLE_BYTES_MAX)
        || !text_is_line(metadata.file_name, FILE_NAME_BYTES_MAX)
        || strpbrk(metadata.file_name, "/\\") || !language_tag_canonical(metadata.language, tag)
        || !text_equal(tag, metadata.language))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    char *value = malloc(count + 1);
    if (!value)
        return 0;
    memcpy(value, bytes, count);
    value[count] = '\0';
    check(value);
    free(value);
    return 0;
}
