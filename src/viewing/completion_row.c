#include "viewing/completion_row.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/secure.h"
#include "viewing/evidence.h"
#include "viewing/rule.h"
#include "viewing/timeline.h"

#include <stdio.h>
#include <stdlib.h>

// clang-format off
static const char insert_sql[] =
    "INSERT INTO completion (participant_id, lecture_id, completed_at_ms, rule_version, credited_ms,"
    "  duration_ms, by_group)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)";
/* What was watched, alone and in groups, a row a version, with what is asked of the lecture. */
#define WATCHED(credit, by_group, condition) \
    "SELECT credit.participant_id, credit.lecture_id, credit.version, credit.credited, credit.real_ms," \
    "       lecture.current_version, lecture_version.duration_ms, lecture_version.trailing_silence_ms, " by_group \
    "  FROM participant" \
    "  JOIN " credit " AS credit ON credit.participant_id = participant.id" \
    "  JOIN lecture ON lecture.id = credit.lecture_id" \
    "  JOIN lecture_version ON lecture_version.lecture_id = lecture.id" \
    "   AND lecture_version.version = lecture.current_version" \
    "  LEFT JOIN completion ON completion.participant_id = credit.participant_id" \
    "   AND completion.lecture_id = credit.lecture_id" \
    " WHERE " condition
#define WATCHED_ANYHOW(condition) \
    WATCHED("viewing", "0", condition) " UNION ALL " WATCHED("viewing_group_credit", "1", condition) \
    " ORDER BY 1, 2"
static const char of_cohort_sql[] =
    WATCHED_ANYHOW("participant.cohort_id = $1 AND completion.participant_id IS NULL");
static const char of_participant_sql[] =
    WATCHED_ANYHOW("participant.id = $1 AND completion.participant_id IS NULL");
static const char by_group_sql[] = WATCHED_ANYHOW("participant.id = $1 AND completion.by_group = 1");
static const char completed_by_group_sql[] =
    "SELECT lecture_id FROM completion WHERE participant_id = $1 AND by_group = 1";
static const char end_sql[] =
    "DELETE FROM completion WHERE participant_id = $1 AND lecture_id = $2 AND by_group = 1";
// clang-format on

bool completion_add(
    struct db_connection *connection, const struct completion *completion, struct problem *problem)
{
    json_t *record = json_pack("{s:s, s:I, s:I, s:I, s:I}", "lecture", completion->lecture_id,
        "completed_at_ms", (json_int_t)completion->at_ms, "rule_version",
        (json_int_t)completion->rule_version, "credited_ms", (json_int_t)completion->credited_ms,
        "duration_ms", (json_int_t)completion->duration_ms);
    bool good
        = db_exec(connection, NULL, problem, insert_sql, "ttiiiii", completion->participant_id,
              completion->lecture_id, completion->at_ms, completion->rule_version,
              completion->credited_ms, completion->duration_ms, (int64_t)completion->by_group)
          && evidence_append(connection, "completion", completion->participant_id, record, problem);
    json_decref(record);
    return good;
}

/* One person and lecture, over the versions that were watched: their rows stand together. */
struct watched {
    char participant_id[UUID_TEXT_SIZE], lecture_id[UUID_TEXT_SIZE];
    struct spans credited; /* on the clock of the current version */
    int64_t real_ms, duration_ms, needed_ms;
    bool by_group;
};
struct review {
    struct completion_rule rule;
    struct timelines timelines;
    struct watched *reached; /* and behind them the one that is read */
    size_t count;
};

static struct watched *current_of(struct review *review)
{
    return &review->reached[review->count];
}

/* Keeps the one that was read where it is complete by now, and makes room for the next. */
static void end_watched(struct review *review)
{
    struct watched *watched = current_of(review);
    if (completion_reached(&review->rule, &watched->credited, watched->needed_ms, watched->real_ms))
        review->count++;
    else
        spans_release(&watched->credited);
    review->reached = memory_resized(review->reached, review->count + 1, sizeof *review->reached);
    *current_of(review) = (struct watched){ 0 };
}

static bool add_row(struct review *review, struct db_rows *rows, struct problem *problem)
{
    const char *participant_id = db_text(rows, 0), *lecture_id = db_text(rows, 1);
    struct spans own, carried;
    if (!text_equal(current_of(review)->participant_id, participant_id)
        || !text_equal(current_of(review)->lecture_id, lecture_id))
        end_watched(review);
    struct watched *watched = current_of(review);
    (void)snprintf(watched->participant_id, UUID_TEXT_SIZE, "%s", participant_id);
    (void)snprintf(watched->lecture_id, UUID_TEXT_SIZE, "%s", lecture_id);
    watched->duration_ms = watched->needed_ms = db_int(rows, 6);
    if (review->rule.silence_left_out)
        watched->needed_ms = completion_needed_ms(watched->duration_ms, db_int(rows, 7));
    if (!spans_read(db_text(rows, 3), &own, problem))
        return false;
    timelines_carry(
        &review->timelines, lecture_id, db_int(rows, 2), db_int(rows, 5), &own, &carried);
    watched->real_ms += carried.count > 0 ? db_int(rows, 4) : 0;
    watched->by_group = watched->by_group || (db_int(rows, 8) != 0 && carried.count > 0);
    spans_add_all(&watched->credited, &carried);
    spans_release(&own);
    spans_release(&carried);
    return true;
}

