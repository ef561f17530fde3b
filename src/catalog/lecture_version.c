#include "catalog/lecture_version.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "catalog/fields.h"
#include "catalog/lecture.h"
#include "catalog/program.h"
#include "catalog/rows.h"
#include "media/captions.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PLAN_BYTES_MAX = 64 << 20, KEPT_MS_LEAST = 1000, CARRIED_BYTES_MAX = 128 << 20 };

/* --- the order -------------------------------------------------------------------------------- */

static bool read_current(struct db_connection *connection, const char *lecture_id,
    struct version_now *ret_current, struct problem *problem)
{
    return version_now_require(
        connection, lecture_id, FINDING_NOTHING_TO_REPLACE, ret_current, problem);
}

static bool nobody_makes_one(
    struct db_connection *connection, const char *lecture_id, struct problem *problem)
{
    bool another;
    if (!row_exists(connection,
            "SELECT 1 FROM job WHERE lecture_id = $1 AND pass = 'first'"
            " AND state IN ('queued', 'running', 'paused')",
            lecture_id, &another, problem))
        return false;
    return !another
           || finding_refuse_as(
               problem, PROBLEM_CONFLICT, (struct finding){ .code = FINDING_VERSION_UNDER_WAY });
}

/* The kept part becomes all of the next version. */
static bool trim_timeline(const struct version_order *order, const struct version_now *current,
    struct media_timeline *ret_timeline, struct problem *problem)
{
    const struct media_trim *trim = &order->trim;
    if (trim->from_ms < 0 || trim->from_ms > current->duration_ms)
        return problem_set_field(
            problem, "from_ms", "give a time from 0 to %" PRId64, current->duration_ms);
    if (trim->to_ms - trim->from_ms < KEPT_MS_LEAST || trim->to_ms > current->duration_ms)
        return problem_set_field(problem, "to_ms",
            "give a time at least a second behind from_ms, and at most %" PRId64,
            current->duration_ms);
    if (trim->from_ms == 0 && trim->to_ms == current->duration_ms)
        return problem_set_field(problem, "to_ms", "this keeps all of the lecture");
    ret_timeline->pieces[0] = (struct media_piece){ trim->from_ms, trim->to_ms, 0 };
    ret_timeline->count = 1;
    return true;
}

static bool store_timeline(struct db_connection *connection, const char *lecture_id,
    int64_t version, const struct media_timeline *timeline, struct problem *problem)
{
    bool stored = db_exec(connection, NULL, problem,
        "DELETE FROM timeline_piece WHERE lecture_id = $1 AND version = $2", "ti", lecture_id,
        version);
    for (size_t i = 0; stored && i < timeline->count; i++) {
        const struct media_piece *piece = &timeline->pieces[i];
        stored = db_exec(connection, NULL, problem,
            "INSERT INTO timeline_piece (lecture_id, version, from_ms, to_ms, at_ms)"
            " VALUES ($1, $2, $3, $4, $5)",
            "tiiii", lecture_id, version, piece->from_ms, piece->to_ms, piece->at_ms);
    }
    return stored;
}

/* On the clock of the whole recording, of which the current version may itself be a part. */
static bool write_parameters(const struct version_order *order, const struct media_trim *base,
    struct job *job, struct problem *problem)
{
    json_t *json = order->timeline ? json_pack("{s:s}", "file_name", order->file_name)
                                   : json_pack("{s:{s:I, s:I}}", "trim", "from_ms",
                                       (json_int_t)(base->from_ms + order->trim.from_ms), "to_ms",
                                       (json_int_t)(base->from_ms + order->trim.to_ms));
    size_t length = json_dumpb(json, job->parameters, sizeof job->parameters - 1, JSON_COMPACT);
    json_decref(json);
    if (length == 0 || length >= sizeof job->parameters)
        return problem_set_field(problem, "filename", "at most %d bytes", FILE_NAME_BYTES_MAX);
    job->parameters[length] = '\0';
    return true;
}

