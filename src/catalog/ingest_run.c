/* The threads that run jobs: steps 4 to 8 of ingest.c. */
#include "catalog/ingest_state.h"

#include "base/clock.h"
#include "base/memory.h"
#include "catalog/failpoint.h"
#include "catalog/ingest_files.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* Ended with free(); NULL when it cannot be written. */
static char *report_text(const struct media_report *report)
{
    json_t *json = media_report_to_json(report);
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return text;
}

static void take_report(void *data, const struct media_report *report)
{
    const struct run *run = data;
    char *text = report_text(report);
    if (text)
        job_store_report(run->ingest->db, &run->job, text);
    free(text);
}

static void take_progress(void *data, int permille)
{
    struct run *run = data;
    int64_t now_ms = clock_steady_ms();
    ingest_lock(run->ingest);
    bool moved = run->permille != permille;
    run->permille = permille;
    if (moved) {
        run->ingest->move_count++;
        (void)pthread_cond_broadcast(&run->ingest->moved);
    }
    ingest_unlock(run->ingest);
    if (!moved || now_ms - run->progress_stored_at_ms < PROGRESS_EVERY_MS)
        return;
    run->progress_stored_at_ms = now_ms;
    job_store_progress(run->ingest->db, &run->job, permille);
}

static bool is_cancelled(void *data)
{
    struct run *run = data;
    return atomic_load(&run->cancelled) || atomic_load(&run->ingest->stopping);
}

/* Writes the end of a job that made no lecture, however long the store refuses.  false only when
 * the server stops before it could: then the job is still running in the store, and the next start
 * queues it again. */
static bool end_badly(
    struct run *run, const char *state, const char *reason, const struct media_result *result)
{
    struct ingest *ingest = run->ingest;
    job_draft_remove(ingest->settings, run->job.id); /* on a full disk the store needs its room */
    char *report = result && result->report_valid ? report_text(&result->report) : NULL;
    struct job_end end = { .job = &run->job, .state = state, .reason = reason, .report = report };
    bool written = false;
    for (;;) {
        struct problem problem = { 0 };
        written = job_end(ingest->db, &end, &problem);
        if (written || atomic_load(&ingest->stopping))
            break;
        if (problem.kind == PROBLEM_STORAGE_FULL)
            job_input_remove(ingest->settings, run->job.id); /* it must go anyway */
        ingest_lock(ingest);
        ingest_wait_for_move(ingest, AFTER_FAILURE_MS);
        ingest_unlock(ingest);
    }
    free(report);
    return written;
}

/* Steps 6 and 7.  What the child wrote is read first, as strictly as ever it will be; false leaves
 * no version. */
static bool publish(struct run *run, const struct media_result *result, struct problem *problem)
{
    struct ingest *ingest = run->ingest;
    char draft[PATH_MAX];
    job_draft_path(ingest->settings, run->job.id, draft);
    struct problem unreadable = { 0 };
    struct media_version *version = media_version_open(draft, &unreadable);
    if (!version)
        return problem_set(
            problem, PROBLEM_INTERNAL, "draft of job %s: %.300s", run->job.id, unreadable.detail);
    char *report = report_text(&result->report);
    struct job_end end
        = { .job = &run->job, .state = "done", .report = report, .version = version };
    bool renamed = job_draft_publish(ingest->settings, &run->job, problem);
    failpoint("renamed");
    bool written = renamed && job_end(ingest->db, &end, problem);
    if (!written || !end.applied)
        job_version_remove(ingest->settings, &run->job);
    free(report);
    media_version_release(version);
    return written;
}

/* What became of the child; true when the job's end is in the store, so that its input may go. */
static bool finish(struct run *run, const struct media_result *result)
{
    struct problem problem = { 0 };
    switch (result->outcome) {
    case MEDIA_READY:
        failpoint("drafted");
        return publish(run, result, &problem)
               || end_badly(run, "failed", problem_sentence(&problem), result);
    case MEDIA_REFUSED:
        return end_badly(run, "refused", result->reason, result);
    case MEDIA_CANCELLED:
        if (atomic_load(&run->cancelled))
            return true; /* its row says so already */
        (void)job_put_back(run->ingest->db, &run->job, &problem);
        return false;
    case MEDIA_FAILED:
        break;
    }
    return end_badly(run, "failed", result->reason, result);
}

