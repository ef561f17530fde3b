#include "viewing/progress.h"

#include "viewing/completion.h"

void progress_release(struct progress *progress)
{
    spans_release(&progress->credited);
}

static bool read_total(const char *text, int64_t *ret_total_ms, struct problem *problem)
{
    struct spans spans;
    if (!spans_read(text, &spans, problem))
        return false;
    *ret_total_ms = spans_total(&spans);
    spans_release(&spans);
    return true;
}

bool progress_read(
    struct db_rows *rows, int first_column, struct progress *ret_progress, struct problem *problem)
{
    if (db_is_null(rows, first_column))
        return true;
    ret_progress->position_ms = db_int(rows, first_column + 3);
    ret_progress->last_at_ms = db_int(rows, first_column + 4);
    return read_total(db_text(rows, first_column), &ret_progress->claimed_ms, problem)
           && read_total(db_text(rows, first_column + 1), &ret_progress->delivered_ms, problem)
           && spans_read(db_text(rows, first_column + 2), &ret_progress->credited, problem);
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
    set(object, "claimed_ms", json_integer(progress->claimed_ms));
    set(object, "delivered_ms", json_integer(progress->delivered_ms));
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
