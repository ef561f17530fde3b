#include "http/pace.h"

#include "base/memory.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { BATCH_LEAST = 16384, BATCHES_A_SECOND = 10 };
static const int64_t burst_us = INT64_C(1000) * PACE_BURST_MS;

struct pace {
    atomic_size_t references;
    int64_t bytes_per_second;
    /* When all that was sent is paid.  The generic cell rate algorithm: each byte moves it on. */
    atomic_int_fast64_t paid_us;
};

struct pace *pace_create(int64_t bytes_per_second)
{
    struct pace *pace = memory_zeroed(1, sizeof *pace);
    pace->bytes_per_second = bytes_per_second;
    atomic_init(&pace->references, 1);
    atomic_init(&pace->paid_us, INT64_MIN / 2);
    return pace;
}

struct pace *pace_hold(struct pace *pace)
{
    atomic_fetch_add_explicit(&pace->references, 1, memory_order_relaxed);
    return pace;
}

void pace_release(struct pace *pace)
{
    if (pace && atomic_fetch_sub_explicit(&pace->references, 1, memory_order_acq_rel) == 1)
        free(pace);
}

bool pace_is_spare(const struct pace *pace)
{
    return atomic_load_explicit(&pace->references, memory_order_acquire) == 1;
}

int64_t pace_wait_us(const struct pace *pace, int64_t now_us)
{
    int64_t paid_us = atomic_load_explicit(&pace->paid_us, memory_order_relaxed);
    return paid_us > now_us ? paid_us - now_us : 0;
}

void pace_charge(struct pace *pace, uint64_t bytes, int64_t now_us)
{
    /* So that the product fits: no batch comes near. */
    const uint64_t bytes_max = UINT64_C(1) << 40;
    int64_t price_us = (int64_t)((bytes < bytes_max ? bytes : bytes_max) * 1000000
                                 / (uint64_t)pace->bytes_per_second);
    int64_t floor_us = now_us - burst_us, next_us;
    int64_t seen_us = atomic_load_explicit(&pace->paid_us, memory_order_relaxed);
    do
        next_us = (seen_us > floor_us ? seen_us : floor_us) + price_us;
    while (!atomic_compare_exchange_weak_explicit(
        &pace->paid_us, &seen_us, next_us, memory_order_relaxed, memory_order_relaxed));
}

size_t pace_batch(const struct pace *pace, size_t room)
{
    uint64_t most = (uint64_t)pace->bytes_per_second / BATCHES_A_SECOND;
    if (most < BATCH_LEAST)
        most = BATCH_LEAST;
    return room < most ? room : (size_t)most;
}
