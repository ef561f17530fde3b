#include "base/digest.h"

#include "base/memory.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

struct digest {
    enum digest_kind kind;
    EVP_MD_CTX *context;
};

static const EVP_MD *method_of(enum digest_kind kind)
{
    return kind == DIGEST_SHA1 ? EVP_sha1() : EVP_sha256();
}

/* What the library needs may come out of the reserve: there is no way on without. */
static void make_room(void)
{
    if (memory_use_reserve())
        return;
    (void)fputs("lectern: OpenSSL cannot do a digest\n", stderr);
    abort();
}

static EVP_MD_CTX *new_context(void)
{
    EVP_MD_CTX *context;
    while (!(context = EVP_MD_CTX_new()))
        make_room();
    return context;
}

struct digest *digest_new(enum digest_kind kind)
{
    struct digest *digest = memory_alloc(sizeof *digest);
    digest->kind = kind;
    digest->context = new_context();
    while (EVP_DigestInit_ex(digest->context, method_of(kind), NULL) != 1)
        make_room();
    return digest;
}

void digest_add(struct digest *digest, const void *bytes, size_t count)
{
    while (EVP_DigestUpdate(digest->context, bytes, count) != 1)
        make_room();
}

size_t digest_value(const struct digest *digest, uint8_t ret_value[DIGEST_BYTES_MAX])
{
    unsigned length = 0;
    EVP_MD_CTX *copy = new_context();
    while (EVP_MD_CTX_copy_ex(copy, digest->context) != 1)
        make_room();
    while (EVP_DigestFinal_ex(copy, ret_value, &length) != 1)
        make_room();
    EVP_MD_CTX_free(copy);
    return length;
}

void digest_sha256_text(const struct digest *digest, char ret_text[DIGEST_SHA256_TEXT_SIZE])
{
    uint8_t value[DIGEST_BYTES_MAX];
    size_t length = digest_value(digest, value);
    for (size_t i = 0; i < length; i++)
        (void)snprintf(ret_text + i * 2, 3, "%02x", value[i]);
}

void digest_free(struct digest *digest)
{
    if (!digest)
        return;
    EVP_MD_CTX_free(digest->context);
    free(digest);
}

size_t digest_length(enum digest_kind kind)
{
    return kind == DIGEST_SHA1 ? 20 : 32;
}
