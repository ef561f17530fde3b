#include "base/clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

static _Atomic int64_t latest_ms; /* the newest instant that was told or named */
static _Atomic int64_t ahead_ms;  /* of server time before the steady clock */

static void raise_to(_Atomic int64_t *value, int64_t least)
{
    int64_t seen = atomic_load(value);
    while (seen < least && !atomic_compare_exchange_weak(value, &seen, least))
        ;
}

static int64_t read_clock_ms(clockid_t id)
{
    struct timespec now;
    (void)clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void)
{
    return read_clock_ms(CLOCK_REALTIME);
}

int64_t clock_steady_ms(void)
{
    return read_clock_ms(CLOCK_MONOTONIC);
}

int64_t clock_steady_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct timespec clock_steady_after(int64_t milliseconds)
{
    struct timespec moment;
    (void)clock_gettime(CLOCK_MONOTONIC, &moment);
    moment.tv_sec += milliseconds / 1000;
    moment.tv_nsec += milliseconds % 1000 * 1000000;
    if (moment.tv_nsec >= 1000000000) {
        moment.tv_sec++;
        moment.tv_nsec -= 1000000000;
    }
    return moment;
}

void clock_not_before(int64_t instant_ms)
{
    raise_to(&ahead_ms, instant_ms - clock_steady_ms());
    raise_to(&latest_ms, instant_ms);
}

int64_t clock_now_ms(void)
{
    int64_t steady_ms = clock_steady_ms();
    raise_to(&ahead_ms, clock_wall_ms() - steady_ms);
    raise_to(&latest_ms, steady_ms + atomic_load(&ahead_ms));
    return atomic_load(&latest_ms);
}

static struct tm utc(int64_t instant_ms)
{
    time_t seconds = (time_t)(instant_ms / 1000 - (instant_ms % 1000 < 0));
    struct tm parts = { 0 };
    (void)gmtime_r(&seconds, &parts);
    return parts;
}

void clock_format_iso(int64_t instant_ms, char ret_text[CLOCK_ISO_SIZE])
{
    struct tm parts = utc(instant_ms);
    size_t length = strftime(ret_text, CLOCK_ISO_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);
    unsigned milliseconds = (unsigned)((instant_ms % 1000 + 1000) % 1000);
    (void)snprintf(ret_text + length, CLOCK_ISO_SIZE - length, ".%03uZ", milliseconds);
}

void clock_format_http(int64_t instant_ms, char ret_text[CLOCK_HTTP_SIZE])
{
    static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char months[12][4]
        = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    struct tm parts = utc(instant_ms);
    (void)snprintf(ret_text, CLOCK_HTTP_SIZE, "%s, %02u %s %04u %02u:%02u:%02u GMT",
        days[(unsigned)parts.tm_wday % 7], (unsigned)parts.tm_mday % 100,
        months[(unsigned)parts.tm_mon % 12], (unsigned)(parts.tm_year + 1900) % 10000,
        (unsigned)parts.tm_hour % 100, (unsigned)parts.tm_min % 100, (unsigned)parts.tm_sec % 100);
}
