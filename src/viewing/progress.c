#include "viewing/progress.h"

#include "viewing/completion.h"
#include "viewing/decision.h"
#include "viewing/explanation.h"
#include "viewing/viewing_row.h"

void progress_release(struct progress *progress)
{
    spans_release(&progress->claimed);
    spans_release(&progress->delivered);
    spans_release(&progress->credited);
    for (size_t i = 0; i < WITHHELD_COUNT; i++)
        spans_release(&progress->withheld[i]);
    spans_release(&progress->waiting);
    spans_release(&progress->refused);
    json_decref(progress->decision);
}

void progress_decide(
    struct progress *progress, const char *verdict, const char *reason, int64_t decided_at_ms)
{
    json_decref(progress->decision);
    progress->decision = json_pack("{s:s, s:s, s:I}", "verdict", verdict, "reason", reason,
        "decided_at_ms", (json_int_t)decided_at_ms);
}

static enum verdict verdict_on(const struct progress *progress)
{
    return verdict_of(json_string_value(json_object_get(progress->decision, "verdict")));
}

bool progress_is_complete(const struct progress *progress)
{
    enum verdict verdict = verdict_on(progress);
    return verdict == VERDICT_NONE ? progress->completed : verdict == VERDICT_ACCEPTED;
}

static json_t *completed_at_json(const struct progress *progress)
{
    if (!progress_is_complete(progress))
        return json_null();
    return progress->completed ? json_integer(progress->completed_at_ms)
                               : json_incref(json_object_get(progress->decision, "decided_at_ms"));
}

/* A row's stretches, on the clock of the version that is shown, to those that are there. */
struct carrying {
    const struct timelines *timelines;
    const char *lecture_id;
    int64_t from_version, shown_version;
};

/* Takes own. */
static void add_own(struct spans *sum, struct spans own, const struct carrying *carrying)
{
    struct spans carried;
    /* Nearly all lectures have one version. */
    if (sum->count == 0 && carrying->from_version == carrying->shown_version) {
        spans_release(sum);
        *sum = own;
        return;
    }
    timelines_carry(carrying->timelines, carrying->lecture_id, carrying->from_version,
        carrying->shown_version, &own, &carried);
    spans_add_all(sum, &carried);
    spans_release(&own);
    spans_release(&carried);
}

static bool add_stretches(
    struct spans *sum, const char *text, const struct carrying *carrying, struct problem *problem)
{
    struct spans own;
    if (!spans_read(text, &own, problem))
        return false;
    add_own(sum, own, carrying);
    return true;
}

static bool add_withheld(struct progress *progress, const char *text,
    const struct carrying *carrying, struct problem *problem)
{
    struct spans own[WITHHELD_COUNT] = { 0 };
    bool good = withheld_read(text, own, problem);
    for (size_t i = 0; i < WITHHELD_COUNT; i++)
        add_own(&progress->withheld[i], own[i], carrying);
    return good;
}

/* To resume where the person was last, whichever version that was. */
static void follow(struct progress *progress, int64_t position_ms, int64_t last_at_ms,
    const struct carrying *carrying)
{
    if (last_at_ms < progress->last_at_ms)
        return;
    progress->last_at_ms = last_at_ms;
    progress->position_ms = timelines_carry_moment(carrying->timelines, carrying->lecture_id,
        carrying->from_version, carrying->shown_version, position_ms);
}

bool progress_add(struct progress *progress, struct db_rows *rows, int first_column,
    const struct timelines *timelines, const char *lecture_id, int64_t shown_version,
    struct problem *problem)
{
    if (db_is_null(rows, first_column))
        return true;
    struct carrying carrying = { timelines, lecture_id, db_int(rows, first_column), shown_version };
    follow(progress, db_int(rows, first_column + 4), db_int(rows, first_column + 5), &carrying);
    return add_stretches(&progress->claimed, db_text(rows, first_column + 1), &carrying, problem)
           && add_stretches(
               &progress->delivered, db_text(rows, first_column + 2), &carrying, problem)
           && add_stretches(
               &progress->credited, db_text(rows, first_column + 3), &carrying, problem)
           && add_withheld(progress, db_text(rows, first_column + 6), &carrying, problem);
}

bool progress_add_group(struct progress *progress, struct db_rows *rows, int first_column,
    const struct timelines *timelines, const char *lecture_id, int64_t shown_version,
    struct problem *problem)
{
    struct carrying carrying = { timelines, lecture_id, db_int(rows, first_column), shown_version };
    const char *shown = db_text(rows, first_column + 1), *verdict = db_text(rows, first_column + 3);
    if (!text_equal(verdict, "confirmed"))
        return add_stretches(
            verdict ? &progress->refused : &progress->waiting, shown, &carrying, problem);
    return add_stretches(&progress->claimed, shown, &carrying, problem)
           && add_stretches(&progress->delivered, shown, &carrying, problem)
           && add_stretches(
               &progress->credited, db_text(rows, first_column + 2), &carrying, problem);
}

static void set(json_t *object, const char *key, json_t *value)
{
    (void)json_object_set_new_nocheck(object, key, value);
}

json_t *progress_json(const struct progress *progress, const char *lecture_id, int64_t duration_ms)
{
    struct spans missing;
    json_t *object = json_object();
    coverage_missing(&progress->credited, duration_ms, &missing);
    set(object, "id", json_string(lecture_id));
    set(object, "claimed_ms", json_integer(spans_total(&progress->claimed)));
    set(object, "delivered_ms", json_integer(spans_total(&progress->delivered)));
    set(object, "credited_ms", json_integer(spans_total(&progress->credited)));
    set(object, "coverage", json_real(coverage_ratio(&progress->credited, duration_ms)));
    set(object, "missing", spans_to_json(&missing));
    set(object, "completed_at_ms", completed_at_json(progress));
    set(object, "last_at_ms",
        progress->last_at_ms > 0 ? json_integer(progress->last_at_ms) : json_null());
    set(object, "decision", progress->decision ? json_incref(progress->decision) : json_null());
    spans_release(&missing);
    return object;
}

json_t *progress_reasons_json(const struct progress *progress, int64_t duration_ms)
{
    const struct explained explained = { .claimed = &progress->claimed,
        .delivered = &progress->delivered,
        .credited = &progress->credited,
        .withheld = progress->withheld,
        .waiting = &progress->waiting,
        .refused = &progress->refused,
        .duration_ms = duration_ms };
    struct missing_pieces pieces;
    json_t *array = json_array();
    explain_missing(&explained, &pieces);
    for (size_t i = 0; i < pieces.count; i++) {
        json_t *piece = json_object();
        set(piece, "from_ms", json_integer(pieces.items[i].stretch.from));
        set(piece, "to_ms", json_integer(pieces.items[i].stretch.to));
        set(piece, "reason", json_string(missing_reason_names[pieces.items[i].reason]));
        (void)json_array_append_new(array, piece);
    }
    missing_pieces_release(&pieces);
    return array;
}
