#include "catalog/upload_digests.h"

#include "base/text.h"

#include <string.h>

void upload_digests_init(struct upload_digests *digests)
{
    *digests = (struct upload_digests){ 0 };
    (void)pthread_mutex_init(&digests->lock, NULL);
}

void upload_digests_release(struct upload_digests *digests)
{
    for (size_t i = 0; i < UPLOAD_DIGESTS_MAX; i++)
        digest_free(digests->slots[i].kept.digest);
    (void)pthread_mutex_destroy(&digests->lock);
}

struct upload_digest upload_digests_take(
    struct upload_digests *digests, const char *id, int64_t durable_bytes)
{
    struct upload_digest taken = { 0 };
    (void)pthread_mutex_lock(&digests->lock);
    for (size_t i = 0; i < UPLOAD_DIGESTS_MAX && !taken.digest; i++) {
        if (!digests->slots[i].kept.digest || !text_equal(digests->slots[i].id, id))
            continue;
        taken = digests->slots[i].kept;
        digests->slots[i].kept = (struct upload_digest){ 0 };
    }
    (void)pthread_mutex_unlock(&digests->lock);
    if (taken.digest && taken.bytes > durable_bytes) {
        digest_free(taken.digest);
        taken = (struct upload_digest){ 0 };
    }
    if (!taken.digest)
        taken.digest = digest_new(DIGEST_SHA256);
    return taken;
}

void upload_digests_put(
    struct upload_digests *digests, const char *id, struct upload_digest *digest)
{
    size_t chosen = 0;
    (void)pthread_mutex_lock(&digests->lock);
    for (size_t i = 0; i < UPLOAD_DIGESTS_MAX && digests->slots[chosen].kept.digest; i++)
        if (!digests->slots[i].kept.digest
            || digests->slots[i].kept_at < digests->slots[chosen].kept_at)
            chosen = i;
    digest_free(digests->slots[chosen].kept.digest);
    memcpy(digests->slots[chosen].id, id, UUID_TEXT_SIZE);
    digests->slots[chosen].kept = *digest;
    digests->slots[chosen].kept_at = ++digests->put_count;
    (void)pthread_mutex_unlock(&digests->lock);
    *digest = (struct upload_digest){ 0 };
}
