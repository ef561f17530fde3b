/* One pass of one job: steps 5 to 9 and 11 to 14 of ingest.c. */
#include "catalog/ingest_state.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/json.h"
#include "base/memory.h"
#include "catalog/failpoint.h"
#include "catalog/ingest_files.h"
#include "catalog/job_room.h"
#include "catalog/lecture_version.h"
#include "catalog/sound_carry.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHAPTERS_BYTES_MAX = 1 << 20 };

/* Ended with free(); NULL when it cannot be written. */
static char *report_text(const struct media_report *report)
{
    json_t *json = media_report_to_json(report);
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return text;
}

/* --- while the child works -------------------------------------------------------------------- */

/* How much it will write is known only now: is_cancelled() ends it before it has written much. */
static void take_report(void *data, const struct media_report *report)
{
    struct run *run = data;
    job_pace_begin(&run->pace, report->duration_ms, clock_steady_ms());
    run->needed_bytes = job_room_needed_bytes(run->ingest->settings, run->job.pass, report);
    run->lacks_room = job_room_free_bytes(run->ingest->settings) < run->needed_bytes;
    char *text = run->job.pass == JOB_PASS_FIRST ? report_text(report) : NULL;
    if (text)
        job_store_report(run->ingest->db, &run->job, text);
    free(text);
}

static void tell_progress(struct run *run, int permille)
{
    struct ingest *ingest = run->ingest;
    struct job_progress progress = {
        .pass = run->job.pass,
        .permille = permille,
        .speed_percent = job_pace_speed_percent(&run->pace),
        .left_ms = job_pace_left_ms(&run->pace),
    };
    memcpy(progress.job_id, run->job.id, UUID_TEXT_SIZE);
    memcpy(progress.lecture_id, run->job.lecture_id, UUID_TEXT_SIZE);
    job_store_progress(ingest->db, &progress);
    if (ingest->options.progressed)
        ingest->options.progressed(ingest->options.data, &progress);
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
    job_pace_note(&run->pace, permille, now_ms);
    if (!moved || now_ms - run->told_ms < PROGRESS_EVERY_MS)
        return;
    run->told_ms = now_ms;
    tell_progress(run, permille);
}

static bool is_cancelled(void *data)
{
    struct run *run = data;
    return run->lacks_room || atomic_load(&run->cancelled) || atomic_load(&run->ingest->stopping);
}

/* What a kind of job needs to know beside its file. */
static void read_parameters(const json_t *parameters, struct media_job *job)
{
    const json_t *trim = json_object_get(parameters, "trim");
    job->language = json_string_value(json_object_get(parameters, "language"));
    job->offset_ms = json_integer_value(json_object_get(parameters, "offset_ms"));
    job->revision = (int)json_integer_value(json_object_get(parameters, "revision"));
    job->trim.from_ms = json_integer_value(json_object_get(trim, "from_ms"));
    job->trim.to_ms = json_integer_value(json_object_get(trim, "to_ms"));
}

static void run_media_job(struct run *run, int input_fd, struct media_result *ret_result)
{
    static const enum media_pass passes[JOB_PASS_COUNT] = {
        [JOB_PASS_FIRST] = MEDIA_PASS_FIRST,
        [JOB_PASS_TRACK] = MEDIA_PASS_TRACK,
        [JOB_PASS_REST] = MEDIA_PASS_REST,
    };
    const struct settings *settings = run->ingest->settings;
    char draft[PATH_MAX], published[PATH_MAX];
    job_draft_path(settings, run->job.id, draft);
    lecture_folder(settings, run->job.lecture_id, run->job.version, published);
    json_t *parameters = json_loads(run->job.parameters, 0, NULL);
    struct media_job job = {
        .settings = settings,
        .pass = passes[run->job.pass],
        .input_fd = input_fd,
        .folder = draft,
        .published_folder = run->job.pass == JOB_PASS_FIRST ? NULL : published,
        .probed = take_report,
        .progressed = take_progress,
        .cancelled = is_cancelled,
        .data = run,
    };
    read_parameters(parameters, &job);
    media_job_run(&job, ret_result);
    json_decref(parameters);
}

