#include "viewing/progress.h"

#include "viewing/completion.h"

void progress_release(struct progress *progress)
{
    spans_release(&progress->claimed);
    spans_release(&progress->delivered);
    spans_release(&progress->credited);
}

/* A row's stretches, on the clock of the version that is shown, to those that are there. */
struct carrying {
    const struct timelines *timelines;
    const char *lecture_id;
    int64_t from_version, shown_version;
};

static bool add_stretches(
    struct spans *sum, const char *text, const struct carrying *carrying, struct problem *problem)
{
    struct spans own, carried;
    if (!spans_read(text, &own, problem))
        return false;
    /* Nearly all lectures have one version. */
    if (sum->count == 0 && carrying->from_version == carrying->shown_version) {
        spans_release(sum);
        *sum = own;
        return true;
    }
    timelines_carry(carrying->timelines, carrying->lecture_id, carrying->from_version,
        carrying->shown_version, &own, &carried);
    spans_add_all(sum, &carried);
    spans_release(&own);
    spans_release(&carried);
    return true;
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
               &progress->credited, db_text(rows, first_column + 3), &carrying, problem);
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
    set(object, "completed_at_ms",
        progress->completed ? json_integer(progress->completed_at_ms) : json_null());
    set(object, "last_at_ms",
        progress->last_at_ms > 0 ? json_integer(progress->last_at_ms) : json_null());
    spans_release(&missing);
    return object;
}
