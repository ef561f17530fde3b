/* What a child of a media job does between its look and its tables, without limits and without the sound that is
 * encoded (linked with --wrap): nothing is measured, hashed or synced.
 *   package copy INPUT FOLDER     packs the tracks that may be copied
 *   package ladder INPUT FOLDER   encodes the pictures of the first pass, then those of the rest
 * Writes FOLDER/first-0 and so on.  Prints a line {"rendition": NAME, "segments": N} for each that was made. */
#include "media/package.h"
#include "media/job_protocol.h"
#include "media/sound_tracks.h"

#include <fcntl.h>
#include <libavutil/log.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

__typeof__(sound_tracks_make) __wrap_sound_tracks_make;

bool __wrap_sound_tracks_make(struct media_probe *probe, const struct job_task *task,
    const struct package_output *output, int first_output, struct package_result *result,
    struct problem *problem)
{
    (void)probe;
    (void)task;
    (void)output;
    (void)first_output;
    (void)result;
    (void)problem;
    return true;
}

/* A row of descriptors from JOB_OUTPUT_FD on, as a child has it. */
static bool open_outputs(const char *folder, const char *pass, struct problem *problem)
{
    for (int i = 0; i < JOB_OUTPUTS; i++) {
        char path[4096];
        (void)snprintf(path, sizeof path, "%s/%s-%d", folder, pass, i);
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd < 0 || dup2(fd, JOB_OUTPUT_FD + i) < 0)
            return problem_set(problem, PROBLEM_INTERNAL, "cannot write '%s'", path);
        if (fd >= JOB_FDS_END)
            (void)close(fd);
    }
    return true;
}

/* Nobody shall take the time of encoding for that of copying. */
static bool is_as_meant(
    const struct job_task *task, const struct media_probe *probe, struct problem *problem)
{
    bool copied = probe->report.video.action == MEDIA_COPY;
    return copied == (task->ladder.count == 0)
           || problem_set(
               problem, PROBLEM_INTERNAL, "the picture can%s be copied", copied ? "" : "not");
}

static bool run_pass(
    struct job_task *task, int input_fd, const char *folder, struct problem *problem)
{
    struct media_probe probe = { 0 };
    struct package_output output = { .first_fd = JOB_OUTPUT_FD, .count = JOB_OUTPUTS };
    struct package_result made = { 0 };
    struct probe_purpose purpose = { .version = task->has_plan ? &task->plan : NULL };
    const char *pass = task->pass == MEDIA_PASS_FIRST ? "first" : "rest";
    bool done = open_outputs(folder, pass, problem)
                && media_probe_run(&probe, input_fd, &task->settings, &purpose, problem)
                && is_as_meant(task, &probe, problem)
                && media_package(&probe, task, &output, &made, problem);
    for (size_t i = 0; i < made.count; i++)
        (void)printf("{\"rendition\": \"%s\", \"segments\": %zu}\n", made.renditions[i].table.name,
            made.renditions[i].table.count);
    if (done && !task->has_plan) {
        plan_copy(&probe.plan, &task->plan);
        task->has_plan = true;
    }
    package_result_release(&made);
    media_probe_release(&probe);
    return done;
}

int main(int argc, char **argv)
{
    struct problem problem = { 0 };
    struct job_task task;
    bool ladder = argc == 4 && strcmp(argv[1], "ladder") == 0;
    if (argc != 4 || (!ladder && strcmp(argv[1], "copy") != 0)) {
        (void)fprintf(stderr, "usage: package copy|ladder INPUT FOLDER\n");
        return 1;
    }
    job_task_init(&task);
    if (ladder)
        ladder_init(&task.ladder);
    av_log_set_level(AV_LOG_QUIET);
    int file = open(argv[2], O_RDONLY | O_CLOEXEC);
    int input_fd = file >= 0 ? fcntl(file, F_DUPFD_CLOEXEC, JOB_FDS_END) : -1;
    bool done
        = input_fd >= 0 || problem_set(&problem, PROBLEM_INTERNAL, "cannot read '%s'", argv[2]);
    task.pass = MEDIA_PASS_FIRST;
    done = done && run_pass(&task, input_fd, argv[3], &problem);
    task.pass = MEDIA_PASS_REST;
    if (ladder)
        done = done && run_pass(&task, input_fd, argv[3], &problem);
    if (!done)
        (void)fprintf(stderr, "%s\n", problem.detail);
    job_task_release(&task);
    return done ? 0 : 1;
}
