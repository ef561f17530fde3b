#include "media/job.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "media/job_limits.h"
#include "media/job_outputs.h"
#include "media/job_previews.h"
#include "media/job_process.h"
#include "media/job_protocol.h"
#include "media/job_task.h"
#include "media/job_tracks.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { POLL_MS = 200, WRITEBACK_PERMILLE = 100, LAST_WORD_MS = 2000 };

enum ending { ENDING_OPEN, ENDING_DONE, ENDING_REFUSED, ENDING_FAILED };

struct run {
    const struct media_job *job;
    struct media_result *result;
    struct job_process process;
    struct job_outputs outputs;
    int64_t size_bytes;
    int64_t deadline_ms;
    struct job_reader reader;
    struct job_tables tables;
    struct job_tracks tracks;
    struct job_previews previews;
    enum ending ending;
    bool went;     /* the child was told to package */
    bool measured; /* and has said how loud the sound is */
    int permille;
};

static void fail(struct run *run, const char *reason, const char *detail_format, ...)
    __attribute__((format(printf, 3, 4)));

/* The first cause stays. */
static void fail(struct run *run, const char *reason, const char *detail_format, ...)
{
    if (run->result->reason[0] != '\0')
        return;
    run->result->outcome = MEDIA_FAILED;
    (void)snprintf(run->result->reason, sizeof run->result->reason, "%s", reason);
    va_list arguments;
    va_start(arguments, detail_format);
    (void)vsnprintf(run->result->detail, sizeof run->result->detail, detail_format, arguments);
    va_end(arguments);
}

/* The same for what the table of findings has words for. */
static void fail_for(struct run *run, enum finding_code code, const char *detail)
{
    char words[sizeof run->result->reason];
    struct finding verdict = { .code = code };
    finding_words(&verdict, words, sizeof words);
    if (run->result->reason[0] == '\0')
        run->result->report.verdict = verdict;
    fail(run, words, "%s", detail);
}

static void fail_with(struct run *run, const struct problem *problem)
{
    fail(run, problem_faces[problem->kind].sentence, "%s", problem->detail);
}

static bool measure_input(struct run *run)
{
    struct stat facts;
    if (fstat(run->job->input_fd, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        fail(run, problem_faces[PROBLEM_STORAGE].sentence, "the input is not a regular file");
        return false;
    }
    run->size_bytes = facts.st_size;
    return true;
}

static bool start(struct run *run)
{
    const struct media_job *job = run->job;
    struct problem problem = { 0 };
    int task_fd = job_task_write(job, &problem);
    run->deadline_ms = clock_steady_ms() + media_job_probe_wall_ms(job->settings, run->size_bytes);
    bool started = task_fd >= 0
                   && job_process_start(&run->process, job->program, job->input_fd, task_fd,
                       run->outputs.fds, &problem);
    if (task_fd >= 0)
        (void)close(task_fd);
    if (!started)
        fail_with(run, &problem);
    return started;
}

/* The report is told onwards, and packaging gets its limits. */
static void go_on(struct run *run, const struct media_report *report)
{
    const struct media_job *job = run->job;
    struct sandbox_limits limits = media_job_package_limits(job->settings, report);
    if (job->probed)
        job->probed(job->data, report);
    sandbox_raise(run->process.pid, &limits);
    run->deadline_ms = clock_steady_ms() + media_job_package_wall_ms(job->settings, report);
    run->went = true;
    job_process_go(&run->process);
}

static bool take_report(struct run *run, const json_t *line, struct problem *problem)
{
    struct media_report report;
    bool whole, measured = run->went && !run->measured;
    if (run->result->report_valid && !measured)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "a report too many");
    if (!media_report_from_json(json_object_get(line, "report"), &report, problem)
        || !json_get_bool(line, "whole", &whole, problem))
        return false;
    report.size_bytes = run->size_bytes;
    run->result->report = report;
    run->result->report_valid = true;
    run->measured = measured;
    if (measured && run->job->probed)
        run->job->probed(run->job->data, &report);
    if (whole && !measured)
        go_on(run, &report);
    return true;
}

static bool take_progress(struct run *run, const json_t *line, struct problem *problem)
{
    int64_t permille;
    if (!json_get_int64(line, "progress", 0, 1000, &permille, problem))
        return false;
    if (permille > run->permille && run->job->progressed)
        run->job->progressed(run->job->data, (int)permille);
    if (permille / WRITEBACK_PERMILLE > run->permille / WRITEBACK_PERMILLE)
        job_outputs_write_back(&run->outputs);
    run->permille = (int)permille;
    return true;
}

static bool take_end(struct run *run, const json_t *line, struct problem *problem)
{
    static const struct {
        const char *word;
        enum ending ending;
    } words[]
        = { { "done", ENDING_DONE }, { "refused", ENDING_REFUSED }, { "failed", ENDING_FAILED } };
    const char *word = json_string_value(json_object_get(line, "end"));
    const char *reason = json_string_value(json_object_get(line, "reason"));
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (text_equal(word, words[i].word))
            run->ending = words[i].ending;
    if (run->ending == ENDING_OPEN)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "an end of no kind");
    if (run->ending == ENDING_DONE)
        return true;
    const json_t *verdict = json_object_get(line, "verdict");
    if (verdict && !finding_from_json(verdict, &run->result->report.verdict, problem))
        return false;
    if (!reason || !text_is_line(reason, JOB_REASON_BYTES_MAX))
        reason = "The file could not be read.";
    (void)snprintf(run->result->reason, sizeof run->result->reason, "%s", reason);
    run->result->outcome = run->ending == ENDING_REFUSED ? MEDIA_REFUSED : MEDIA_FAILED;
    return true;
}

