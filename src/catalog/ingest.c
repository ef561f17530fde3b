/*
 * From a file to a lecture, step by step.  Each step is durable before the next, and a crash
 * between any two is mended by the next start, as ingest_start() does jobs_recover() and then
 * job_leftovers_remove().  After the step's name: what a crash right behind it leaves, and what the
 * start makes of that.
 *
 *   add    1 input in data/incoming    an input without a job: removed.  Its giver still has the file
 *          2 lecture and job rows,     a queued job: runs.  With take_over the file is there under
 *            one transaction           its old name too, and its giver removes that (upload.h)
 *          3 old name removed          a queued job: runs
 *   first  4 job claimed: running,     a running job: queued again, at most JOB_ATTEMPTS_MAX times
 *            an attempt more
 *          5 draft made by the child,  a running job and a draft: draft removed, made anew
 *            synced
 *          6 interpreters' recordings  inputs and originals without rows: removed
 *            (sound_carry.h) and input
 *            linked in data/originals
 *          7 draft renamed to the      a folder without a row: removed, made anew
 *            version's folder
 *          8 version, renditions,      queued jobs for the rest and for interpreters' sound; an input that has become the
 *            states, one transaction   original: its name in incoming is removed
 *          9 input removed from        a queued job: runs
 *            incoming
 *   rest  10 claimed, and 11 a draft   as 4 and 5
 *         12 each rendition moved to   files without a row: removed, made anew
 *            the version's folder
 *         13 renditions, version       an original that is not to be kept: removed
 *            changed, job done
 *         14 original removed, where
 *            it is not to be kept
 *
 * The input outlives step 8 under one of its names, and the original step 13, so that a pass can always be
 * run again until its end is in the store.  A pass for a track is the rest with an input of its own.
 */
#include "catalog/ingest.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "catalog/failpoint.h"
#include "catalog/ingest_files.h"
#include "catalog/ingest_state.h"
#include "catalog/lecture_file.h"
#include "catalog/lecture_version.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void ingest_lock(struct ingest *ingest)
{
    (void)pthread_mutex_lock(&ingest->lock);
}

void ingest_unlock(struct ingest *ingest)
{
    (void)pthread_mutex_unlock(&ingest->lock);
}

/* Under the lock: until something moved, the time has passed, or we stop. */
void ingest_wait_for_move(struct ingest *ingest, int64_t most_ms)
{
    struct timespec until = clock_steady_after(most_ms);
    if (!atomic_load(&ingest->stopping))
        (void)pthread_cond_timedwait(&ingest->moved, &ingest->lock, &until);
}

void ingest_tell_of_change(struct ingest *ingest, const char *lecture_id)
{
    if (ingest->options.changed)
        ingest->options.changed(ingest->options.data, lecture_id);
}

void ingest_tell_of_move(struct ingest *ingest)
{
    ingest_lock(ingest);
    ingest->move_count++;
    (void)pthread_cond_broadcast(&ingest->moved);
    ingest_unlock(ingest);
}

/* --- start and stop --------------------------------------------------------------------------- */

static void end_threads(struct ingest *ingest)
{
    ingest_lock(ingest);
    atomic_store(&ingest->stopping, true);
    (void)pthread_cond_broadcast(&ingest->moved);
    ingest_unlock(ingest);
    for (size_t i = 0; i < ingest->thread_count; i++)
        (void)pthread_join(ingest->threads[i], NULL);
    ingest->thread_count = 0;
}

static bool start_threads(struct ingest *ingest, struct problem *problem)
{
    atomic_store(&ingest->stopping, false);
    for (; ingest->thread_count < ingest->thread_max; ingest->thread_count++) {
        int error_number
            = pthread_create(&ingest->threads[ingest->thread_count], NULL, ingest_run_jobs, ingest);
        if (error_number != 0) {
            end_threads(ingest);
            return problem_set(
                problem, PROBLEM_INTERNAL, "start a thread: %s", strerror(error_number));
        }
    }
    return true;
}

