#include "media/job_process.h"

#include "base/clock.h"
#include "media/job_protocol.h"
#include "media/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 16, ARGUMENT_SIZE = 64, FIRST_SPARE_FD = 32 };

struct arguments {
    char texts[ARGUMENTS_MAX][ARGUMENT_SIZE];
    char *list[ARGUMENTS_MAX + 3];
    size_t count;
};

static void add(struct arguments *arguments, const char *name, int64_t value)
{
    char *text = arguments->texts[arguments->count];
    (void)snprintf(text, ARGUMENT_SIZE, "%s=%" PRId64, name, value);
    arguments->list[2 + arguments->count++] = text;
}

/* All that the child needs to know of the settings. */
static void list_arguments(struct arguments *arguments, const struct settings *settings)
{
    static char name[] = "lectern", command[] = "media-job";
    arguments->list[0] = name;
    arguments->list[1] = command;
    add(arguments, "segment-ms", settings->segment_ms);
    add(arguments, "key-frame-gap-ms-max", settings->key_frame_gap_ms_max);
    add(arguments, "copy-bits-per-second-max", settings->copy_bits_per_second_max);
    add(arguments, "probe-memory-bytes", settings->probe_memory_bytes);
    add(arguments, "probe-cpu-seconds", settings->probe_cpu_seconds);
    add(arguments, "media-duration-hours-max", settings->media_duration_hours_max);
    add(arguments, "media-side-pixels-max", settings->media_side_pixels_max);
    add(arguments, "media-streams-max", settings->media_streams_max);
    add(arguments, "media-samples-max", settings->media_samples_max);
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

/* Targets are 3 to 7, which the parent may use itself: so sources are moved out of their way first. */
static bool move_up(const int *from, int *ret_to, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ret_to[i] = fcntl(from[i], F_DUPFD_CLOEXEC, FIRST_SPARE_FD);
        if (ret_to[i] < 0)
            return false;
    }
    return true;
}

static int add_actions(posix_spawn_file_actions_t *actions, const int *sources)
{
    static const int targets[]
        = { JOB_INPUT_FD, JOB_VIDEO_FD, JOB_AUDIO_FD, JOB_REPORT_FD, JOB_GO_FD };
    int error = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (error == 0)
        error = posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    /* Libraries write to standard error what a file makes them write: not into the server's log.  A sanitizer's
     * report must be seen. */
    if (error == 0 && sandbox_limits_memory())
        error = posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    for (size_t i = 0; error == 0 && i < sizeof targets / sizeof targets[0]; i++)
        error = posix_spawn_file_actions_adddup2(actions, sources[i], targets[i]);
    return error != 0 ? error : posix_spawn_file_actions_addclosefrom_np(actions, JOB_FDS_END);
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

static int spawn(
    pid_t *ret_pid, const char *program, const struct settings *settings, const int *sources)
{
    struct arguments arguments = { 0 };
    char *environment[4];
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    list_arguments(&arguments, settings);
    list_environment(environment);
    if (posix_spawn_file_actions_init(&actions) != 0)
        return ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        (void)posix_spawn_file_actions_destroy(&actions);
        return ENOMEM;
    }
    int error = add_actions(&actions, sources);
    if (error == 0)
        error = set_attributes(&attributes);
    if (error == 0)
        error = posix_spawn(ret_pid, program ? program : "/proc/self/exe", &actions, &attributes,
            arguments.list, environment);
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

bool job_process_start(struct job_process *process, const char *program,
    const struct settings *settings, const int descriptors[3], struct problem *problem)
{
    int report[2] = { -1, -1 }, go[2] = { -1, -1 }, sources[5] = { -1, -1, -1, -1, -1 };
    int error = 0;
    if (pipe2(report, O_CLOEXEC) != 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, go) != 0
        || fcntl(report[0], F_SETFL, O_NONBLOCK) != 0)
        error = errno;
    const int wanted[] = { descriptors[0], descriptors[1], descriptors[2], report[1], go[1] };
    if (error == 0 && !move_up(wanted, sources, 5))
        error = errno;
    if (error == 0)
        error = spawn(&process->pid, program, settings, sources);
    close_all(sources, 5);
    close_all(&report[1], 1);
    close_all(&go[1], 1);
    if (error != 0) {
        close_all(&report[0], 1);
        close_all(&go[0], 1);
        return problem_set_errno(problem, error, "start a media job");
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
