#include "api/access_log.h"

#include "api/access_line.h"
#include "base/files.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/request_builder.h"
#include "http/router.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WRITE_EVERY_MS = 50, BUFFER_BYTES = 64 * 1024 };
enum access_format { FORMAT_OFF, FORMAT_COMMON, FORMAT_JSON };

/* As in viewing/delivery_log.c: positions only grow, and each end has its own cache line. */
struct ring {
    alignas(64) _Atomic uint64_t noted; /* by the loop: records before it are whole */
    _Atomic uint64_t dropped;
    alignas(64) _Atomic uint64_t written; /* by the thread: places before it are free */
    struct access_record *records;
};

struct access_log {
    enum access_format format;
    enum access_addresses addresses;
    _Atomic int64_t slow_us; /* a reload changes it */
    char *path;              /* NULL: standard error */
    int fd;
    bool failing; /* said once, until it works again */
    struct ring *rings;
    size_t ring_count;
    uint64_t capacity;
    struct text lines;
    _Atomic uint64_t unwritten, slow;
    atomic_bool asleep, stopping;
    int woken; /* eventfd */
    pthread_t thread;
};

static void wake(struct access_log *log)
{
    uint64_t one = 1;
    ssize_t ignored = write(log->woken, &one, sizeof one);
    (void)ignored;
}

/* The time that the peer's slowness has no part in.  While a body comes in, what we wait for is the
 * peer: then only what is known to be ours counts; and an upload, which is written piece by piece, is
 * slow when one piece is, not because it is long. */
static int64_t own_us(const struct exchange *exchange, const struct exchange_outcome *outcome)
{
    int64_t known_us = outcome->queued_us + outcome->worked_us + outcome->returned_us;
    if (exchange->route && exchange->route->body == BODY_STREAMED)
        return outcome->longest_us;
    if (exchange->request.body_length != 0)
        return known_us + outcome->disk_us;
    return outcome->first_byte_us + outcome->disk_us;
}

void access_log_set_slow(struct access_log *log, int64_t slow_request_ms)
{
    atomic_store_explicit(&log->slow_us, slow_request_ms * 1000, memory_order_relaxed);
}

static bool is_slow(const struct access_log *log, const struct exchange *exchange,
    const struct exchange_outcome *outcome)
{
    int64_t slow_us = atomic_load_explicit(&log->slow_us, memory_order_relaxed);
    return slow_us > 0 && own_us(exchange, outcome) >= slow_us;
}

static bool is_of_interest(const struct access_log *log, const struct exchange_outcome *outcome)
{
    return log->format != FORMAT_OFF || outcome->status >= 500 || log_writes(LOG_DEBUG);
}

void access_log_note(struct access_log *log, size_t loop_index, const struct exchange *exchange,
    const struct exchange_outcome *outcome)
{
    struct ring *ring = &log->rings[loop_index];
    bool slow = is_slow(log, exchange, outcome);
    if (!slow && !is_of_interest(log, outcome))
        return;
    uint64_t noted = atomic_load_explicit(&ring->noted, memory_order_relaxed);
    if (noted - atomic_load_explicit(&ring->written, memory_order_acquire) >= log->capacity) {
        atomic_fetch_add_explicit(&ring->dropped, 1, memory_order_relaxed);
        return;
    }
    struct access_record *record = &ring->records[noted % log->capacity];
    access_record_fill(record, exchange, outcome);
    record->slow_us = slow ? own_us(exchange, outcome) : 0;
    /* Either this sees the thread asleep, or the thread sees the record before it sleeps. */
    atomic_store(&ring->noted, noted + 1);
    if (atomic_load(&log->asleep) && atomic_exchange(&log->asleep, false))
        wake(log);
}

uint64_t access_log_dropped(struct access_log *log)
{
    uint64_t dropped = atomic_load(&log->unwritten);
    for (size_t i = 0; i < log->ring_count; i++)
        dropped += atomic_load_explicit(&log->rings[i].dropped, memory_order_relaxed);
    return dropped;
}

uint64_t access_log_slow(struct access_log *log)
{
    return atomic_load(&log->slow);
}

