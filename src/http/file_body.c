#include "http/file_body.h"

#include "base/clock.h"
#include "base/memory.h"
#include "http/map_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

/* Residency is remembered by windows of this size, as large as one batch to the socket. */
enum { WINDOW_BYTES = 128 * 1024, BUCKETS = 1024 };
/* Each map holds a descriptor, for fstat(); connections need most of them. */
enum { MAPS_MAX = 4096 };

struct media_map {
    char *path;
    int fd;
    char *bytes;
    uint64_t size;
    int guard;
    dev_t device;
    ino_t inode;
    struct timespec changed;
    _Atomic uint32_t
        *asked_s; /* per window: when it was last seen resident, in steady seconds; 0 never */
    /* under the cache's lock: */
    size_t references;
    bool cached;
    TAILQ_ENTRY(media_map) by_use; /* least recently used first; in the cache only */
    LIST_ENTRY(media_map) by_path;
};

static struct {
    pthread_mutex_t lock;
    uint64_t limit_bytes, mapped_bytes;
    size_t count;
    TAILQ_HEAD(, media_map) by_use;
    LIST_HEAD(, media_map) buckets[BUCKETS];
} cache = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .limit_bytes = UINT64_C(2) << 30,
    .by_use = TAILQ_HEAD_INITIALIZER(cache.by_use),
};

/* FNV-1a: the paths are ours, nobody can choose collisions. */
static size_t bucket_of(const char *path)
{
    uint32_t hash = 2166136261u;
    for (; *path; path++)
        hash = (hash ^ (unsigned char)*path) * 16777619u;
    return hash % BUCKETS;
}

static void map_free(struct media_map *map)
{
    map_guard_remove(map->guard);
    if (map->bytes)
        (void)munmap(map->bytes, map->size);
    if (map->fd >= 0)
        (void)close(map->fd);
    free(map->asked_s);
    free(map->path);
    free(map);
}

/* Below the lock: takes it out of the cache; frees it when nobody holds it. */
static void uncache(struct media_map *map)
{
    TAILQ_REMOVE(&cache.by_use, map, by_use);
    LIST_REMOVE(map, by_path);
    cache.mapped_bytes -= map->size;
    cache.count--;
    map->cached = false;
    if (map->references == 0)
        map_free(map);
}

/* Below the lock: drops unused files, oldest first, until the rest fits. */
static void shrink_to_limit(void)
{
    struct media_map *map = TAILQ_FIRST(&cache.by_use);
    while (map && (cache.mapped_bytes > cache.limit_bytes || cache.count > MAPS_MAX)) {
        struct media_map *next = TAILQ_NEXT(map, by_use);
        if (map->references == 0)
            uncache(map);
        map = next;
    }
}

/* Below the lock. */
static struct media_map *look_up(const char *path)
{
    struct media_map *map;
    LIST_FOREACH(map, &cache.buckets[bucket_of(path)], by_path)
    if (strcmp(map->path, path) == 0)
        return map;
    return NULL;
}

void media_map_set_limit(uint64_t mapped_bytes_max)
{
    (void)pthread_mutex_lock(&cache.lock);
    cache.limit_bytes = mapped_bytes_max;
    shrink_to_limit();
    (void)pthread_mutex_unlock(&cache.lock);
}

static bool is_same_file(const struct media_map *map, const struct stat *status)
{
    return map->device == status->st_dev && map->inode == status->st_ino
           && map->size == (uint64_t)status->st_size
           && map->changed.tv_sec == status->st_mtim.tv_sec
           && map->changed.tv_nsec == status->st_mtim.tv_nsec;
}

/* Takes a reference to what is cached for the path; with a status, only if it is that very file. */
static struct media_map *take_cached(const char *path, const struct stat *status)
{
    (void)pthread_mutex_lock(&cache.lock);
    struct media_map *map = look_up(path);
    if (map && (map_guard_is_broken(map->guard) || (status && !is_same_file(map, status)))) {
        uncache(map);
        map = NULL;
    }
    if (map) {
        map->references++;
        TAILQ_REMOVE(&cache.by_use, map, by_use);
        TAILQ_INSERT_TAIL(&cache.by_use, map, by_use);
    }
    (void)pthread_mutex_unlock(&cache.lock);
    return map;
}

struct media_map *media_map_find(const char *path)
{
    return take_cached(path, NULL);
}

static bool map_bytes(struct media_map *map, struct problem *problem)
{
    if (map->size == 0)
        return true;
    void *bytes = mmap(NULL, map->size, PROT_READ, MAP_SHARED, map->fd, 0);
    if (bytes == MAP_FAILED)
        return problem_set_errno(problem, errno, "mapping '%s'", map->path);
    map->bytes = bytes;
    map->guard = map_guard_add(bytes, map->size);
    if (map->guard == MAP_GUARD_NONE)
        return problem_set(problem, PROBLEM_BUSY, "too many mapped files");
    map->asked_s = memory_try_zeroed(map->size / WINDOW_BYTES + 1, sizeof *map->asked_s);
    return map->asked_s || problem_set(problem, PROBLEM_BUSY, "no memory for '%s'", map->path);
}

static bool open_file(
    const char *path, struct stat *ret_status, int *ret_fd, struct problem *problem)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return problem_set(problem, PROBLEM_NOT_FOUND, "no file '%s'", path);
    if (fd < 0 || fstat(fd, ret_status) != 0) {
        problem_set_errno(problem, errno, "opening '%s'", path);
        if (fd >= 0)
            (void)close(fd);
        return false;
    }
    if (!S_ISREG(ret_status->st_mode)) {
        (void)close(fd);
        return problem_set(problem, PROBLEM_NOT_FOUND, "'%s' is no regular file", path);
    }
    *ret_fd = fd;
    return true;
}