static bool take_line(struct run *run, json_t *line, struct problem *problem)
{
    bool taken = false;
    if (run->ending != ENDING_OPEN)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "a line after the end");
    if (json_object_get(line, "end"))
        return take_end(run, line, problem);
    if (json_object_get(line, "report"))
        return take_report(run, line, problem);
    if (!run->went)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "a line before the report");
    if (json_object_get(line, "progress"))
        return take_progress(run, line, problem);
    if (!job_tracks_take(&run->tracks, line, &taken, problem) || taken)
        return taken && !problem_is_set(problem);
    if (!job_previews_take(&run->previews, line, &taken, problem) || taken)
        return taken && !problem_is_set(problem);
    return job_tables_take(&run->tables, line, &taken, problem)
           && (taken || problem_set(problem, PROBLEM_BAD_REQUEST, "a line of no kind"));
}

/* false: nothing more will come that matters. */
static bool take_bytes(struct run *run)
{
    struct problem problem = { 0 };
    ssize_t count = job_reader_fill(&run->reader, run->process.report_fd);
    if (count == 0 || (count < 0 && errno != EAGAIN))
        return false;
    json_t *line;
    bool good = true;
    while (good && (line = job_reader_next(&run->reader, &problem))) {
        good = take_line(run, line, &problem);
        json_decref(line);
    }
    if (problem_is_set(&problem))
        fail_for(run, FINDING_NONSENSE, problem.detail);
    return !problem_is_set(&problem);
}

/* Until the child closes its pipe, time is up, or somebody cancels. */
static void listen_to_child(struct run *run)
{
    struct pollfd waited = { .fd = run->process.report_fd, .events = POLLIN };
    for (;;) {
        if (run->job->cancelled && run->job->cancelled(run->job->data)) {
            run->result->outcome = MEDIA_CANCELLED;
            (void)snprintf(run->result->reason, sizeof run->result->reason, "Cancelled.");
            return;
        }
        if (clock_steady_ms() > run->deadline_ms) {
            fail_for(
                run, run->went ? FINDING_WORK_TOO_SLOW : FINDING_LOOK_TOO_SLOW, "wall-clock limit");
            return;
        }
        int ready = poll(&waited, 1, POLL_MS);
        if (ready > 0 && !take_bytes(run))
            return;
    }
}

static void explain_signal(struct run *run, int signal_number)
{
    char detail[40];
    (void)snprintf(detail, sizeof detail, "ended by signal %d", signal_number);
    fail_for(run,
        signal_number == SIGXCPU   ? FINDING_TOO_MUCH_PROCESSOR
        : signal_number == SIGXFSZ ? FINDING_WROTE_TOO_MUCH
        : signal_number == SIGSYS  ? FINDING_NOT_ALLOWED
                                   : FINDING_BROUGHT_DOWN,
        detail);
}

/* What the child said must fit how it ended. */
static void judge_end(struct run *run, struct job_exit ended)
{
    if (run->result->reason[0] != '\0' && run->ending == ENDING_OPEN)
        return; /* it was ended by us, or fell out of the protocol */
    if (ended.signal_number != 0)
        explain_signal(run, ended.signal_number);
    else if (run->ending == ENDING_OPEN || (run->ending == ENDING_DONE && ended.code != 0))
        fail(run,
            "Preparing the lecture stopped without a word. Try again, and tell the person who runs "
            "this server.",
            "media-job: exit %d", ended.code);
}

static void keep_results(struct run *run)
{
    struct problem problem = { 0 };
    if (run->tracks.left_out.code != FINDING_NONE)
        media_report_find(&run->result->report, run->tracks.left_out);
    /* A later pass may find that all there can be is there. */
    if (run->tables.count == 0 && run->job->pass != MEDIA_PASS_REST)
        fail(run, "Preparing the lecture gave nothing that can be played.", "no tables");
    else if (job_previews_keep(&run->previews, &run->outputs, &problem)
             && job_outputs_keep(&run->outputs, &run->tables, run->job->pass, run->result, &problem)
             && job_tracks_keep(
                 &run->tracks, run->job->folder, run->result->report.duration_ms, &problem))
        run->result->outcome = MEDIA_READY;
    else
        fail_with(run, &problem);
}

static void run_child(struct run *run)
{
    listen_to_child(run);
    /* A child that closed its pipe is about to be gone, and how it went says more than our signal would. */
    bool by_us = run->result->reason[0] != '\0' && run->ending == ENDING_OPEN;
    judge_end(run, job_process_end(&run->process, by_us ? 0 : LAST_WORD_MS));
    if (run->ending == ENDING_DONE && run->result->reason[0] == '\0')
        keep_results(run);
}

void media_job_run(const struct media_job *job, struct media_result *ret_result)
{
    struct run *run = memory_zeroed(1, sizeof *run);
    struct problem problem = { 0 };
    *ret_result = (struct media_result){ .outcome = MEDIA_FAILED };
    run->job = job;
    run->result = ret_result;
    if (!job_outputs_open(&run->outputs, job->folder, &problem))
        fail_with(run, &problem);
    else if (measure_input(run) && start(run))
        run_child(run);
    if (ret_result->report.verdict.code != FINDING_NONE) {
        ret_result->report.size_bytes = run->size_bytes;
        ret_result->report_valid = true;
    }
    job_outputs_close(&run->outputs);
    job_tables_release(&run->tables);
    job_tracks_release(&run->tracks);
    free(run);
}
