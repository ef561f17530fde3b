/*
 * The child process of a media job: started with its descriptors, an empty environment and nothing else; ended for
 * certain.  Safe in a process with many threads: nothing runs between fork and exec but posix_spawn's own calls.
 */
#ifndef LECTERN_MEDIA_JOB_PROCESS_H
#define LECTERN_MEDIA_JOB_PROCESS_H

#include "base/problem.h"

#include <stdint.h>
#include <sys/types.h>

struct job_process {
    pid_t pid;
    int report_fd; /* non-blocking */
    int go_fd;
};

struct job_exit {
    int code;
    int signal_number; /* 0: it ended by itself */
};

/* All descriptors are lent; outputs are JOB_OUTPUTS. */
bool job_process_start(struct job_process *process, const char *program, int input_fd, int task_fd,
    const int *output_fds, struct problem *problem);
void job_process_go(const struct job_process *process);
/* Waits so long for its end, then sends SIGKILL. */
struct job_exit job_process_end(struct job_process *process, int64_t wait_ms);

#endif
