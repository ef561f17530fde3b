/*
 * A digest of bytes that come in pieces (OpenSSL's SHA-1 and SHA-256, FIPS 180-4).
 *
 * Ownership  digest_new() gives; end with digest_free(), which accepts NULL.
 * Errors     the process ends when the library cannot (secure.h does so too).
 * Threads    a digest belongs to one thread at a time.
 */
#ifndef LECTERN_BASE_DIGEST_H
#define LECTERN_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/* SHA-1 finds damage on the way, nothing more. */
enum digest_kind { DIGEST_SHA1, DIGEST_SHA256, DIGEST_KIND_COUNT };
enum { DIGEST_BYTES_MAX = 32, DIGEST_SHA256_TEXT_SIZE = 65 };

struct digest;
struct digest *digest_new(enum digest_kind kind);
void digest_add(struct digest *digest, const void *bytes, size_t count);
/* Of all that came so far; more may come.  Returns the digest's length in bytes. */
size_t digest_value(const struct digest *digest, uint8_t ret_value[DIGEST_BYTES_MAX]);
/* The same as lower-case hexadecimal, for DIGEST_SHA256. */
void digest_sha256_text(const struct digest *digest, char ret_text[DIGEST_SHA256_TEXT_SIZE]);
void digest_free(struct digest *digest);

size_t digest_length(enum digest_kind kind);

/* SHA-256 of pieces, one after the other, by a context kept per thread: for many small ones, where
 * making a context costs more than the digest. */
struct digest_piece {
    const void *bytes;
    size_t count;
};
void digest_sha256_pieces(
    const struct digest_piece *pieces, size_t piece_count, uint8_t ret_value[DIGEST_BYTES_MAX]);

#endif
