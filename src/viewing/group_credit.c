#include "viewing/group_credit.h"

#include "base/memory.h"
#include "base/secure.h"
#include "viewing/completion_row.h"
#include "viewing/coverage.h"
#include "viewing/evidence.h"
#include "viewing/group.h"
#include "viewing/rule.h"

#include <stdio.h>
#include <stdlib.h>

// clang-format off
static const char showings_sql[] =
    "SELECT viewing_group_showing.lecture_id, viewing_group_showing.version, lecture_version.duration_ms,"
    "       viewing_group_showing.from_at_ms, viewing_group_showing.to_at_ms, viewing_group_showing.from_ms,"
    "       viewing_group_showing.to_ms"
    "  FROM viewing_group_showing"
    "  JOIN lecture_version ON lecture_version.lecture_id = viewing_group_showing.lecture_id"
    "   AND lecture_version.version = viewing_group_showing.version"
    " WHERE viewing_group_showing.group_id = $1"
    " ORDER BY viewing_group_showing.id";
/* Who was taken out again still has rows. */
static const char people_sql[] =
    "SELECT participant_id FROM viewing_group_stay"
    " WHERE group_id = $1 AND participant_id NOT IN (SELECT participant_id FROM erasure)"
    " UNION SELECT participant_id FROM viewing_group_credit"
    " WHERE group_id = $1 AND participant_id NOT IN (SELECT participant_id FROM erasure)"
    " ORDER BY 1";
static const char stays_sql[] =
    "SELECT viewing_group_stay.joined_at_ms, COALESCE(viewing_group_stay.left_at_ms, viewing_group.closed_at_ms)"
    "  FROM viewing_group_stay"
    "  JOIN viewing_group ON viewing_group.id = viewing_group_stay.group_id"
    " WHERE viewing_group_stay.group_id = $1 AND viewing_group_stay.participant_id = $2"
    " ORDER BY viewing_group_stay.id";
static const char counted_sql[] =
    "SELECT counted FROM credit_budget WHERE participant_id = $1"
    " UNION ALL SELECT counted FROM viewing_group_credit WHERE participant_id = $1 AND group_id <> $2";
static const char watched_sql[] =
    "SELECT credited FROM viewing WHERE participant_id = $1 AND lecture_id = $2 AND version = $3"
    " UNION ALL SELECT credited FROM viewing_group_credit"
    " WHERE participant_id = $1 AND lecture_id = $2 AND version = $3 AND group_id <> $4";
static const char remove_sql[] =
    "DELETE FROM viewing_group_credit WHERE group_id = $1 AND participant_id = $2";
static const char insert_sql[] =
    "INSERT INTO viewing_group_credit (participant_id, lecture_id, version, group_id, shown, credited, real_ms, counted)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
// clang-format on

struct showing {
    char lecture_id[UUID_TEXT_SIZE];
    int64_t version, duration_ms;
    struct span at, content; /* server time; lecture time */
};

/* One person and lecture. */
struct seen {
    const struct showing *first; /* names lecture and version */
    struct spans shown, counted, watched_too;
    struct credit_state credit;
};

struct settling {
    struct db_connection *connection;
    const char *group_id;
    const struct group_event *event;
    struct completion_rule rule;
    bool confirmed;
    struct showing *showings;
    size_t showing_count;
    /* of the person at hand */
    const char *participant_id;
    struct spans present; /* server time */
    struct spans counted; /* the same, that counted already */
    int64_t purse_ms;
    struct seen *seen;
    size_t seen_count;
};

static bool read_showings(struct settling *settling, struct problem *problem)
{
    struct db_rows *rows = db_query(settling->connection, showings_sql, "t", settling->group_id);
    while (db_next(rows)) {
        size_t count = settling->showing_count++;
        if ((count & (count + 1)) == 0) /* room for twice as many, whenever that is used up */
            settling->showings
                = memory_resized(settling->showings, (count + 1) * 2, sizeof *settling->showings);
        struct showing *showing = &settling->showings[count];
        *showing = (struct showing){ .version = db_int(rows, 1),
            .duration_ms = db_int(rows, 2),
            .at = { db_int(rows, 3), db_int(rows, 4) },
            .content = { db_int(rows, 5), db_int(rows, 6) } };
        (void)snprintf(showing->lecture_id, UUID_TEXT_SIZE, "%s", db_text(rows, 0));
    }
    return db_end(rows, problem);
}