struct ingest *ingest_start_paused(struct db *db, const struct settings *settings,
    const struct ingest_options *options, struct problem *problem)
{
    if (!job_folders_make(settings, problem))
        return NULL;
    size_t thread_max = (size_t)settings->media_jobs + 1;
    struct ingest *ingest
        = memory_zeroed(1, sizeof *ingest + thread_max * sizeof ingest->threads[0]);
    ingest->thread_max = thread_max;
    ingest->db = db;
    ingest->settings = settings;
    if (options)
        ingest->options = *options;
    atomic_init(&ingest->makes_rest, !ingest->options.leaves_rest);
    atomic_store(&ingest->stopping, true);
    pthread_condattr_t steady;
    (void)pthread_condattr_init(&steady);
    (void)pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&ingest->lock, NULL);
    (void)pthread_mutex_init(&ingest->claim_lock, NULL);
    (void)pthread_cond_init(&ingest->moved, &steady);
    (void)pthread_condattr_destroy(&steady);
    return ingest;
}

struct ingest *ingest_start(struct db *db, const struct settings *settings,
    const struct ingest_options *options, struct problem *problem)
{
    struct ingest *ingest = ingest_start_paused(db, settings, options, problem);
    if (ingest && jobs_recover(db, problem) && job_leftovers_remove(db, settings, problem)
        && start_threads(ingest, problem))
        return ingest;
    ingest_stop(ingest);
    return NULL;
}

void ingest_pause(struct ingest *ingest)
{
    end_threads(ingest);
}

bool ingest_resume(struct ingest *ingest, struct problem *problem)
{
    /* Threads that were not paused are at work: their jobs are not to be queued a second time. */
    return ingest->thread_count > 0
           || (jobs_recover(ingest->db, problem) && start_threads(ingest, problem));
}

void ingest_make_rest(struct ingest *ingest)
{
    atomic_store(&ingest->makes_rest, true);
    ingest_look(ingest);
}

void ingest_look(struct ingest *ingest)
{
    ingest_lock(ingest);
    ingest->queued_count++;
    (void)pthread_cond_broadcast(&ingest->moved);
    ingest_unlock(ingest);
}

void ingest_stop(struct ingest *ingest)
{
    if (!ingest)
        return;
    end_threads(ingest);
    ingest_lock(ingest);
    while (ingest->waiter_count > 0)
        (void)pthread_cond_wait(&ingest->moved, &ingest->lock);
    ingest_unlock(ingest);
    (void)pthread_cond_destroy(&ingest->moved);
    (void)pthread_mutex_destroy(&ingest->claim_lock);
    (void)pthread_mutex_destroy(&ingest->lock);
    free(ingest);
}

/* --- adding, cancelling, waiting -------------------------------------------------------------- */

struct addition {
    const struct lecture_fields *fields; /* of a new lecture; else NULL */
    const struct version_order *order;   /* of a new version; else NULL */
    struct media_trim base;              /* what the current version shows of its recording */
    const struct ingest_also *also;
    struct job job;
    struct lecture_file file;
};

static bool describe_file(struct addition *addition, int input_fd, struct problem *problem)
{
    const char *known = addition->also ? addition->also->sha256 : NULL;
    struct lecture_file *file = &addition->file;
    if (!known)
        return lecture_file_read(input_fd, file, problem);
    struct stat facts;
    if (fstat(input_fd, &facts) != 0)
        return problem_set_errno(problem, errno, "look at the input");
    file->size_bytes = facts.st_size;
    (void)snprintf(file->sha256, sizeof file->sha256, "%s", known);
    return true;
}

static bool add_rows(struct db_connection *connection, void *data, struct problem *problem)
{
    struct addition *addition = data;
    bool placed = addition->fields
                      ? lecture_add(connection, addition->fields, addition->job.lecture_id, problem)
                      : version_order_place(
                          connection, addition->order, &addition->base, &addition->job, problem);
    return placed && job_insert(connection, &addition->job, problem)
           && lecture_file_insert(connection, addition->job.lecture_id, addition->job.version,
               &addition->file, problem)
           && (!addition->also
               || addition->also->run(
                   connection, addition->also->data, addition->job.lecture_id, problem));
}

