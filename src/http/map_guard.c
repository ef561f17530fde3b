#include "http/map_guard.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* vm.max_map_count is 65,530 unless an operator raised it. */
enum { PLACES_MAX = 65530 };

struct guarded {
    _Atomic uintptr_t start; /* 0: free */
    _Atomic uintptr_t end;   /* 0: being filled */
    atomic_bool broken;
};

static struct guarded places[PLACES_MAX];
static atomic_int places_used; /* one above the highest place that was ever taken */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t installed = PTHREAD_ONCE_INIT;
static struct sigaction previous;
static size_t page_bytes;

static struct guarded *place_of(uintptr_t address)
{
    int used = atomic_load(&places_used);
    for (int i = 0; i < used; i++)
        if (address >= atomic_load(&places[i].start) && address < atomic_load(&places[i].end))
            return &places[i];
    return NULL;
}

/* Only atomics and mmap(), a bare system call: both are safe wherever the fault came from. */
static void survive(int signal_number, siginfo_t *info, void *context)
{
    (void)context;
    int error_number = errno;
    uintptr_t address = (uintptr_t)info->si_addr;
    struct guarded *place = info->si_code > 0 ? place_of(address) : NULL;
    void *page = (void *)(address / page_bytes * page_bytes);
    if (place
        && mmap(page, page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)
               == page)
        atomic_store(&place->broken, true);
    else
        (void)sigaction(signal_number, &previous, NULL); /* the read comes again, and meets it */
    errno = error_number;
}

static void install(void)
{
    page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    struct sigaction action = { .sa_sigaction = survive, .sa_flags = SA_SIGINFO | SA_RESTART };
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGBUS, &action, &previous);
}

int map_guard_add(const void *start, size_t length)
{
    (void)pthread_once(&installed, install);
    int place = MAP_GUARD_NONE;
    (void)pthread_mutex_lock(&lock);
    for (int i = 0; i < PLACES_MAX; i++) {
        if (atomic_load(&places[i].start) == 0) {
            place = i;
            break;
        }
    }
    if (place != MAP_GUARD_NONE) {
        atomic_store(&places[place].broken, false);
        atomic_store(&places[place].start, (uintptr_t)start);
        atomic_store(&places[place].end, (uintptr_t)start + length);
        if (place >= atomic_load(&places_used))
            atomic_store(&places_used, place + 1);
    }
    (void)pthread_mutex_unlock(&lock);
    return place;
}

void map_guard_remove(int place)
{
    if (place == MAP_GUARD_NONE)
        return;
    (void)pthread_mutex_lock(&lock);
    atomic_store(&places[place].end, 0);
    atomic_store(&places[place].start, 0);
    (void)pthread_mutex_unlock(&lock);
}

bool map_guard_is_broken(int place)
{
    return place != MAP_GUARD_NONE && atomic_load(&places[place].broken);
}

void map_guard_mark_broken(int place)
{
    if (place != MAP_GUARD_NONE)
        atomic_store(&places[place].broken, true);
}