static int open_file(const char *path)
{
    /* O_NONBLOCK is for a pipe whose reader stands still. */
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
}

/* logrotate renames the file, or somebody removes it: lines would go on to where nobody looks. */
static void follow_file(struct access_log *log)
{
    struct stat named, held;
    if (!log->path
        || (stat(log->path, &named) == 0 && fstat(log->fd, &held) == 0
            && named.st_ino == held.st_ino && named.st_dev == held.st_dev))
        return;
    int fd = open_file(log->path);
    if (fd < 0)
        return; /* the old one is better than none */
    (void)close(log->fd);
    log->fd = fd;
}

static void flush_lines(struct access_log *log)
{
    if (log->lines.length == 0)
        return;
    follow_file(log);
    bool good = file_write_all(log->fd, log->lines.bytes, log->lines.length);
    if (!good) {
        uint64_t lost = 0;
        for (size_t i = 0; i < log->lines.length; i++)
            lost += log->lines.bytes[i] == '\n';
        atomic_fetch_add(&log->unwritten, lost);
    }
    if (!good && !log->failing)
        log_event(LOG_ERROR, "access-log-not-written", "errno=%d", errno);
    log->failing = !good;
    text_clear(&log->lines);
}

static void tell_request(const struct access_record *record, enum log_level level)
{
    char detail[LOG_QUOTED_SIZE];
    const struct exchange_outcome *outcome = &record->outcome;
    log_event(level, "request",
        "id=%s method=%s path=%s status=%d bytes=%llu ms=%lld code=%s detail=%s",
        record->request_id, http_method_name(record->method), record->path, outcome->status,
        (unsigned long long)outcome->body_bytes_sent, (long long)(outcome->last_byte_us / 1000),
        problem_is_set(&record->problem) ? problem_faces[record->problem.kind].code : "-",
        log_quoted(detail, record->problem.detail));
}

static void tell_slow(struct access_log *log, const struct access_record *record)
{
    const struct exchange_outcome *outcome = &record->outcome;
    atomic_fetch_add_explicit(&log->slow, 1, memory_order_relaxed);
    log_event(LOG_WARNING, "request-slow",
        "id=%s method=%s path=%s status=%d own_ms=%lld queued_ms=%lld worked_ms=%lld "
        "returned_ms=%lld "
        "disk_ms=%lld sending_ms=%lld",
        record->request_id, http_method_name(record->method), record->path, outcome->status,
        (long long)(record->slow_us / 1000), (long long)(outcome->queued_us / 1000),
        (long long)(outcome->worked_us / 1000), (long long)(outcome->returned_us / 1000),
        (long long)(outcome->disk_us / 1000),
        (long long)((outcome->last_byte_us - outcome->first_byte_us) / 1000));
}

static void tell(struct access_log *log, const struct access_record *record)
{
    if (record->slow_us > 0)
        tell_slow(log, record);
    if (record->outcome.status >= 500)
        tell_request(record, LOG_WARNING);
    else
        tell_request(record, LOG_DEBUG);
    if (log->format == FORMAT_COMMON)
        access_line_common(record, log->addresses, &log->lines);
    else if (log->format == FORMAT_JSON)
        access_line_json(record, log->addresses, &log->lines);
    if (log->lines.length > BUFFER_BYTES - ACCESS_LINE_MAX)
        flush_lines(log);
}

/* false: there was nothing. */
static bool drain(struct access_log *log)
{
    bool any = false;
    for (size_t i = 0; i < log->ring_count; i++) {
        struct ring *ring = &log->rings[i];
        uint64_t noted = atomic_load(&ring->noted);
        uint64_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
        any = any || written != noted;
        for (; written != noted; written++) {
            tell(log, &ring->records[written % log->capacity]);
            atomic_store_explicit(&ring->written, written + 1, memory_order_release);
        }
    }
    flush_lines(log);
    return any;
}

/* Until woken, or for milliseconds where these are not negative. */
static void rest(struct access_log *log, int milliseconds)
{
    struct pollfd woken = { .fd = log->woken, .events = POLLIN };
    uint64_t count;
    (void)poll(&woken, 1, milliseconds);
    ssize_t ignored = read(log->woken, &count, sizeof count);
    (void)ignored;
}

