/* The child's side of a media job: into the sandbox, look, tell, wait for the word, package, tell. */
#include "media/job.h"

#include "base/settings.h"
#include "media/early_probe.h"
#include "media/inner_tracks.h"
#include "media/job_limits.h"
#include "media/job_previews.h"
#include "media/job_protocol.h"
#include "media/job_task.h"
#include "media/package.h"
#include "media/probe.h"
#include "media/sound_tracks.h"

#include <errno.h>
#include <libavutil/log.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Behind the passes that somebody waits for, which get nearly all of a core that they share (sched(7)). */
enum { NICENESS_OF_REST = 19 };

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_REFUSED = 2 };

static const char usage[] = "lectern-media is started by the server, never by hand.\n";

static void tell_end(const char *how, const char *reason, struct finding verdict)
{
    char text[JOB_REASON_BYTES_MAX + 1];
    (void)snprintf(text, sizeof text, "%s", reason);
    json_t *line = json_pack("{s:s, s:s}", "end", how, "reason", text);
    /* A reason that is no UTF-8 cannot be packed. */
    if (!line)
        line = json_pack("{s:s, s:s}", "end", how, "reason", "");
    if (verdict.code != FINDING_NONE)
        json_object_set_new(line, "verdict", finding_to_json(&verdict));
    (void)job_send(JOB_REPORT_FD, line);
}

static int end_with(const struct problem *problem)
{
    bool refused = problem->kind == PROBLEM_MEDIA_REFUSED;
    bool told = refused || problem->kind == PROBLEM_BUSY;
    tell_end(refused ? "refused" : "failed", told ? problem->detail : problem_sentence(problem),
        finding_of_problem(problem));
    return refused ? EXIT_REFUSED : EXIT_FAILED;
}

static void tell_progress(void *data, int permille)
{
    (void)data;
    (void)job_send(JOB_REPORT_FD, json_pack("{s:i}", "progress", permille));
}

static void begin_progress(
    struct progress *progress, const struct media_probe *probe, enum media_pass pass)
{
    bool sound = probe->audio.stream >= 0 && pass != MEDIA_PASS_REST;
    const bool has[PROGRESS_PARTS] = {
        [PROGRESS_MEASURE] = sound,
        [PROGRESS_PICTURES] = probe->report.video.action != MEDIA_NONE && pass != MEDIA_PASS_TRACK,
        [PROGRESS_SOUND] = sound,
    };
    progress_begin(progress, has);
}

static bool wait_for_word(void)
{
    char word;
    ssize_t count;
    do
        count = read(JOB_GO_FD, &word, 1);
    while (count < 0 && errno == EINTR);
    return count == 1;
}

static bool tell_report(const struct media_report *report, bool whole)
{
    return job_send(JOB_REPORT_FD,
        json_pack("{s:o, s:b}", "report", media_report_to_json(report), "whole", (int)whole));
}

static bool tell_made(
    const struct job_task *task, const struct package_result *made, const struct media_plan *plan)
{
    bool told = task->pass != MEDIA_PASS_FIRST || job_send_plan(JOB_REPORT_FD, plan);
    for (size_t i = 0; told && i < made->count; i++)
        told
            = job_send_table(JOB_REPORT_FD, &made->renditions[i].table, made->renditions[i].output);
    if (told && made->previews_output >= 0)
        told
            = job_send(JOB_REPORT_FD, job_previews_to_json(&made->previews, made->previews_output));
    return told;
}

static bool prepare(struct media_probe *probe, const struct job_task *task, struct problem *problem)
{
    struct progress progress = { .tell = tell_progress };
    struct package_output output
        = { .first_fd = JOB_OUTPUT_FD, .count = JOB_OUTPUTS, .progress = &progress };
    struct package_result made = { 0 };
    if (task->pass == MEDIA_PASS_LOOK)
        return media_probe_early(JOB_INPUT_FD, &task->settings, problem);
    struct probe_purpose purpose = {
        .trim = task->trim,
        .version = task->has_plan ? &task->plan : NULL,
        .sound_only = task->pass == MEDIA_PASS_TRACK,
        .offset_ms = task->offset_ms,
    };
    bool probed = media_probe_run(probe, JOB_INPUT_FD, &task->settings, &purpose, problem);
    if ((probed || probe->report_valid) && !tell_report(&probe->report, probed))
        return problem_set(problem, PROBLEM_INTERNAL, "the parent is gone");
    if (!probed)
        return false;
    if (!wait_for_word())
        return problem_set(problem, PROBLEM_INTERNAL, "the parent is gone");
    begin_progress(&progress, probe, task->pass);
    if (!sound_tracks_measure(probe, task, &progress, problem))
        return false;
    if (probe->report.audio.loudness.measured && !tell_report(&probe->report, true))
        return problem_set(problem, PROBLEM_INTERNAL, "the parent is gone");
    if (!media_package(probe, task, &output, &made, problem))
        return false;
    bool told = tell_made(task, &made, &probe->plan);
    package_result_release(&made);
    if (task->pass == MEDIA_PASS_FIRST)
        told = told && inner_tracks_tell(probe, JOB_REPORT_FD);
    return told || problem_set(problem, PROBLEM_INTERNAL, "the tables could not be told");
}

bool media_job_enter_sandbox(const struct settings *settings, struct problem *problem)
{
    struct sandbox_limits limits
        = media_job_probe_limits(settings, lseek(JOB_INPUT_FD, 0, SEEK_END));
    av_log_set_level(AV_LOG_QUIET);
    return sandbox_enter(&limits, JOB_FDS_END, problem);
}

int media_job_child(int argc, char **argv)
{
    struct job_task task;
    struct media_probe probe = { 0 };
    struct problem problem = { 0 };
    (void)argc;
    (void)argv;
    if (lseek(JOB_INPUT_FD, 0, SEEK_CUR) < 0) {
        (void)fputs(usage, stderr);
        return EXIT_FAILED;
    }
    job_task_init(&task);
    bool done = job_task_read(JOB_TASK_FD, &task, &problem);
    if (done && task.pass == MEDIA_PASS_REST)
        (void)setpriority(PRIO_PROCESS, 0, NICENESS_OF_REST);
    done = done && media_job_enter_sandbox(&task.settings, &problem)
           && prepare(&probe, &task, &problem);
    int code = EXIT_DONE;
    if (done)
        tell_end("done", "", (struct finding){ .code = FINDING_NONE });
    else
        code = end_with(&problem);
    media_probe_release(&probe);
    job_task_release(&task);
    /* Nothing that runs at exit is needed, and some of it (leak checkers) would need what the sandbox forbids. */
    _exit(code);
}
