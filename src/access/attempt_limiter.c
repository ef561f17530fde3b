#include "access/staff_login.h"

#include "base/clock.h"
#include "base/memory.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A set-associative table: an address has WAYS places, and takes the one least lately used. */
enum { SETS = 1024, WAYS = 8, ADDRESS_BYTES = 16 };
static const int64_t window_ms = 60000;

/* The generic cell rate algorithm: each failure moves `clear_at_ms` on by one interval, and an
 * address whose time lies a minute ahead has to wait.  So N failures may come at once, and one more
 * each minute / N. */
struct place {
    uint8_t address[ADDRESS_BYTES];
    int64_t clear_at_ms; /* steady clock; 0: free */
};

struct attempt_limiter {
    int64_t interval_ms; /* guarded by lock */
    uint64_t seed;       /* so that nobody can choose who shares a set */
    pthread_mutex_t lock;
    struct place places[SETS][WAYS]; /* guarded by lock */
};

struct attempt_limiter *attempt_limiter_create(int64_t attempts_per_minute)
{
    struct attempt_limiter *limiter = memory_zeroed(1, sizeof *limiter);
    limiter->interval_ms = window_ms / attempts_per_minute;
    secure_random((uint8_t *)&limiter->seed, sizeof limiter->seed);
    (void)pthread_mutex_init(&limiter->lock, NULL);
    return limiter;
}

void attempt_limiter_set(struct attempt_limiter *limiter, int64_t attempts_per_minute)
{
    (void)pthread_mutex_lock(&limiter->lock);
    limiter->interval_ms = window_ms / attempts_per_minute;
    (void)pthread_mutex_unlock(&limiter->lock);
}

void attempt_limiter_free(struct attempt_limiter *limiter)
{
    if (!limiter)
        return;
    (void)pthread_mutex_destroy(&limiter->lock);
    free(limiter);
}

/* The /64 of IPv6, all of IPv4 (mapped into IPv6 too); what is neither is one address. */
static void read_address(const char *peer, uint8_t ret_address[ADDRESS_BYTES])
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    struct in_addr four;
    struct in6_addr six;
    memset(ret_address, 0, ADDRESS_BYTES);
    if (inet_pton(AF_INET, peer, &four) == 1) {
        memcpy(ret_address, mapped, sizeof mapped);
        memcpy(ret_address + sizeof mapped, &four, sizeof four);
    } else if (inet_pton(AF_INET6, peer, &six) == 1) {
        bool is_mapped = memcmp(&six, mapped, sizeof mapped) == 0;
        memcpy(ret_address, &six, is_mapped ? ADDRESS_BYTES : ADDRESS_BYTES / 2);
    }
}

static struct place *set_of(struct attempt_limiter *limiter, const uint8_t address[ADDRESS_BYTES])
{
    uint64_t hash = limiter->seed;
    for (size_t i = 0; i < ADDRESS_BYTES; i++)
        hash = (hash ^ address[i]) * UINT64_C(1099511628211);
    return limiter->places[(hash ^ hash >> 32) % SETS];
}

static struct place *find(struct place *set, const uint8_t address[ADDRESS_BYTES])
{
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].clear_at_ms != 0 && memcmp(set[i].address, address, ADDRESS_BYTES) == 0)
            return &set[i];
    return NULL;
}

bool attempt_allowed(struct attempt_limiter *limiter, const char *peer, struct problem *problem)
{
    uint8_t address[ADDRESS_BYTES];
    read_address(peer, address);
    (void)pthread_mutex_lock(&limiter->lock);
    const struct place *place = find(set_of(limiter, address), address);
    int64_t ahead_ms = place ? place->clear_at_ms - clock_steady_ms() : 0;
    bool allowed = ahead_ms <= window_ms - limiter->interval_ms;
    (void)pthread_mutex_unlock(&limiter->lock);
    return allowed
           || problem_set(
               problem, PROBLEM_TOO_MANY_REQUESTS, "too many failed sign-ins from one address");
}

void attempt_failed(struct attempt_limiter *limiter, const char *peer)
{
    uint8_t address[ADDRESS_BYTES];
    read_address(peer, address);
    int64_t now_ms = clock_steady_ms();
    (void)pthread_mutex_lock(&limiter->lock);
    struct place *set = set_of(limiter, address), *place = find(set, address);
    if (!place) {
        place = set;
        for (size_t i = 1; i < WAYS; i++)
            if (set[i].clear_at_ms < place->clear_at_ms)
                place = &set[i];
        memcpy(place->address, address, ADDRESS_BYTES);
        place->clear_at_ms = now_ms;
    }
    if (place->clear_at_ms < now_ms)
        place->clear_at_ms = now_ms;
    place->clear_at_ms += limiter->interval_ms;
    (void)pthread_mutex_unlock(&limiter->lock);
}
