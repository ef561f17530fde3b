#include "base/digest.h"

#include "base/memory.h"

#include <openssl/evp.h>
#include <pthread.h>
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

static pthread_key_t kept_key;
static pthread_once_t kept_once = PTHREAD_ONCE_INIT;

static void free_kept(void *memory)
{
    EVP_MD_CTX_free(memory);
}

static void make_kept_key(void)
{
    if (pthread_key_create(&kept_key, free_kept) == 0)
        return;
    (void)fputs("lectern: there is no place for a thread's digest\n", stderr);
    abort();
}

/* Begun once by name; from then on only reset, as the look for the method costs more than a digest. */
static EVP_MD_CTX *this_threads_context(void)
{
    (void)pthread_once(&kept_once, make_kept_key);
    EVP_MD_CTX *context = pthread_getspecific(kept_key);
    if (context)
        return context;
    context = new_context();
    while (EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
        make_room();
    while (pthread_setspecific(kept_key, context) != 0)
        make_room();
    return context;
}

void digest_sha256_pieces(
    const struct digest_piece *pieces, size_t piece_count, uint8_t ret_value[DIGEST_BYTES_MAX])
{
    EVP_MD_CTX *context = this_threads_context();
    unsigned length = 0;
    while (EVP_DigestInit_ex(context, NULL, NULL) != 1)
        make_room();
    for (size_t i = 0; i < piece_count; i++)
        while (EVP_DigestUpdate(context, pieces[i].bytes, pieces[i].count) != 1)
            make_room();
    while (EVP_DigestFinal_ex(context, ret_value, &length) != 1)
        make_room();
}