/* What a crash left of this pass in the version's folder would pass for made, and never be published. */
static bool clear_version(struct run *run, struct problem *problem)
{
    const struct job *job = &run->job;
    char folder[PATH_MAX];
    struct renditions published = { 0 };
    if (job->pass == JOB_PASS_FIRST)
        return true;
    lecture_folder(run->ingest->settings, job->lecture_id, job->version, folder);
    if (!renditions_read(run->ingest->db, job->lecture_id, job->version, &published, problem))
        return false;
    job_version_sweep(folder, &published);
    return true;
}

/* false with *problem when there was nothing to start the child with. */
static bool run_child(struct run *run, struct media_result *ret_result, struct problem *problem)
{
    const struct settings *settings = run->ingest->settings;
    int input_fd = job_input_open(settings, &run->job, problem);
    bool prepared = input_fd >= 0 && job_draft_make(settings, run->job.id, problem)
                    && clear_version(run, problem);
    if (prepared)
        run_media_job(run, input_fd, ret_result);
    if (input_fd >= 0)
        (void)close(input_fd);
    return prepared;
}

/* --- what becomes of it ----------------------------------------------------------------------- */

/* After a failure of the store; false when the server stops. */
static bool wait_for_store(struct ingest *ingest)
{
    ingest_lock(ingest);
    ingest_wait_for_move(ingest, AFTER_FAILURE_MS);
    ingest_unlock(ingest);
    return !atomic_load(&ingest->stopping);
}

/* Writes the end of a pass that made nothing, however long the store refuses.  Where the server stops
 * before it could, the job is still running in the store, and the next start queues it again. */
static void end_badly(
    struct run *run, const char *state, const char *reason, const struct media_result *result)
{
    struct ingest *ingest = run->ingest;
    job_draft_remove(ingest->settings, run->job.id); /* on a full disk the store needs its room */
    /* The first pass has told already what the rest is made of. */
    bool tells = result && result->report_valid && run->job.pass != JOB_PASS_REST;
    char *report = tells ? report_text(&result->report) : NULL;
    struct job_end end = { .job = &run->job, .state = state, .reason = reason, .report = report };
    struct problem problem = { 0 };
    bool written;
    while (!(written = job_end(ingest->db, &end, &problem)) && wait_for_store(ingest))
        problem_clear(&problem);
    if (written && run->job.pass != JOB_PASS_REST)
        job_input_remove(ingest->settings, run->job.id);
    free(report);
}

/* Until there is more room than there was. */
static void pause_for_room(struct run *run)
{
    struct ingest *ingest = run->ingest;
    job_draft_remove(ingest->settings, run->job.id);
    int64_t free_bytes = job_room_free_bytes(ingest->settings);
    int64_t needed_bytes = run->needed_bytes > free_bytes ? run->needed_bytes : free_bytes;
    struct job_pause pause
        = { .job = &run->job, .needed_bytes = needed_bytes, .free_bytes = free_bytes };
    struct problem problem = { 0 };
    while (!job_pause(ingest->db, &pause, &problem) && wait_for_store(ingest))
        problem_clear(&problem);
}

/* Those of the file; NULL: it has none. */
static json_t *read_chapters(const char *draft)
{
    char path[PATH_MAX], *bytes = NULL;
    size_t count = 0;
    struct problem none = { 0 };
    json_t *json = NULL;
    if (snprintf(path, sizeof path, "%s/chapters.json", draft) < PATH_MAX
        && file_read_whole(path, CHAPTERS_BYTES_MAX, &bytes, &count, &none))
        json = json_read_object(bytes, count, &none);
    free(bytes);
    return json;
}

struct superseded {
    const struct job *job;
    const struct settings *settings;
};

static bool find_superseded(struct db_connection *connection, void *data, struct problem *problem)
{
    struct superseded *superseded = data;
    struct db_rows *rows = db_query(connection,
        "SELECT id FROM job WHERE lecture_id = $1 AND version < $2"
        " AND pass = 'track' AND state = 'cancelled'",
        "ti", superseded->job->lecture_id, superseded->job->version);
    while (db_next(rows))
        job_input_remove(superseded->settings, db_text(rows, 0));
    return db_end(rows, problem);
}