bool ingest_check_input(const struct settings *settings, int input_fd, struct problem *problem)
{
    struct stat facts;
    if (fstat(input_fd, &facts) != 0)
        return problem_set_errno(problem, errno, "look at the input");
    if (!S_ISREG(facts.st_mode))
        return problem_set(problem, PROBLEM_MEDIA_REFUSED, "This is not a file.");
    return facts.st_size <= settings->upload_bytes_max
           || problem_set(problem, PROBLEM_BODY_TOO_LARGE,
               "A lecture's file can have at most %lld bytes.",
               (long long)settings->upload_bytes_max);
}

/* The file first, then the rows that speak of it. */
static bool add(struct ingest *ingest, struct addition *addition, int input_fd, bool link,
    struct problem *problem)
{
    secure_make_uuid(addition->job.id);
    if (!ingest_check_input(ingest->settings, input_fd, problem)
        || !describe_file(addition, input_fd, problem)
        || !job_input_take(ingest->settings, addition->job.id, input_fd, link, problem))
        return false;
    failpoint("added-input");
    if (!db_write(ingest->db, add_rows, addition, problem)) {
        job_input_remove(ingest->settings, addition->job.id);
        return false;
    }
    failpoint("added-rows");
    return true;
}

static void tell_of_addition(struct ingest *ingest, const struct addition *addition)
{
    ingest_look(ingest);
    ingest_tell_of_change(ingest, addition->job.lecture_id);
}

bool ingest_add_file(struct ingest *ingest, const struct lecture_fields *fields, int input_fd,
    const char *input_path, bool take_over, const struct ingest_also *also,
    char ret_lecture_id[UUID_TEXT_SIZE], char ret_job_id[UUID_TEXT_SIZE], struct problem *problem)
{
    struct addition addition = { .fields = fields, .also = also, .job = { .version = 1 } };
    if (!add(ingest, &addition, input_fd, take_over, problem))
        return false;
    if (take_over && input_path)
        (void)unlink(input_path);
    memcpy(ret_lecture_id, addition.job.lecture_id, UUID_TEXT_SIZE);
    memcpy(ret_job_id, addition.job.id, UUID_TEXT_SIZE);
    tell_of_addition(ingest, &addition);
    return true;
}

bool ingest_replace(struct ingest *ingest, const struct ingest_replacement *replacement,
    int input_fd, const char *input_path, bool take_over, const struct ingest_also *also,
    char ret_job_id[UUID_TEXT_SIZE], struct problem *problem)
{
    struct version_order order = { .lecture_id = replacement->lecture_id,
        .file_name = replacement->file_name,
        .timeline = replacement->timeline };
    struct addition addition = { .order = &order, .also = also };
    if (!add(ingest, &addition, input_fd, take_over, problem))
        return false;
    if (take_over && input_path)
        (void)unlink(input_path);
    memcpy(ret_job_id, addition.job.id, UUID_TEXT_SIZE);
    tell_of_addition(ingest, &addition);
    return true;
}

bool ingest_trim(struct ingest *ingest, const char *lecture_id, int64_t from_ms, int64_t to_ms,
    const struct ingest_also *also, char ret_job_id[UUID_TEXT_SIZE], struct problem *problem)
{
    struct version_order order = { .lecture_id = lecture_id, .trim = { from_ms, to_ms } };
    struct addition addition = { .order = &order, .also = also };
    int64_t version;
    if (to_ms <= 0)
        return problem_set_field(problem, "to_ms", "give a time behind from_ms");
    if (!version_current(ingest->db, lecture_id, &version, problem)
        || !version_trim_read(ingest->settings, lecture_id, version, &addition.base, problem))
        return false;
    int input_fd = job_original_open(ingest->settings, lecture_id, version, problem);
    if (input_fd < 0)
        return false;
    bool added = add(ingest, &addition, input_fd, true, problem);
    (void)close(input_fd);
    if (!added)
        return false;
    memcpy(ret_job_id, addition.job.id, UUID_TEXT_SIZE);
    tell_of_addition(ingest, &addition);
    return true;
}