static bool read_order(struct db_connection *connection, const struct version_order *order,
    struct version_now *ret_current, struct media_timeline *ret_timeline, struct problem *problem)
{
    if (!read_current(connection, order->lecture_id, ret_current, problem)
        || !nobody_makes_one(connection, order->lecture_id, problem))
        return false;
    return order->timeline ? media_timeline_read_text(
               order->timeline, ret_current->duration_ms, ret_timeline, problem)
                           : trim_timeline(order, ret_current, ret_timeline, problem);
}

bool version_order_place(struct db_connection *connection, const struct version_order *order,
    const struct media_trim *base, struct job *job, struct problem *problem)
{
    struct version_now current;
    struct media_timeline timeline;
    if (!read_order(connection, order, &current, &timeline, problem))
        return false;
    (void)snprintf(job->lecture_id, sizeof job->lecture_id, "%s", order->lecture_id);
    job->version = current.version + 1;
    job->pass = JOB_PASS_FIRST;
    /* What an attempt before this one was, that came to nothing, goes. */
    return write_parameters(order, base, job, problem)
           && db_exec(connection, NULL, problem,
               "DELETE FROM lecture_file WHERE lecture_id = $1 AND version = $2", "ti",
               job->lecture_id, job->version)
           && store_timeline(connection, job->lecture_id, job->version, &timeline, problem);
}

struct checking {
    const struct version_order *order;
    struct version_now current;
    struct media_timeline timeline;
};

static bool check(struct db_connection *connection, void *data, struct problem *problem)
{
    struct checking *checking = data;
    return read_order(
        connection, checking->order, &checking->current, &checking->timeline, problem);
}

bool version_order_check(struct db *db, const struct version_order *order, struct problem *problem)
{
    struct checking checking = { .order = order };
    return db_read(db, check, &checking, problem);
}

struct asked_version {
    const char *lecture_id;
    struct version_now current;
};

static bool ask_current(struct db_connection *connection, void *data, struct problem *problem)
{
    struct asked_version *asked = data;
    return read_current(connection, asked->lecture_id, &asked->current, problem);
}

bool version_current(
    struct db *db, const char *lecture_id, int64_t *ret_version, struct problem *problem)
{
    struct asked_version asked = { .lecture_id = lecture_id };
    if (!db_read(db, ask_current, &asked, problem))
        return false;
    *ret_version = asked.current.version;
    return true;
}

