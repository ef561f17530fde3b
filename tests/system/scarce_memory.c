/*
 * Preloaded, it lets one of `each` allocations of the whole process fail, at random; `each` stands
 * at the start of the file that SCARCE_FILE names, so that a test can change it; 0: none fails.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic uint32_t *each;
static atomic_uint_fast64_t state;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("SCARCE_FILE"), *seed = getenv("SCARCE_SEED");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *page = fd >= 0 ? mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (fd >= 0)
        (void)close(fd);
    atomic_store(&state, seed ? strtoull(seed, NULL, 10) : 1);
    if (page != MAP_FAILED)
        each = page;
}

static int fails(void)
{
    uint32_t one_of = each ? atomic_load_explicit(each, memory_order_relaxed) : 0;
    if (one_of == 0)
        return 0;
    uint64_t draw = atomic_fetch_add(&state, UINT64_C(0x9e3779b97f4a7c15));
    draw = (draw ^ (draw >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    draw = (draw ^ (draw >> 27)) * UINT64_C(0x94d049bb133111eb);
    if ((draw ^ (draw >> 31)) % one_of != 0)
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return fails() ? NULL : __libc_realloc(memory, size);
}

void *reallocarray(void *memory, size_t count, size_t size)
{
    size_t whole;
    if (__builtin_mul_overflow(count, size, &whole)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(memory, whole);
}