/* Adds up a column of stretches. */
static bool read_spans(struct db_rows *rows, struct spans *sum, struct problem *problem)
{
    bool good = true;
    while (good && db_next(rows)) {
        struct spans own;
        good = spans_read(db_text(rows, 0), &own, problem);
        if (good) {
            spans_add_all(sum, &own);
            spans_release(&own);
        }
    }
    return db_end(rows, problem) && good;
}

static bool read_person(struct settling *settling, struct problem *problem)
{
    struct db_rows *rows = db_query(
        settling->connection, stays_sql, "tt", settling->group_id, settling->participant_id);
    while (db_next(rows))
        (void)spans_add(&settling->present, db_int(rows, 0), db_int(rows, 1), 0, problem);
    return db_end(rows, problem)
           && read_spans(db_query(settling->connection, counted_sql, "tt", settling->participant_id,
                             settling->group_id),
               &settling->counted, problem);
}

/* NULL: *problem is set. */
static struct seen *find_seen(
    struct settling *settling, const struct showing *showing, struct problem *problem)
{
    for (size_t i = 0; i < settling->seen_count; i++)
        if (text_equal(settling->seen[i].first->lecture_id, showing->lecture_id)
            && settling->seen[i].first->version == showing->version)
            return &settling->seen[i];
    settling->seen
        = memory_resized(settling->seen, settling->seen_count + 1, sizeof *settling->seen);
    struct seen *seen = &settling->seen[settling->seen_count++];
    *seen = (struct seen){ .first = showing };
    seen->credit = (struct credit_state){ .duration_ms = showing->duration_ms,
        .policy = { .in_order = settling->rule.in_order } };
    struct db_rows *rows = db_query(settling->connection, watched_sql, "ttit",
        settling->participant_id, showing->lecture_id, showing->version, settling->group_id);
    return read_spans(rows, &seen->watched_too, problem) ? seen : NULL;
}

/* Time that has not counted for this person pays; from now on it has. */
static void let_count(struct settling *settling, struct seen *seen, struct span at)
{
    struct spans fresh;
    struct problem full = { 0 };
    spans_subtract(&settling->counted, at.from, at.to, &fresh);
    settling->purse_ms += spans_total(&fresh) * settling->rule.rate_cap_percent / 100;
    spans_add_all(&settling->counted, &fresh);
    for (size_t i = 0; i < fresh.count; i++)
        (void)spans_add(&seen->counted, fresh.items[i].from, fresh.items[i].to, 0, &full);
    spans_release(&fresh);
}

static bool credit_stretch(
    struct settling *settling, struct seen *seen, struct span content, struct problem *problem)
{
    struct credit_result result;
    struct credit_state *credit = &seen->credit;
    struct beat beat = { .from_ms = content.from,
        .to_ms = content.to,
        .rate_percent = -1,
        .visible = -1,
        .muted = -1,
        .client_at_ms = -1 };
    credit->policy.watched_too = &seen->watched_too; /* the array may have moved */
    credit->budget_ms = settling->purse_ms;
    if (!spans_add(&credit->delivered, content.from, content.to, CLOSE_GAP_MS, problem)
        || !credit_beat(credit, &beat, &result, problem))
        return false;
    settling->purse_ms = credit->budget_ms;
    credit_result_release(&result);
    return true;
}

/* What was shown in that part of the showing's time. */
static struct span content_of(const struct showing *showing, struct span at)
{
    int64_t length_ms = showing->at.to - showing->at.from;
    int64_t content_ms = showing->content.to - showing->content.from;
    if (length_ms <= 0)
        return showing->content;
    return (
        struct span){ showing->content.from + content_ms * (at.from - showing->at.from) / length_ms,
        showing->content.from + content_ms * (at.to - showing->at.from) / length_ms };
}

static bool see(struct settling *settling, const struct showing *showing, struct problem *problem)
{
    bool instant = showing->at.from == showing->at.to, good = true;
    struct spans there;
    spans_intersect(
        &settling->present, showing->at.from - instant, showing->at.to + instant, &there);
    for (size_t i = 0; good && i < there.count && !(instant && i > 0); i++) {
        struct span at = instant ? showing->at : there.items[i];
        struct span content = content_of(showing, at);
        struct seen *seen = find_seen(settling, showing, problem);
        good = seen && spans_add(&seen->shown, content.from, content.to, CLOSE_GAP_MS, problem);
        if (good && settling->confirmed) {
            let_count(settling, seen, at);
            good = credit_stretch(settling, seen, content, problem);
        }
    }
    spans_release(&there);
    return good;
}