/* Sound that still waited for the version before was made for this one, or stays behind: its jobs are cancelled. */
static void clear_superseded(struct ingest *ingest, const struct job *job)
{
    struct superseded superseded = { job, ingest->settings };
    struct problem ignored = { 0 };
    (void)db_read(
        ingest->db, find_superseded, &superseded, &ignored); /* the next start finds them too */
}

/* Steps 6 to 9.  What the child wrote is read first, as strictly as ever it will be; false leaves no
 * version. */
static bool publish_version(struct run *run, struct media_result *result, struct problem *problem)
{
    struct ingest *ingest = run->ingest;
    const struct settings *settings = ingest->settings;
    char draft[PATH_MAX];
    job_draft_path(settings, run->job.id, draft);
    if (!version_carry(ingest->db, settings, &run->job, draft, result->report.duration_ms, problem))
        return false;
    struct problem unreadable = { 0 };
    struct media_version *version = media_version_open(draft, &unreadable);
    if (!version)
        return problem_set(
            problem, PROBLEM_INTERNAL, "draft of job %s: %.300s", run->job.id, unreadable.detail);
    struct carried_sounds sounds;
    bool taken
        = sounds_carry_take(ingest->db, settings, &run->job, &result->report, &sounds, problem);
    failpoint("sounds-taken");
    char *report = report_text(&result->report);
    json_t *chapters = read_chapters(draft);
    struct job_publication publication = {
        .job = &run->job,
        .made = version,
        .report = report,
        .trailing_silence_ms = result->report.audio.loudness.trailing_silence_ms,
        .chapters = json_object_get(chapters, "chapters"),
        .sounds = &sounds,
        .settings = settings,
        .original_bytes = -1,
    };
    if (taken)
        publication.original_bytes = job_original_keep(settings, &run->job, problem);
    failpoint("kept");
    bool written
        = publication.original_bytes >= 0 && job_draft_publish(settings, &run->job, problem);
    failpoint("renamed");
    written = written && job_publish(ingest->db, &publication, problem);
    failpoint("published");
    sounds_carry_end(settings, &sounds, written && publication.applied);
    if (written && publication.applied) {
        job_input_remove(settings, run->job.id);
        clear_superseded(ingest, &run->job);
    }
    if (!written || !publication.applied) {
        job_version_remove(settings, &run->job);
        job_original_remove(settings, run->job.lecture_id, run->job.version);
    }
    free(report);
    json_decref(chapters);
    media_version_release(version);
    return written;
}

/* Captions that somebody adds meanwhile would lie beside the version before, where nobody looks any more. */
static bool publish_first(struct run *run, struct media_result *result, struct problem *problem)
{
    lecture_captions_hold();
    bool published = publish_version(run, result, problem);
    lecture_captions_let_go();
    return published;
}

/* The version's folder with what this pass made, opened; what is published is looked at anew too. */
static struct media_version *open_grown(struct run *run, const struct media_result *result,
    const struct renditions *published, const char *folder, struct problem *problem)
{
    struct renditions grown = { 0 };
    struct problem unreadable = { 0 };
    for (size_t i = 0; i < published->count; i++)
        (void)renditions_add(&grown, published->names[i]);
    for (size_t i = 0; i < result->name_count; i++)
        if (!renditions_add(&grown, result->names[i]))
            problem_set(problem, PROBLEM_INTERNAL, "too many renditions of job %s", run->job.id);
    struct media_version *version = renditions_open(&grown, folder, NULL, &unreadable);
    if (!version)
        problem_set(problem, PROBLEM_INTERNAL, "job %s: %.300s", run->job.id, unreadable.detail);
    return version;
}