static bool path_in(const char *folder, const char *name, char *ret_path, struct problem *problem)
{
    return snprintf(ret_path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX
           || problem_set_errno(problem, ENAMETOOLONG, "'%s' in a lecture's folder", name);
}

bool version_trim_read(const struct settings *settings, const char *lecture_id, int64_t version,
    struct media_trim *ret_trim, struct problem *problem)
{
    char folder[PATH_MAX], path[PATH_MAX], *bytes;
    size_t count;
    struct media_plan plan;
    *ret_trim = (struct media_trim){ 0 };
    lecture_folder(settings, lecture_id, version, folder);
    if (!path_in(folder, "plan.json", path, problem))
        return false;
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return true; /* of a version that was made before there were plans */
    if (!file_read_whole(path, PLAN_BYTES_MAX, &bytes, &count, problem))
        return false;
    json_t *json = json_read_object(bytes, count, problem);
    bool read = json && plan_from_json(json, &plan, problem);
    if (read) {
        *ret_trim = plan.trim;
        plan_release(&plan);
    }
    json_decref(json);
    free(bytes);
    return read;
}

/* --- what goes along -------------------------------------------------------------------------- */

enum { LANGUAGES_MAX = MEDIA_CAPTIONS_MAX };

struct carrying {
    const struct job *job;
    int64_t before; /* the version that it follows */
    struct media_timeline timeline;
    char languages[LANGUAGES_MAX][LANGUAGE_TAG_SIZE];
    size_t language_count;
};

bool version_timeline_read(struct db_connection *connection, const struct job *job,
    struct media_timeline *ret_timeline, struct problem *problem)
{
    ret_timeline->count = 0;
    struct db_rows *rows = db_query(connection,
        "SELECT from_ms, to_ms, at_ms FROM timeline_piece"
        " WHERE lecture_id = $1 AND version = $2 ORDER BY at_ms",
        "ti", job->lecture_id, job->version);
    while (ret_timeline->count < MEDIA_PIECES_MAX && db_next(rows))
        ret_timeline->pieces[ret_timeline->count++]
            = (struct media_piece){ db_int(rows, 0), db_int(rows, 1), db_int(rows, 2) };
    return db_end(rows, problem);
}

static bool read_what_is_there(
    struct db_connection *connection, void *data, struct problem *problem)
{
    struct carrying *carrying = data;
    struct version_now current = { 0 };
    carrying->language_count = 0;
    if (!read_current(connection, carrying->job->lecture_id, &current, problem)
        || !version_timeline_read(connection, carrying->job, &carrying->timeline, problem))
        return false;
    carrying->before = current.version;
    struct db_rows *rows = db_query(connection,
        "SELECT language FROM caption_track WHERE lecture_id = $1", "t", carrying->job->lecture_id);
    while (carrying->language_count < LANGUAGES_MAX && db_next(rows))
        (void)snprintf(carrying->languages[carrying->language_count++], LANGUAGE_TAG_SIZE, "%s",
            db_text(rows, 0));
    return db_end(rows, problem);
}

/* What is in the draft already came with the new file, and is nearer to it. */
static bool carry_captions(const struct carrying *carrying, const char *before_folder,
    const char *folder, const char *language, struct problem *problem)
{
    char name[LANGUAGE_TAG_SIZE + 8], from[PATH_MAX], to[PATH_MAX], *vtt;
    size_t count, cue_count;
    (void)snprintf(name, sizeof name, "%s.vtt", language);
    if (!path_in(before_folder, name, from, problem) || !path_in(folder, name, to, problem))
        return false;
    if (access(to, F_OK) == 0)
        return true;
    if (!file_read_whole(from, CARRIED_BYTES_MAX, &vtt, &count, problem))
        return false;
    struct text carried;
    text_init(&carried, CARRIED_BYTES_MAX);
    media_timeline_carry_captions(&carrying->timeline, vtt, count, &carried, &cue_count);
    bool written
        = cue_count == 0 || file_write_whole(to, carried.bytes, carried.length, 0640, problem);
    text_release(&carried);
    free(vtt);
    return written;
}

static bool carry_all(const struct carrying *carrying, const char *before_folder, const char *draft,
    struct problem *problem)
{
    char from[PATH_MAX], to[PATH_MAX];
    if (!path_in(before_folder, "captions", from, problem)
        || !path_in(draft, "captions", to, problem) || !folder_make(to, 0750, problem))
        return false;
    for (size_t i = 0; i < carrying->language_count; i++)
        if (!carry_captions(carrying, from, to, carrying->languages[i], problem))
            return false;
    return folder_sync(to, problem) && folder_sync(draft, problem);
}

bool version_carry(struct db *db, const struct settings *settings, const struct job *job,
    const char *draft, int64_t duration_ms, struct problem *problem)
{
    struct carrying *carrying;
    char before_folder[PATH_MAX];
    if (job->version <= 1)
        return true;
    carrying = memory_zeroed(1, sizeof *carrying);
    carrying->job = job;
    bool carried = db_read(db, read_what_is_there, carrying, problem);
    media_timeline_cut(&carrying->timeline, duration_ms);
    lecture_folder(settings, job->lecture_id, carrying->before, before_folder);
    if (carried && carrying->language_count > 0)
        carried = carry_all(carrying, before_folder, draft, problem);
    free(carrying);
    return carried;
}

static bool settle_captions(struct db_connection *connection, const struct job *job,
    const struct media_version *made, struct problem *problem)
{
    char there[LANGUAGES_MAX * (LANGUAGE_TAG_SIZE + 3)] = "";
    size_t length = 0;
    for (size_t i = 0; i < media_version_caption_count(made) && i < LANGUAGES_MAX; i++)
        length += (size_t)snprintf(
            there + length, sizeof there - length, " %s ", media_version_caption_language(made, i));
    return db_exec(connection, NULL, problem,
        "DELETE FROM caption_track WHERE lecture_id = $1"
        " AND $2 NOT LIKE '% ' || language || ' %'",
        "tt", job->lecture_id, there);
}

enum { CHAPTERS_CARRIED_MAX = 1000 };

/* Where a chapter begins that lasted until end_ms; false: all of it was cut. */
static bool carry_chapter(
    const struct media_timeline *timeline, int64_t start_ms, int64_t end_ms, int64_t *ret_start_ms)
{
    for (size_t i = 0; i < timeline->count; i++) {
        const struct media_piece *piece = &timeline->pieces[i];
        int64_t from_ms = start_ms > piece->from_ms ? start_ms : piece->from_ms;
        if (from_ms < piece->to_ms && from_ms < end_ms) {
            *ret_start_ms = from_ms - piece->from_ms + piece->at_ms;
            return true;
        }
    }
    return false;
}

/* Out of the way first, so that none takes another's place on its way to its own. */
static bool settle_chapters(
    struct db_connection *connection, const struct job *job, struct problem *problem)
{
    struct media_timeline timeline;
    int64_t starts_ms[CHAPTERS_CARRIED_MAX + 1];
    size_t count = 0;
    struct db_rows *rows = db_query(connection,
        "SELECT DISTINCT start_ms FROM chapter WHERE lecture_id = $1 ORDER BY start_ms", "t",
        job->lecture_id);
    while (count < CHAPTERS_CARRIED_MAX && db_next(rows))
        starts_ms[count++] = db_int(rows, 0);
    starts_ms[count] = INT64_MAX;
    if (!db_end(rows, problem) || !version_timeline_read(connection, job, &timeline, problem)
        || !db_exec(connection, NULL, problem,
            "UPDATE chapter SET start_ms = -1 - start_ms WHERE lecture_id = $1", "t",
            job->lecture_id))
        return false;
    for (size_t i = 0; i < count; i++) {
        int64_t start_ms;
        if (carry_chapter(&timeline, starts_ms[i], starts_ms[i + 1], &start_ms)
            && !db_exec(connection, NULL, problem,
                "UPDATE chapter SET start_ms = $3 WHERE lecture_id = $1 AND start_ms = $2", "tii",
                job->lecture_id, -1 - starts_ms[i], start_ms))
            return false;
    }
    return db_exec(connection, NULL, problem,
        "DELETE FROM chapter WHERE lecture_id = $1 AND start_ms < 0", "t", job->lecture_id);
}

/* The lecture is called as its newest file was. */
static bool settle_name(
    struct db_connection *connection, const struct job *job, struct problem *problem)
{
    json_t *parameters = json_loads(job->parameters, 0, NULL);
    const char *name = json_string_value(json_object_get(parameters, "file_name"));
    bool settled
        = !name
          || db_exec(connection, NULL, problem, "UPDATE lecture SET file_name = $2 WHERE id = $1",
              "tt", job->lecture_id, name);
    json_decref(parameters);
    return settled;
}

bool version_settle(struct db_connection *connection, const struct job *job,
    const struct media_version *made, struct problem *problem)
{
    int64_t duration_ms = media_version_duration_ms(made);
    if (job->version <= 1)
        return true;
    return db_exec(connection, NULL, problem,
               "DELETE FROM timeline_piece WHERE lecture_id = $1 AND version = $2 AND at_ms >= $3",
               "tii", job->lecture_id, job->version, duration_ms)
           && db_exec(connection, NULL, problem,
               "UPDATE timeline_piece SET to_ms = from_ms + ($3 - at_ms)"
               " WHERE lecture_id = $1 AND version = $2 AND at_ms + (to_ms - from_ms) > $3",
               "tii", job->lecture_id, job->version, duration_ms)
           && db_exec(connection, NULL, problem,
               "UPDATE job SET state = 'cancelled', ended_at_ms = $3, paused = NULL,"
               "  reason = 'A newer version of the lecture has taken its place.'"
               " WHERE lecture_id = $1 AND version < $2 AND state IN ('queued', 'paused')",
               "tii", job->lecture_id, job->version, clock_now_ms())
           && settle_name(connection, job, problem)
           && settle_captions(connection, job, made, problem)
           && settle_chapters(connection, job, problem);
}