/* Puts a new map into the cache, in the place of one that another thread may have put there
 * meanwhile. */
static void put_cached(struct media_map *map)
{
    (void)pthread_mutex_lock(&cache.lock);
    struct media_map *other = look_up(map->path);
    if (other)
        uncache(other);
    map->cached = true;
    TAILQ_INSERT_TAIL(&cache.by_use, map, by_use);
    LIST_INSERT_HEAD(&cache.buckets[bucket_of(map->path)], map, by_path);
    cache.mapped_bytes += map->size;
    cache.count++;
    shrink_to_limit();
    (void)pthread_mutex_unlock(&cache.lock);
}

struct media_map *media_map_open(const char *path, struct problem *problem)
{
    struct stat status = { 0 };
    int fd = -1;
    if (!open_file(path, &status, &fd, problem))
        return NULL;
    struct media_map *map = take_cached(path, &status);
    if (map) {
        (void)close(fd);
        return map;
    }
    map = memory_zeroed(1, sizeof *map);
    map->path = memory_strdup(path);
    map->fd = fd;
    map->size = (uint64_t)status.st_size;
    map->guard = MAP_GUARD_NONE;
    map->device = status.st_dev;
    map->inode = status.st_ino;
    map->changed = status.st_mtim;
    map->references = 1;
    if (!map_bytes(map, problem)) {
        map_free(map);
        return NULL;
    }
    put_cached(map);
    return map;
}

void media_map_forget(const char *path)
{
    size_t length = strlen(path);
    (void)pthread_mutex_lock(&cache.lock);
    struct media_map *map = TAILQ_FIRST(&cache.by_use);
    while (map) {
        struct media_map *next = TAILQ_NEXT(map, by_use);
        if (strncmp(map->path, path, length) == 0
            && (map->path[length] == '\0' || map->path[length] == '/'))
            uncache(map);
        map = next;
    }
    (void)pthread_mutex_unlock(&cache.lock);
}

struct media_map *media_map_retain(struct media_map *map)
{
    (void)pthread_mutex_lock(&cache.lock);
    map->references++;
    (void)pthread_mutex_unlock(&cache.lock);
    return map;
}

void media_map_release(struct media_map *map)
{
    if (!map)
        return;
    (void)pthread_mutex_lock(&cache.lock);
    map->references--;
    if (map->references == 0 && !map->cached)
        map_free(map);
    else if (map->references == 0)
        shrink_to_limit();
    (void)pthread_mutex_unlock(&cache.lock);
}

uint64_t media_map_size(const struct media_map *map)
{
    return map->size;
}

const char *media_map_bytes(const struct media_map *map)
{
    return map->bytes;
}

static uint32_t now_s(void)
{
    return (uint32_t)(clock_steady_ms() / 1000) + 1; /* never 0, which means never */
}

/* mincore() over one window. */
static bool window_is_resident(const struct media_map *map, uint64_t window)
{
    enum { PAGES_MAX = WINDOW_BYTES / 4096 };
    unsigned char pages[PAGES_MAX];
    uint64_t start = window * WINDOW_BYTES;
    size_t count = map->size - start < WINDOW_BYTES ? (size_t)(map->size - start) : WINDOW_BYTES;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (mincore(map->bytes + start, count, pages) != 0)
        return false;
    for (size_t i = 0; i < (count + page - 1) / page; i++)
        if (!(pages[i] & 1))
            return false;
    return true;
}

bool media_map_is_resident(const struct media_map *map, uint64_t offset, uint64_t count)
{
    if (count == 0 || offset >= map->size)
        return true;
    uint64_t last = offset + (count < map->size - offset ? count : map->size - offset) - 1;
    uint32_t now = now_s();
    for (uint64_t window = offset / WINDOW_BYTES; window <= last / WINDOW_BYTES; window++) {
        uint32_t asked = atomic_load_explicit(&map->asked_s[window], memory_order_relaxed);
        if (asked != 0 && now - asked < RESIDENCY_TRUSTED_S)
            continue;
        if (!window_is_resident(map, window))
            return false;
        atomic_store_explicit(&map->asked_s[window], now, memory_order_relaxed);
    }
    return true;
}

bool media_map_bring_in(struct media_map *map, uint64_t offset, uint64_t count)
{
    if (count == 0)
        return true;
    if (offset >= map->size || count > map->size - offset
        || !media_map_is_sound(map, offset + count))
        return false;
    uint64_t start = offset / WINDOW_BYTES * WINDOW_BYTES;
    /* Whole windows, because residency is asked by windows. */
    uint64_t end = (offset + count + WINDOW_BYTES - 1) / WINDOW_BYTES * WINDOW_BYTES;
    if (end > map->size)
        end = map->size;
    /* EFAULT: the file ends before the range.  Other failures (an old kernel) leave it to the page
     * fault. */
    if (madvise(map->bytes + start, end - start, MADV_POPULATE_READ) != 0 && errno == EFAULT)
        return false;
    uint32_t now = now_s();
    for (uint64_t window = start / WINDOW_BYTES; window <= (end - 1) / WINDOW_BYTES; window++)
        atomic_store_explicit(&map->asked_s[window], now, memory_order_relaxed);
    return media_map_is_sound(map, end);
}

bool media_map_is_sound(const struct media_map *map, uint64_t end)
{
    struct stat status;
    if (map_guard_is_broken(map->guard))
        return false;
    if (fstat(map->fd, &status) == 0 && (uint64_t)status.st_size >= end)
        return true;
    map_guard_mark_broken(map->guard);
    return false;
}
