/*
 * Header fields of tus 1.0.0's extensions, read strictly.  Pure; safe from any thread.
 */
#ifndef LECTERN_CATALOG_UPLOAD_FIELDS_H
#define LECTERN_CATALOG_UPLOAD_FIELDS_H

#include "base/digest.h"
#include "base/problem.h"
#include "base/secure.h"

/* Upload-Checksum: "sha1 base64value".  A field that cannot be read, a digest of another length, or
 * an algorithm that is not in UPLOAD_CHECKSUMS is PROBLEM_BAD_REQUEST. */
#define UPLOAD_CHECKSUMS "sha1,sha256"
struct upload_checksum {
    enum digest_kind kind;
    uint8_t value[DIGEST_BYTES_MAX];
};
bool upload_checksum_read(
    const char *field, struct upload_checksum *ret_checksum, struct problem *problem);

/* Upload-Concat: "partial", or "final;address address...", with addresses as the server gave them,
 * with or without its name before.  NULL: an upload that is whole by itself.  A final one names one
 * to UPLOAD_PARTS_MAX parts, none of them twice. */
enum { UPLOAD_PARTS_MAX = 64, UPLOAD_CONCAT_SIZE = 16384 };
#define UPLOAD_ADDRESS "/api/v1/uploads/"
enum upload_kind { UPLOAD_WHOLE, UPLOAD_PARTIAL, UPLOAD_FINAL };
struct upload_concat {
    enum upload_kind kind;
    size_t part_count;
    char part_ids[UPLOAD_PARTS_MAX][UUID_TEXT_SIZE];
};
bool upload_concat_read(
    const char *field, struct upload_concat *ret_concat, struct problem *problem);

#endif
