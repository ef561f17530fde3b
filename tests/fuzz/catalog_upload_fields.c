/* Upload-Checksum and Upload-Concat as a stranger sends them. */
#include "base/text.h"
#include "catalog/upload_fields.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void check_checksum(const char *field)
{
    struct upload_checksum checksum = { .kind = DIGEST_KIND_COUNT };
    struct problem problem = { 0 };
    bool read = upload_checksum_read(field, &checksum, &problem);
    if (read ? checksum.kind >= DIGEST_KIND_COUNT
             : problem.kind != PROBLEM_BAD_REQUEST || checksum.kind != DIGEST_KIND_COUNT)
        abort();
}

static void check_concat(const char *field)
{
    static struct upload_concat concat;
    struct problem problem = { 0 };
    if (!upload_concat_read(field, &concat, &problem)) {
        if (problem.kind != PROBLEM_BAD_REQUEST)
            abort();
        return;
    }
    if ((concat.kind == UPLOAD_FINAL) != (concat.part_count > 0)
        || concat.part_count > UPLOAD_PARTS_MAX)
        abort();
    for (size_t i = 0; i < concat.part_count; i++)
        if (!secure_is_uuid(concat.part_ids[i]))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    char *field = malloc(count + 1);
    if (!field)
        return 0;
    memcpy(field, bytes, count);
    field[count] = '\0';
    check_checksum(field);
    check_concat(field);
    free(field);
    return 0;
}