/* Steps 12 to 14; false leaves the version as it was. */
static bool publish_more(
    struct run *run, const struct media_result *result, struct problem *problem)
{
    struct ingest *ingest = run->ingest;
    const struct settings *settings = ingest->settings;
    const struct job *job = &run->job;
    char folder[PATH_MAX];
    struct renditions published = { 0 };
    lecture_folder(settings, job->lecture_id, job->version, folder);
    if (!renditions_read(ingest->db, job->lecture_id, job->version, &published, problem)
        || !job_draft_add(settings, job, problem))
        return false;
    failpoint("moved");
    struct media_version *grown = open_grown(run, result, &published, folder, problem);
    struct job_publication publication = {
        .job = job,
        .made = grown,
        .is_last = true,
        .forgets_original = job->pass == JOB_PASS_REST && !settings->keep_originals,
    };
    bool written
        = grown && !problem_is_set(problem) && job_publish(ingest->db, &publication, problem);
    failpoint("extended");
    if (!written || !publication.applied)
        job_version_sweep(folder, &published);
    if (written && publication.applied && publication.forgets_original)
        job_original_remove(settings, job->lecture_id, job->version);
    if (written && job->pass == JOB_PASS_TRACK)
        job_input_remove(settings, job->id);
    media_version_release(grown);
    return written;
}

/* The child and its parent tell a full disk by this sentence. */
static bool tells_of_full_disk(const struct media_result *result)
{
    const char *sentence = problem_faces[PROBLEM_STORAGE_FULL].sentence;
    return strncmp(result->reason, sentence, strlen(sentence)) == 0;
}

static void fail_for(
    struct run *run, const struct problem *problem, const struct media_result *result)
{
    if (problem->kind == PROBLEM_STORAGE_FULL)
        pause_for_room(run);
    else
        end_badly(run, "failed", problem_sentence(problem), result);
}

static void finish(struct run *run, struct media_result *result)
{
    struct problem problem = { 0 };
    switch (result->outcome) {
    case MEDIA_READY:
        failpoint("drafted");
        if (!(run->job.pass == JOB_PASS_FIRST ? publish_first(run, result, &problem)
                                              : publish_more(run, result, &problem)))
            fail_for(run, &problem, result);
        return;
    case MEDIA_REFUSED:
        end_badly(run, "refused", result->reason, result);
        return;
    case MEDIA_CANCELLED:
        if (atomic_load(&run->cancelled))
            return; /* its row says so already */
        if (run->lacks_room && !atomic_load(&run->ingest->stopping))
            pause_for_room(run);
        else
            (void)job_put_back(run->ingest->db, &run->job, &problem);
        return;
    case MEDIA_FAILED:
        if (tells_of_full_disk(result))
            pause_for_room(run);
        else
            end_badly(run, "failed", result->reason, result);
    }
}

static bool is_cancelled_in_store(struct run *run, bool *ret_cancelled, struct problem *problem)
{
    bool running;
    if (!job_is_running(run->ingest->db, &run->job, &running, problem))
        return false;
    *ret_cancelled = !running;
    return true;
}

/* What a cancelled job leaves: a first pass and a track its input, which nobody else needs. */
static void clear_cancelled(struct run *run)
{
    if (run->job.pass != JOB_PASS_REST)
        job_input_remove(run->ingest->settings, run->job.id);
}

void ingest_run_pass(struct run *run)
{
    struct problem problem = { 0 };
    bool cancelled = false;
    /* Whoever cancelled before the run was enlisted could tell nobody but the store. */
    if (!is_cancelled_in_store(run, &cancelled, &problem)) {
        fail_for(run, &problem, NULL);
    } else if (!cancelled && job_room_free_bytes(run->ingest->settings) == 0) {
        pause_for_room(run);
    } else if (!cancelled) {
        struct media_result *result = memory_zeroed(1, sizeof *result);
        if (run_child(run, result, &problem))
            finish(run, result);
        else
            fail_for(run, &problem, NULL);
        free(result);
    }
    job_draft_remove(run->ingest->settings, run->job.id);
    problem_clear(&problem);
    /* It may have been cancelled at any moment before its end was written. */
    if (cancelled
        || (atomic_load(&run->cancelled) && is_cancelled_in_store(run, &cancelled, &problem)
            && cancelled))
        clear_cancelled(run);
}