struct run *ingest_find_run(struct ingest *ingest, const char *job_id)
{
    struct run *run = ingest->runs;
    while (run && !text_equal(run->job.id, job_id))
        run = run->next;
    return run;
}

bool ingest_cancel(struct ingest *ingest, const char *job_id, struct problem *problem)
{
    struct job job;
    bool was_running;
    if (!job_cancel(ingest->db, job_id, &job, &was_running, problem))
        return false;
    ingest_lock(ingest);
    struct run *run = ingest_find_run(ingest, job_id);
    if (run)
        atomic_store(&run->cancelled, true);
    ingest_unlock(ingest);
    if (!was_running)
        job_input_remove(
            ingest->settings, job_id); /* else its thread does, when the child is gone */
    ingest_tell_of_move(ingest);
    ingest_tell_of_change(ingest, job.lecture_id);
    return true;
}

bool ingest_retry(struct ingest *ingest, const char *job_id, struct problem *problem)
{
    struct job job;
    if (!job_retry(ingest->db, job_id, &job, problem))
        return false;
    ingest_look(ingest);
    ingest_tell_of_change(ingest, job.lecture_id);
    return true;
}

struct job_look {
    const char *job_id;
    struct job_standing standing;
    json_t *json;
};

static bool look_at_job(struct db_connection *connection, void *data, struct problem *problem)
{
    struct job_look *look = data;
    return job_outcome_json(connection, look->job_id, &look->standing, &look->json, problem);
}

/* *ret_json stays NULL while the job has not ended. */
static bool look_for_end(
    struct ingest *ingest, const char *job_id, json_t **ret_json, struct problem *problem)
{
    struct job_look look = { .job_id = job_id };
    if (!db_read(ingest->db, look_at_job, &look, problem))
        return false;
    if (look.standing.has_ended)
        *ret_json = json_incref(look.json);
    json_decref(look.json);
    return true;
}

/* Waits for the next move; *ret_permille is -1 when no thread has the job. */
static bool wait_once(struct ingest *ingest, const char *job_id, uint64_t *seen, int *ret_permille)
{
    ingest_lock(ingest);
    if (*seen == ingest->move_count)
        ingest_wait_for_move(ingest, PROGRESS_EVERY_MS);
    *seen = ingest->move_count;
    const struct run *run = ingest_find_run(ingest, job_id);
    *ret_permille = run ? run->permille : -1;
    ingest_unlock(ingest);
    return !atomic_load(&ingest->stopping);
}

static void count_waiter(struct ingest *ingest, bool enters)
{
    ingest_lock(ingest);
    ingest->waiter_count += enters ? 1 : 0;
    ingest->waiter_count -= enters ? 0 : 1;
    (void)pthread_cond_broadcast(&ingest->moved);
    ingest_unlock(ingest);
}

bool ingest_wait(struct ingest *ingest, const char *job_id,
    void (*progressed)(void *data, int permille), void *data, json_t **ret_json,
    struct problem *problem)
{
    json_t *json = NULL;
    uint64_t seen = UINT64_MAX;
    int permille, told = -1;
    count_waiter(ingest, true);
    while (!json && !problem_is_set(problem)) {
        bool going_on = wait_once(ingest, job_id, &seen, &permille);
        if (permille < 0 || !going_on)
            (void)look_for_end(ingest, job_id, &json, problem);
        else if (progressed && permille != told)
            progressed(data, told = permille);
        if (!json && !going_on)
            problem_set(problem, PROBLEM_BUSY, "the server stops before job %s has ended", job_id);
    }
    count_waiter(ingest, false);
    if (!json)
        return false;
    *ret_json = json;
    return true;
}