static bool append_record(
    const struct settling *settling, const struct seen *seen, struct problem *problem)
{
    const struct group_event *event = settling->event;
    json_t *record = json_pack("{s:s, s:s, s:s?, s:s?}", "group", settling->group_id, "event",
        event->word, "reason", event->reason, "staff", event->staff_id);
    if (seen)
        (void)json_object_update_new(record,
            json_pack("{s:s, s:I, s:o, s:o, s:o}", "lecture", seen->first->lecture_id, "version",
                (json_int_t)seen->first->version, "shown", spans_to_json(&seen->shown), "credited",
                spans_to_json(&seen->credit.credited), "counted", spans_to_json(&seen->counted)));
    bool good
        = evidence_append(settling->connection, "group", settling->participant_id, record, problem);
    json_decref(record);
    return good;
}

static bool write_seen(
    const struct settling *settling, const struct seen *seen, struct problem *problem)
{
    struct text shown, credited, counted;
    text_init(&shown, SPANS_TEXT_MAX);
    text_init(&credited, SPANS_TEXT_MAX);
    text_init(&counted, SPANS_TEXT_MAX);
    spans_write(&seen->shown, &shown);
    spans_write(&seen->credit.credited, &credited);
    spans_write(&seen->counted, &counted);
    bool good = db_exec(settling->connection, NULL, problem, insert_sql, "ttitttit",
                    settling->participant_id, seen->first->lecture_id, seen->first->version,
                    settling->group_id, shown.bytes, credited.bytes, spans_total(&seen->counted),
                    counted.bytes)
                && append_record(settling, seen, problem);
    text_release(&shown);
    text_release(&credited);
    text_release(&counted);
    return good;
}

static void release_person(struct settling *settling)
{
    for (size_t i = 0; i < settling->seen_count; i++) {
        struct seen *seen = &settling->seen[i];
        spans_release(&seen->shown);
        spans_release(&seen->counted);
        spans_release(&seen->watched_too);
        credit_state_release(&seen->credit);
    }
    free(settling->seen);
    spans_release(&settling->present);
    spans_release(&settling->counted);
    settling->seen = NULL;
    settling->seen_count = 0;
    settling->present = settling->counted = (struct spans){ 0 };
    settling->purse_ms = 0;
}

static bool settle_person(struct settling *settling, const struct settings *settings,
    const char *participant_id, struct problem *problem)
{
    settling->participant_id = participant_id;
    bool good = db_exec(settling->connection, NULL, problem, remove_sql, "tt", settling->group_id,
                    participant_id)
                && read_person(settling, problem);
    for (size_t i = 0; good && i < settling->showing_count; i++)
        good = see(settling, &settling->showings[i], problem);
    for (size_t i = 0; good && i < settling->seen_count; i++)
        good = write_seen(settling, &settling->seen[i], problem);
    if (good && settling->seen_count == 0 && settling->present.count > 0)
        good = append_record(settling, NULL, problem);
    release_person(settling);
    return good && completion_review_groups(settling->connection, settings, participant_id, problem)
           && completion_review_participant(
               settling->connection, settings, participant_id, problem);
}

static bool settle_people(
    struct settling *settling, const struct settings *settings, struct problem *problem)
{
    char(*ids)[UUID_TEXT_SIZE] = NULL;
    size_t count = 0;
    struct db_rows *rows = db_query(settling->connection, people_sql, "t", settling->group_id);
    while (db_next(rows)) {
        ids = memory_resized(ids, count + 1, sizeof *ids);
        (void)snprintf(ids[count++], UUID_TEXT_SIZE, "%s", db_text(rows, 0));
    }
    bool good = db_end(rows, problem);
    for (size_t i = 0; good && i < count; i++)
        good = settle_person(settling, settings, ids[i], problem);
    free(ids);
    return good;
}

bool group_settle(struct db_connection *connection, const struct settings *settings,
    const char *group_id, const struct group_event *event, struct problem *problem)
{
    char cohort_id[UUID_TEXT_SIZE];
    struct settling settling = { .connection = connection,
        .group_id = group_id,
        .event = event,
        .confirmed = text_equal(event->word, "confirmed") };
    bool good = group_cohort(connection, group_id, cohort_id, problem)
                && rule_of_cohort(connection, settings, cohort_id, &settling.rule, problem)
                && read_showings(&settling, problem) && settle_people(&settling, settings, problem);
    free(settling.showings);
    return good;
}