static void *write_lines(void *data)
{
    struct access_log *log = data;
    (void)pthread_setname_np(pthread_self(), "access-log");
    while (!atomic_load(&log->stopping)) {
        atomic_store(&log->asleep, true);
        if (!drain(log) && !atomic_load(&log->stopping))
            rest(log, -1);
        atomic_store(&log->asleep, false);
        rest(log, WRITE_EVERY_MS); /* what comes meanwhile is written together */
    }
    (void)drain(log);
    return NULL;
}

static bool read_word(const char *setting, const char *value, const char *const *words,
    size_t count, int *ret_word, struct problem *problem)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(value, words[i])) {
            *ret_word = (int)i;
            return true;
        }
    return problem_set(problem, PROBLEM_SETTING, "'%s' must be %s, %s or %s, not '%.40s'.", setting,
        words[0], words[1], words[2], value);
}

static bool read_settings(
    struct access_log *log, const struct settings *settings, struct problem *problem)
{
    static const char *const formats[] = { "off", "common", "json" };
    static const char *const addresses[] = { "network", "full", "none" };
    int format = FORMAT_OFF, told = ACCESS_ADDRESS_NETWORK;
    if (!read_word("access-log", settings->access_log, formats, 3, &format, problem)
        || !read_word(
            "access-log-addresses", settings->access_log_addresses, addresses, 3, &told, problem))
        return false;
    log->format = (enum access_format)format;
    log->addresses = (enum access_addresses)told;
    access_log_set_slow(log, settings->slow_request_ms);
    log->capacity = (uint64_t)settings->access_log_ring;
    log->fd = STDERR_FILENO;
    if (log->format == FORMAT_OFF || settings->access_log_file[0] == '\0')
        return true;
    const char *name = settings->access_log_file;
    if (asprintf(&log->path, "%s%s%s", name[0] == '/' ? "" : settings->data,
            name[0] == '/' ? "" : "/", name)
        < 0)
        memory_exhausted(0);
    log->fd = open_file(log->path);
    return log->fd >= 0
           || problem_set(problem, PROBLEM_SETTING, "'access-log-file' cannot be written: %s: %s.",
               log->path, strerror(errno));
}

static void free_log(struct access_log *log)
{
    for (size_t i = 0; log->rings && i < log->ring_count; i++)
        free(log->rings[i].records);
    free(log->rings);
    text_release(&log->lines);
    if (log->path && log->fd >= 0)
        (void)close(log->fd);
    if (log->woken >= 0)
        (void)close(log->woken);
    free(log->path);
    free(log);
}

static void make_rings(struct access_log *log, size_t loop_count)
{
    log->ring_count = loop_count;
    log->rings = aligned_alloc(alignof(struct ring), loop_count * sizeof *log->rings);
    if (!log->rings)
        memory_exhausted(loop_count * sizeof *log->rings);
    memset(log->rings, 0, loop_count * sizeof *log->rings);
    for (size_t i = 0; i < loop_count; i++)
        log->rings[i].records = memory_zeroed(log->capacity, sizeof *log->rings[i].records);
}

struct access_log *access_log_start(
    const struct settings *settings, size_t loop_count, struct problem *problem)
{
    struct access_log *log = memory_zeroed(1, sizeof *log);
    text_init(&log->lines, BUFFER_BYTES);
    log->woken = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!read_settings(log, settings, problem)) {
        free_log(log);
        return NULL;
    }
    make_rings(log, loop_count);
    int error_number
        = log->woken < 0 ? errno : pthread_create(&log->thread, NULL, write_lines, log);
    if (error_number != 0) {
        problem_set_errno(problem, error_number, "start the thread of the access log");
        free_log(log);
        return NULL;
    }
    return log;
}

void access_log_stop(struct access_log *log)
{
    if (!log)
        return;
    atomic_store(&log->stopping, true);
    wake(log);
    (void)pthread_join(log->thread, NULL);
    free_log(log);
}
