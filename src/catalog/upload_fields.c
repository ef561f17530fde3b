#include "catalog/upload_fields.h"

#include "base/text.h"

#include <string.h>

bool upload_checksum_read(
    const char *field, struct upload_checksum *ret_checksum, struct problem *problem)
{
    static const struct {
        const char *name;
        enum digest_kind kind;
    } algorithms[] = { { "sha1", DIGEST_SHA1 }, { "sha256", DIGEST_SHA256 } };
    size_t name_length = strcspn(field, " ");
    const char *value = field + name_length + (field[name_length] == ' ');
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        struct upload_checksum checksum = { .kind = algorithms[i].kind };
        size_t count;
        if (strlen(algorithms[i].name) != name_length
            || memcmp(algorithms[i].name, field, name_length) != 0)
            continue;
        if (!text_base64_decode(value, strlen(value), checksum.value, sizeof checksum.value, &count)
            || count != digest_length(checksum.kind))
            return problem_set(problem, PROBLEM_BAD_REQUEST,
                "Upload-Checksum must be %s and its digest in base64", algorithms[i].name);
        *ret_checksum = checksum;
        return true;
    }
    return problem_set(
        problem, PROBLEM_BAD_REQUEST, "Upload-Checksum must be one of " UPLOAD_CHECKSUMS);
}

/* "https://host:port" before the path, which proxies may have changed, is not looked at. */
static const char *path_of(const char *address, size_t *length)
{
    const char *name = memmem(address, *length, "://", 3);
    if (!name || address[0] == '/')
        return address;
    name += 3;
    const char *path = memchr(name, '/', *length - (size_t)(name - address));
    if (!path)
        return address;
    *length -= (size_t)(path - address);
    return path;
}

static bool read_part(const char *address, size_t length, char ret_id[UUID_TEXT_SIZE])
{
    static const char prefix[] = UPLOAD_ADDRESS;
    const char *path = path_of(address, &length);
    if (length != sizeof prefix - 1 + UUID_TEXT_SIZE - 1
        || memcmp(path, prefix, sizeof prefix - 1) != 0)
        return false;
    memcpy(ret_id, path + sizeof prefix - 1, UUID_TEXT_SIZE - 1);
    ret_id[UUID_TEXT_SIZE - 1] = '\0';
    return secure_is_uuid(ret_id);
}

static bool is_named_before(const struct upload_concat *concat, const char *id)
{
    for (size_t i = 0; i < concat->part_count; i++)
        if (text_equal(concat->part_ids[i], id))
            return true;
    return false;
}

static bool read_parts(const char *list, struct upload_concat *concat)
{
    while (*list != '\0') {
        char *id = concat->part_ids[concat->part_count];
        size_t length = strcspn(list, " ");
        if (concat->part_count == UPLOAD_PARTS_MAX || !read_part(list, length, id)
            || is_named_before(concat, id))
            return false;
        concat->part_count++;
        list += length;
        if (*list == ' ' && *++list == '\0')
            return false;
    }
    return concat->part_count > 0;
}

bool upload_concat_read(
    const char *field, struct upload_concat *ret_concat, struct problem *problem)
{
    static const char final[] = "final;";
    struct upload_concat concat = { .kind = UPLOAD_WHOLE };
    if (text_equal(field, "partial")) {
        concat.kind = UPLOAD_PARTIAL;
    } else if (field) {
        concat.kind = UPLOAD_FINAL;
        if (strncmp(field, final, strlen(final)) != 0 || strlen(field) >= UPLOAD_CONCAT_SIZE
            || !read_parts(field + strlen(final), &concat))
            return problem_set(problem, PROBLEM_BAD_REQUEST,
                "Upload-Concat must be 'partial', or 'final;' and the addresses of at most %d "
                "uploads, each once",
                UPLOAD_PARTS_MAX);
    }
    *ret_concat = concat;
    return true;
}
