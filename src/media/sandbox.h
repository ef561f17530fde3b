/*
 * The walls around a process that reads a stranger's file.  Entered once, by a process with one thread, before the
 * first byte is read; there is no way back.
 *
 * Walls      ends with its parent; no new privileges, no capabilities; a network namespace of its own where the system
 *            allows; address space, processor time, written bytes, descriptors and core files limited; nice 10, idle
 *            disk priority; a list of allowed system calls that knows no open, socket, exec or fork.  Calls that
 *            libraries make in passing (openat, prctl) are answered EACCES, all others end the process (SIGSYS).
 * Raising    limits are soft: only the parent can raise them, by prlimit(), as the child may not call it.
 * Sanitizers need what this forbids: in their builds address space is not limited, and unknown system calls are
 *            answered EPERM rather than ended.
 */
#ifndef LECTERN_MEDIA_SANDBOX_H
#define LECTERN_MEDIA_SANDBOX_H

#include "base/problem.h"

#include <stdint.h>
#include <sys/types.h>

struct sandbox_limits {
    int64_t memory_bytes; /* 0: none */
    int64_t cpu_seconds;
    int64_t file_bytes; /* of each file that is written */
};

/* descriptors_kept: 0 up to that number less one stay open. */
bool sandbox_enter(
    const struct sandbox_limits *limits, int descriptors_kept, struct problem *problem);

/* From outside; limits that the system caps are set as high as it lets. */
void sandbox_raise(pid_t process, const struct sandbox_limits *limits);

/* Whether this build limits address space. */
bool sandbox_limits_memory(void);

#endif
