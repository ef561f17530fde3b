#include "cli/background.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void wait_for(pid_t process, int ready)
{
    char byte;
    ssize_t count;
    int status = 0;
    do
        count = read(ready, &byte, 1);
    while (count < 0 && errno == EINTR);
    if (count == 1)
        _exit(0);
    while (waitpid(process, &status, 0) < 0 && errno == EINTR)
        ;
    _exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : 1);
}

int background_begin(struct problem *problem)
{
    int ends[2];
    pid_t process = -1;
    if (pipe2(ends, O_CLOEXEC) != 0 || (process = fork()) < 0) {
        problem_set_errno(problem, errno, "go to the background");
        return -1;
    }
    if (process > 0) {
        (void)close(ends[1]);
        wait_for(process, ends[0]);
    }
    (void)close(ends[0]);
    (void)setsid();
    return ends[1];
}

void background_ready(int descriptor)
{
    if (descriptor < 0)
        return;
    ssize_t ignored = write(descriptor, "r", 1);
    (void)ignored;
    (void)close(descriptor);
}