static bool add_reached(
    struct db_connection *connection, const struct review *review, struct problem *problem)
{
    bool good = true;
    for (size_t i = 0; good && i < review->count; i++) {
        const struct watched *watched = &review->reached[i];
        struct completion completion = { .participant_id = watched->participant_id,
            .lecture_id = watched->lecture_id,
            .at_ms = clock_now_ms(),
            .rule_version = review->rule.version,
            .credited_ms = spans_total(&watched->credited),
            .duration_ms = watched->duration_ms,
            .by_group = watched->by_group };
        good = completion_add(connection, &completion, problem);
    }
    return good;
}

/* What of the rows is complete by the rule. */
static bool review_begin(struct db_connection *connection, const char *sql, const char *id,
    const struct completion_rule *rule, struct review *ret_review, struct problem *problem)
{
    *ret_review = (struct review){ .rule = *rule,
        .reached = memory_zeroed(1, sizeof *ret_review->reached) };
    bool good = timelines_read(connection, NULL, &ret_review->timelines, problem);
    if (good) {
        struct db_rows *rows = db_query(connection, sql, "t", id);
        while (good && db_next(rows))
            good = add_row(ret_review, rows, problem);
        good = db_end(rows, problem) && good;
        end_watched(ret_review);
    }
    return good;
}

static void review_end(struct review *review)
{
    for (size_t i = 0; i <= review->count; i++)
        spans_release(&review->reached[i].credited);
    free(review->reached);
    timelines_release(&review->timelines);
}

static bool review_rows(struct db_connection *connection, const char *sql, const char *id,
    const struct completion_rule *rule, struct problem *problem)
{
    struct review review;
    bool good = review_begin(connection, sql, id, rule, &review, problem)
                && add_reached(connection, &review, problem);
    review_end(&review);
    return good;
}

bool completion_review_cohort(struct db_connection *connection, const struct settings *settings,
    const char *cohort_id, struct problem *problem)
{
    struct completion_rule rule;
    return rule_of_cohort(connection, settings, cohort_id, &rule, problem)
           && review_rows(connection, of_cohort_sql, cohort_id, &rule, problem);
}

bool completion_review_participant(struct db_connection *connection,
    const struct settings *settings, const char *participant_id, struct problem *problem)
{
    struct completion_rule rule;
    return rule_of_participant(connection, settings, participant_id, &rule, problem)
           && review_rows(connection, of_participant_sql, participant_id, &rule, problem);
}

static bool is_reached(const struct review *review, const char *lecture_id)
{
    for (size_t i = 0; i < review->count; i++)
        if (text_equal(review->reached[i].lecture_id, lecture_id))
            return true;
    return false;
}

static bool completion_end(struct db_connection *connection, const char *participant_id,
    const char *lecture_id, struct problem *problem)
{
    json_t *record = json_pack("{s:s, s:b, s:I}", "lecture", lecture_id, "withdrawn", true,
        "withdrawn_at_ms", (json_int_t)clock_now_ms());
    bool good = db_exec(connection, NULL, problem, end_sql, "tt", participant_id, lecture_id)
                && evidence_append(connection, "completion", participant_id, record, problem);
    json_decref(record);
    return good;
}

/* What is not among the reached; a lecture of which nothing is left has no row to be asked about. */
static bool end_unreached(struct db_connection *connection, const struct review *review,
    const char *participant_id, struct problem *problem)
{
    char(*ended)[UUID_TEXT_SIZE] = NULL;
    size_t count = 0;
    struct db_rows *rows = db_query(connection, completed_by_group_sql, "t", participant_id);
    while (db_next(rows)) {
        if (is_reached(review, db_text(rows, 0)))
            continue;
        ended = memory_resized(ended, count + 1, sizeof *ended);
        (void)snprintf(ended[count++], UUID_TEXT_SIZE, "%s", db_text(rows, 0));
    }
    bool good = db_end(rows, problem);
    for (size_t i = 0; good && i < count; i++)
        good = completion_end(connection, participant_id, ended[i], problem);
    free(ended);
    return good;
}

bool completion_review_groups(struct db_connection *connection, const struct settings *settings,
    const char *participant_id, struct problem *problem)
{
    struct completion_rule rule;
    struct review review;
    if (!rule_of_participant(connection, settings, participant_id, &rule, problem))
        return false;
    bool good = review_begin(connection, by_group_sql, participant_id, &rule, &review, problem)
                && end_unreached(connection, &review, participant_id, problem);
    review_end(&review);
    return good;
}
