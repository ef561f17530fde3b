#include "faults.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <zlib.h>

static struct {
    atomic_int site, error_number;
    atomic_ulong uses, first, count, fired;
    atomic_size_t bytes_max;
    atomic_bool scarce;
} armed = { .site = FAULT_SITE_COUNT };
static _Thread_local bool spared;

static bool fails(enum fault_site site)
{
    if (spared || atomic_load(&armed.site) != (int)site)
        return false;
    unsigned long use = atomic_fetch_add(&armed.uses, 1) + 1;
    unsigned long first = atomic_load(&armed.first);
    if (use < first || use - first >= atomic_load(&armed.count))
        return false;
    atomic_fetch_add(&armed.fired, 1);
    errno = atomic_load(&armed.error_number);
    return true;
}

void faults_spare_this_thread(void)
{
    spared = true;
}

void faults_arm(enum fault_site site, unsigned long first, unsigned long count, int error_number)
{
    atomic_store(&armed.uses, 0);
    atomic_store(&armed.fired, 0);
    atomic_store(&armed.first, first);
    atomic_store(&armed.count, count);
    atomic_store(&armed.error_number, error_number);
    atomic_store(&armed.site, (int)site);
}

bool faults_disarm(void)
{
    atomic_store(&armed.site, FAULT_SITE_COUNT);
    atomic_store(&armed.scarce, false);
    return atomic_load(&armed.fired) > 0;
}

unsigned long faults_uses(void)
{
    return atomic_load(&armed.uses);
}

void faults_shorten(size_t bytes_max)
{
    atomic_store(&armed.bytes_max, bytes_max);
}

void faults_make_scarce(void)
{
    faults_arm(FAULT_MEMORY, 1, 0, ENOMEM);
    atomic_store(&armed.scarce, true);
}

static bool memory_fails(size_t size)
{
    enum { LARGE_BYTES = 8192, SMALL_EACH = 10 };
    if (spared || !atomic_load(&armed.scarce))
        return fails(FAULT_MEMORY);
    if (size < LARGE_BYTES && atomic_fetch_add(&armed.uses, 1) % SMALL_EACH != 0)
        return false;
    atomic_fetch_add(&armed.fired, 1);
    return true;
}

/* Our own libraries.  The names are the linker's (ld --wrap). */

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    return memory_fails(size) ? NULL : __real_malloc(size);
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    return memory_fails(count * size) ? NULL : __real_calloc(count, size);
}

void *__real_reallocarray(void *memory, size_t count, size_t size);
void *__wrap_reallocarray(void *memory, size_t count, size_t size);
void *__wrap_reallocarray(void *memory, size_t count, size_t size)
{
    return memory_fails(count * size) ? NULL : __real_reallocarray(memory, count, size);
}

int __real_event_add(struct event *event, const struct timeval *timeout);
int __wrap_event_add(struct event *event, const struct timeval *timeout);
int __wrap_event_add(struct event *event, const struct timeval *timeout)
{
    return fails(FAULT_EVENT_ADD) ? -1 : __real_event_add(event, timeout);
}

static size_t shortened(size_t count)
{
    size_t most = atomic_load(&armed.bytes_max);
    return !spared && most > 0 && most < count ? most : count;
}

/* The kernel would tell when it is worth asking again; setting these makes it do so now. */
static void bring_edge(int fd, int option)
{
    int value = option == SO_RCVLOWAT ? 1 : 1 << 20;
    if (errno == EAGAIN) {
        (void)setsockopt(fd, SOL_SOCKET, option, &value, sizeof value);
        errno = EAGAIN;
    }
}

ssize_t __real_recv(int fd, void *bytes, size_t count, int flags);
ssize_t __wrap_recv(int fd, void *bytes, size_t count, int flags);
ssize_t __wrap_recv(int fd, void *bytes, size_t count, int flags)
{
    if (fails(FAULT_RECV)) {
        bring_edge(fd, SO_RCVLOWAT);
        return -1;
    }
    return __real_recv(fd, bytes, shortened(count), flags);
}

ssize_t __real_send(int fd, const void *bytes, size_t count, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t count, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t count, int flags)
{
    if (fails(FAULT_SEND)) {
        bring_edge(fd, SO_SNDBUF);
        return -1;
    }
    return __real_send(fd, bytes, shortened(count), flags);
}

int __real_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
    return fails(FAULT_ACCEPT) ? -1 : __real_accept4(fd, address, length, flags);
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return fails(FAULT_OPEN) ? -1 : __real_open(path, flags, mode);
}

void *__real_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
    return fails(FAULT_MMAP) ? MAP_FAILED
                             : __real_mmap(address, length, protection, flags, fd, offset);
}

int __real_madvise(void *address, size_t length, int advice);
int __wrap_madvise(void *address, size_t length, int advice);
int __wrap_madvise(void *address, size_t length, int advice)
{
    return fails(FAULT_MADVISE) ? -1 : __real_madvise(address, length, advice);
}

int __real_pthread_create(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *data);
int __wrap_pthread_create(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *data);
int __wrap_pthread_create(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *data)
{
    return fails(FAULT_THREAD) ? EAGAIN : __real_pthread_create(thread, attributes, run, data);
}

/* Other libraries */

static void *openssl_alloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails(FAULT_OPENSSL) ? NULL : __real_malloc(size);
}

static void *openssl_resize(void *memory, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails(FAULT_OPENSSL) ? NULL : realloc(memory, size);
}

static void openssl_free(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    free(memory);
}

static void *libevent_alloc(size_t size)
{
    return fails(FAULT_LIBEVENT) ? NULL : __real_malloc(size);
}

static void *libevent_resize(void *memory, size_t size)
{
    return fails(FAULT_LIBEVENT) ? NULL : realloc(memory, size);
}

int __real_deflateInit2_(z_stream *zip, int level, int coding, int window, int memory, int strategy,
    const char *version, int size);
int __wrap_deflateInit2_(z_stream *zip, int level, int coding, int window, int memory, int strategy,
    const char *version, int size);
int __wrap_deflateInit2_(z_stream *zip, int level, int coding, int window, int memory, int strategy,
    const char *version, int size)
{
    return fails(FAULT_ZLIB)
               ? Z_MEM_ERROR
               : __real_deflateInit2_(zip, level, coding, window, memory, strategy, version, size);
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)

void faults_install(void)
{
    event_set_mem_functions(libevent_alloc, libevent_resize, free);
    if (CRYPTO_set_mem_functions(openssl_alloc, openssl_resize, openssl_free) != 1) {
        (void)fprintf(stderr, "faults: OpenSSL has memory already\n");
        abort();
    }
}
