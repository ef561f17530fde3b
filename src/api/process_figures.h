/* What the system says of this process: its memory, its time, its descriptors. */
#ifndef LECTERN_API_PROCESS_FIGURES_H
#define LECTERN_API_PROCESS_FIGURES_H

#include <stdint.h>

struct process_figures {
    uint64_t resident_bytes, virtual_bytes;
    int64_t cpu_us;        /* of all threads, since the start */
    int64_t started_at_us; /* wall clock, since 1970 */
    uint64_t descriptors_max;
};

/* Some system calls, nothing that waits.  What the system does not say stays 0. */
void process_read_figures(struct process_figures *ret_figures);
/* Descriptors that are open.  Takes about a microsecond each: not for a loop. */
uint64_t process_count_descriptors(void);

#endif
