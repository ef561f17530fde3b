#include "http/address_limits.h"

#include "base/memory.h"
#include "base/secure.h"
#include "http/budget.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum { SHARDS = 16, BUCKETS = 1024, SIX_BYTES = 8 };

struct address_holding {
    LIST_ENTRY(address_holding) in_bucket;
    TAILQ_ENTRY(address_holding) in_left; /* while it holds none */
    struct peer_address address;          /* IPv6: its first 64 bits */
    struct shard *shard;
    atomic_uint_fast32_t count; /* written under the shard's lock */
    struct budget rate;
};

struct shard {
    pthread_mutex_t lock; /* guards what follows */
    LIST_HEAD(, address_holding) buckets[BUCKETS];
    TAILQ_HEAD(holdings_left, address_holding) left; /* hold none, least lately used first */
    size_t left_count;
};

struct address_limits {
    uint64_t seed; /* so that nobody can choose who shares a bucket */
    struct shard shards[SHARDS];
};

struct address_limits *address_limits_create(void)
{
    struct address_limits *limits = memory_zeroed(1, sizeof *limits);
    secure_random((uint8_t *)&limits->seed, sizeof limits->seed);
    for (size_t i = 0; i < SHARDS; i++) {
        (void)pthread_mutex_init(&limits->shards[i].lock, NULL);
        TAILQ_INIT(&limits->shards[i].left);
    }
    return limits;
}

void address_limits_free(struct address_limits *limits)
{
    if (!limits)
        return;
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *shard = &limits->shards[i];
        struct address_holding *holding;
        while ((holding = TAILQ_FIRST(&shard->left))) {
            TAILQ_REMOVE(&shard->left, holding, in_left);
            free(holding);
        }
        (void)pthread_mutex_destroy(&shard->lock);
    }
    free(limits);
}

static uint64_t hash(const struct address_limits *limits, const struct peer_address *address)
{
    const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t halves[2], mixed = limits->seed;
    memcpy(halves, address->bytes, sizeof halves);
    for (size_t i = 0; i < 2; i++) {
        mixed = (mixed ^ halves[i]) * factor;
        mixed ^= mixed >> 29;
    }
    return mixed * factor;
}

/* Makes room by forgetting who was here least lately. */
static void forget_oldest(struct shard *shard)
{
    struct address_holding *oldest = TAILQ_FIRST(&shard->left);
    TAILQ_REMOVE(&shard->left, oldest, in_left);
    LIST_REMOVE(oldest, in_bucket);
    shard->left_count--;
    free(oldest);
}

static void leave_table(struct shard *shard, struct address_holding *holding)
{
    TAILQ_INSERT_TAIL(&shard->left, holding, in_left);
    if (++shard->left_count > ADDRESSES_REMEMBERED / SHARDS)
        forget_oldest(shard);
}

/* The address's entry, taken off the list of those that hold none. */
static struct address_holding *find_or_add(
    struct shard *shard, uint64_t mixed, const struct peer_address *address)
{
    struct address_holding *holding;
    LIST_FOREACH(holding, &shard->buckets[(mixed >> 8) % BUCKETS], in_bucket)
    {
        if (!peer_address_equal(&holding->address, address))
            continue;
        if (atomic_load_explicit(&holding->count, memory_order_relaxed) == 0) {
            TAILQ_REMOVE(&shard->left, holding, in_left);
            shard->left_count--;
        }
        return holding;
    }
    holding = memory_zeroed(1, sizeof *holding);
    holding->address = *address;
    holding->shard = shard;
    LIST_INSERT_HEAD(&shard->buckets[(mixed >> 8) % BUCKETS], holding, in_bucket);
    return holding;
}

static enum address_answer answer(
    struct address_holding *holding, const struct address_rules *rules, int64_t now_ms)
{
    int64_t per_second = rules->connections_per_second;
    if (rules->connections_max > 0 && address_holding_count(holding) >= rules->connections_max)
        return ADDRESS_HOLDS_MOST;
    if (holding->rate.per_second != per_second) /* it is new, or the setting is */
        budget_init(&holding->rate, per_second * ADDRESS_BURST_SECONDS, per_second, now_ms);
    return per_second == 0 || budget_take(&holding->rate, now_ms) ? ADDRESS_WELCOME
                                                                  : ADDRESS_TOO_FAST;
}

enum address_answer address_limits_enter(struct address_limits *limits,
    const struct peer_address *address, const struct address_rules *rules, int64_t now_ms,
    struct address_holding **ret_holding)
{
    struct peer_address counted = *address;
    if (!peer_address_is_four(address))
        memset(counted.bytes + SIX_BYTES, 0, PEER_ADDRESS_BYTES - SIX_BYTES);
    uint64_t mixed = hash(limits, &counted);
    struct shard *shard = &limits->shards[mixed >> 60];
    (void)pthread_mutex_lock(&shard->lock);
    struct address_holding *holding = find_or_add(shard, mixed, &counted);
    enum address_answer answered = answer(holding, rules, now_ms);
    if (answered == ADDRESS_WELCOME)
        atomic_fetch_add_explicit(&holding->count, 1, memory_order_relaxed);
    else if (address_holding_count(holding) == 0)
        leave_table(shard, holding);
    (void)pthread_mutex_unlock(&shard->lock);
    if (answered == ADDRESS_WELCOME)
        *ret_holding = holding;
    return answered;
}

void address_limits_leave(struct address_holding *holding)
{
    if (!holding)
        return;
    struct shard *shard = holding->shard;
    (void)pthread_mutex_lock(&shard->lock);
    if (atomic_fetch_sub_explicit(&holding->count, 1, memory_order_relaxed) == 1)
        leave_table(shard, holding);
    (void)pthread_mutex_unlock(&shard->lock);
}

uint32_t address_holding_count(const struct address_holding *holding)
{
    return holding ? (uint32_t)atomic_load_explicit(&holding->count, memory_order_relaxed) : 0;
}
