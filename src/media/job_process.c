#include "media/job_process.h"

#include "base/clock.h"
#include "media/job.h"
#include "media/job_protocol.h"
#include "media/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SOURCES = JOB_FDS_END - JOB_INPUT_FD, FIRST_SPARE_FD = 64, PROGRAM_PATH_SIZE = 4096 };

/* What children are where no other program is named.  The file is held open, so that it stays the one that was
 * installed with this binary; in the child it is JOB_FDS_END, until the sandbox closes it. */
static struct {
    int fd; /* 0: not open */
    char path[PROGRAM_PATH_SIZE];
} default_program = { .path = "/proc/self/exe" };

void media_job_program_beside(void)
{
    static const char suffix[] = "-media";
    char *path = default_program.path;
    ssize_t length = readlink("/proc/self/exe", path, sizeof default_program.path - sizeof suffix);
    if (length <= 0)
        return;
    memcpy(path + length, suffix, sizeof suffix);
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return;
    default_program.fd = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_SPARE_FD);
    (void)close(fd);
    if (default_program.fd > 0)
        (void)snprintf(path, sizeof default_program.path, "/proc/self/fd/%d", JOB_FDS_END);
}

/* Nothing of the server's environment is the child's business but how sanitizers report. */
static void list_environment(char *list[4])
{
    static const char *const kept[] = { "ASAN_OPTIONS=", "UBSAN_OPTIONS=", "TSAN_OPTIONS=" };
    size_t count = 0;
    for (char **at = environ; *at && count < 3; at++)
        for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
            if (strncmp(*at, kept[i], strlen(kept[i])) == 0 && count < 3)
                list[count++] = *at;
    list[count] = NULL;
}

/* Targets are low, and the parent may use them itself: so sources are moved out of their way first. */
static bool move_up(const int *from, int *ret_to, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ret_to[i] = fcntl(from[i], F_DUPFD_CLOEXEC, FIRST_SPARE_FD);
        if (ret_to[i] < 0)
            return false;
    }
    return true;
}

static int add_actions(
    posix_spawn_file_actions_t *actions, const int *sources, bool with_default_program)
{
    int error = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (error == 0)
        error = posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    /* Libraries write to standard error what a file makes them write: not into the server's log.  A sanitizer's
     * report must be seen. */
    if (error == 0 && sandbox_limits_memory())
        error = posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    for (int i = 0; error == 0 && i < SOURCES; i++)
        error = posix_spawn_file_actions_adddup2(actions, sources[i], JOB_INPUT_FD + i);
    if (error == 0 && with_default_program)
        error = posix_spawn_file_actions_adddup2(actions, default_program.fd, JOB_FDS_END);
    return error != 0 ? error
                      : posix_spawn_file_actions_addclosefrom_np(
                          actions, JOB_FDS_END + with_default_program);
}

static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    int error = posix_spawnattr_setsigmask(attributes, &none);
    if (error == 0)
        error = posix_spawnattr_setsigdefault(attributes, &all);
    /* Of its own group: Ctrl-C at the server is the server's to answer. */
    if (error == 0)
        error = posix_spawnattr_setflags(
            attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    return error;
}

static int spawn(pid_t *ret_pid, const char *program, const int *sources)
{
    static char name[] = "lectern-media", command[] = "media-job";
    char *arguments[] = { name, command, NULL }, *environment[4];
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    list_environment(environment);
    if (posix_spawn_file_actions_init(&actions) != 0)
        return ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        (void)posix_spawn_file_actions_destroy(&actions);
        return ENOMEM;
    }
    int error = add_actions(&actions, sources, !program && default_program.fd > 0);
    if (error == 0)
        error = set_attributes(&attributes);
    if (error == 0)
        error = posix_spawn(ret_pid, program ? program : default_program.path, &actions,
            &attributes, arguments, environment);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    return error;
}

static void close_all(const int *descriptors, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (descriptors[i] >= 0)
            (void)close(descriptors[i]);
}

bool job_process_start(struct job_process *process, const char *program, int input_fd, int task_fd,
    const int *output_fds, struct problem *problem)
{
    int report[2] = { -1, -1 }, go[2] = { -1, -1 }, wanted[SOURCES], sources[SOURCES];
    int error = 0;
    if (pipe2(report, O_CLOEXEC) != 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, go) != 0
        || fcntl(report[0], F_SETFL, O_NONBLOCK) != 0)
        error = errno;
    wanted[JOB_INPUT_FD - JOB_INPUT_FD] = input_fd;
    wanted[JOB_REPORT_FD - JOB_INPUT_FD] = report[1];
    wanted[JOB_GO_FD - JOB_INPUT_FD] = go[1];
    wanted[JOB_TASK_FD - JOB_INPUT_FD] = task_fd;
    memcpy(&wanted[JOB_OUTPUT_FD - JOB_INPUT_FD], output_fds, JOB_OUTPUTS * sizeof *output_fds);
    memset(sources, -1, sizeof sources);
    if (error == 0 && !move_up(wanted, sources, SOURCES))
        error = errno;
    if (error == 0)
        error = spawn(&process->pid, program, sources);
    close_all(sources, SOURCES);
    close_all(&report[1], 1);
    close_all(&go[1], 1);
    if (error != 0) {
        close_all(&report[0], 1);
        close_all(&go[0], 1);
        return problem_set_errno(
            problem, error, "start '%s'", program ? program : default_program.path);
    }
    process->report_fd = report[0];
    process->go_fd = go[0];
    return true;
}

void job_process_go(const struct job_process *process)
{
    /* A child that is gone shows at its pipe. */
    (void)send(process->go_fd, "g", 1, MSG_NOSIGNAL);
}

static bool ended_within(pid_t pid, int64_t wait_ms, int *ret_status)
{
    int64_t deadline_ms = clock_steady_ms() + wait_ms;
    for (;;) {
        pid_t ended = waitpid(pid, ret_status, WNOHANG);
        if (ended == pid || (ended < 0 && errno != EINTR))
            return true;
        if (clock_steady_ms() >= deadline_ms)
            return false;
        (void)poll(NULL, 0, 5);
    }
}

struct job_exit job_process_end(struct job_process *process, int64_t wait_ms)
{
    int status = 0;
    bool by_us = false;
    if (!ended_within(process->pid, wait_ms, &status)) {
        by_us = true;
        (void)kill(process->pid, SIGKILL);
        while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
            ;
    }
    (void)close(process->report_fd);
    (void)close(process->go_fd);
    if (WIFEXITED(status))
        return (struct job_exit){ .code = WEXITSTATUS(status) };
    return (struct job_exit){ .signal_number = by_us ? SIGKILL : WTERMSIG(status) };
}
