#include "api/process_figures.h"

#include "base/clock.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static int64_t microseconds(struct timeval time)
{
    return (int64_t)time.tv_sec * 1000000 + time.tv_usec;
}

/* A file of /proc is made in memory: reading it waits for no disk. */
static void read_small_file(const char *path, char *ret_text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? 0 : read(fd, ret_text, size - 1);
    ret_text[length > 0 ? length : 0] = '\0';
    if (fd >= 0)
        (void)close(fd);
}

/* The next one, after space; 0 where there is none.  Moves on. */
static uint64_t read_number(const char **at)
{
    char *end;
    uint64_t number = strtoull(*at, &end, 10);
    *at = end;
    return number;
}

static void read_memory(struct process_figures *figures)
{
    char text[200];
    read_small_file("/proc/self/statm", text, sizeof text);
    const char *at = text;
    uint64_t page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
    figures->virtual_bytes = read_number(&at) * page_bytes;
    figures->resident_bytes = read_number(&at) * page_bytes;
}

/* proc(5): field 22 is the start, in clock ticks since boot; the second, the name, may hold anything
 * up to the last ')'. */
static void read_start(struct process_figures *figures)
{
    char text[1000];
    struct timespec since_boot;
    read_small_file("/proc/self/stat", text, sizeof text);
    const char *at = strrchr(text, ')');
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    uint64_t ticks = at ? read_number(&at) : 0;
    if (ticks == 0 || clock_gettime(CLOCK_BOOTTIME, &since_boot) != 0)
        return;
    int64_t age_us = (int64_t)since_boot.tv_sec * 1000000 + since_boot.tv_nsec / 1000
                     - (int64_t)(ticks * 1000000 / (uint64_t)sysconf(_SC_CLK_TCK));
    figures->started_at_us = clock_wall_ms() * 1000 - age_us;
}

void process_read_figures(struct process_figures *ret_figures)
{
    struct rusage usage;
    struct rlimit limit;
    *ret_figures = (struct process_figures){ 0 };
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        ret_figures->cpu_us = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        ret_figures->descriptors_max = limit.rlim_cur;
    read_memory(ret_figures);
    read_start(ret_figures);
}

uint64_t process_count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    uint64_t count = 0;
    if (!folder)
        return 0;
    while (readdir(folder))
        count++;
    (void)closedir(folder);
    enum { NOT_COUNTED = 3 }; /* ".", "..", and the folder's own */
    return count > NOT_COUNTED ? count - NOT_COUNTED : 0;
}