/* false with *problem when there was nothing to start the child with. */
static bool run_child(struct run *run, struct media_result *ret_result, struct problem *problem)
{
    const struct settings *settings = run->ingest->settings;
    char draft[PATH_MAX];
    job_draft_path(settings, run->job.id, draft);
    int input_fd = job_input_open(settings, run->job.id, problem);
    bool prepared = input_fd >= 0 && job_draft_make(settings, run->job.id, problem);
    if (prepared) {
        struct media_job job = {
            .settings = settings,
            .input_fd = input_fd,
            .folder = draft,
            .probed = take_report,
            .progressed = take_progress,
            .cancelled = is_cancelled,
            .data = run,
        };
        media_job_run(&job, ret_result);
    }
    if (input_fd >= 0)
        (void)close(input_fd);
    return prepared;
}

/* As run_job(); true when the job's end is in the store. */
static bool run_to_end(struct run *run)
{
    struct problem problem = { 0 };
    bool wanted;
    /* Whoever cancelled before the run was enlisted could tell nobody but the store. */
    if (!job_is_running(run->ingest->db, &run->job, &wanted, &problem))
        return end_badly(run, "failed", problem_sentence(&problem), NULL);
    if (!wanted)
        return true;
    struct media_result *result = memory_zeroed(1, sizeof *result);
    bool ended = run_child(run, result, &problem)
                     ? finish(run, result)
                     : end_badly(run, "failed", problem_sentence(&problem), NULL);
    free(result);
    return ended;
}

static void enlist(struct run *run)
{
    ingest_lock(run->ingest);
    run->next = run->ingest->runs;
    run->ingest->runs = run;
    ingest_unlock(run->ingest);
}

static void strike_off(struct run *run)
{
    ingest_lock(run->ingest);
    struct run **at = &run->ingest->runs;
    while (*at != run)
        at = &(*at)->next;
    *at = run->next;
    ingest_unlock(run->ingest);
}

static void run_job(struct ingest *ingest, const struct job *job)
{
    struct run run = { .ingest = ingest, .job = *job };
    enlist(&run);
    ingest_tell_of_change(ingest, job->lecture_id);
    failpoint("claimed");
    bool ended = run_to_end(&run);
    failpoint("ended");
    job_draft_remove(ingest->settings, job->id);
    if (ended)
        job_input_remove(ingest->settings, job->id);
    failpoint("cleaned");
    /* Whoever waits for the job finds caches that know of it. */
    ingest_tell_of_change(ingest, job->lecture_id);
    strike_off(&run);
    ingest_tell_of_move(ingest);
}

/* Until a job is added, or it is time to look again. */
static void wait_for_job(struct ingest *ingest, uint64_t seen, int64_t most_ms)
{
    int64_t until_ms = clock_steady_ms() + most_ms, left_ms = most_ms;
    ingest_lock(ingest);
    while (left_ms > 0 && seen == ingest->queued_count && !atomic_load(&ingest->stopping)) {
        ingest_wait_for_move(ingest, left_ms);
        left_ms = until_ms - clock_steady_ms();
    }
    ingest_unlock(ingest);
}

void *ingest_run_jobs(void *data)
{
    struct ingest *ingest = data;
    (void)pthread_setname_np(pthread_self(), "ingest");
    while (!atomic_load(&ingest->stopping)) {
        struct problem problem = { 0 };
        struct job job;
        bool found = false;
        ingest_lock(ingest);
        uint64_t seen = ingest->queued_count;
        ingest_unlock(ingest);
        bool asked = job_claim(ingest->db, &job, &found, &problem);
        if (found)
            run_job(ingest, &job);
        else
            wait_for_job(ingest, seen, asked ? LOOK_AGAIN_MS : AFTER_FAILURE_MS);
    }
    return NULL;
}
