#include "viewing/achievement.h"

#include "base/clock.h"
#include "base/memory.h"
#include "viewing/decision.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
/* A row a participant and lecture of the program.  Listed: as in a report. */
#define ROWS_SQL                                                                                    \
    "SELECT participant.id, program_lecture.required, lecture.published, lecture_version.duration_ms," \
    "       completion.completed_at_ms, completion_decision.verdict, completion_decision.decided_at_ms," \
    "       cohort.closes_at_ms,"                                                                   \
    "       CASE WHEN lecture_version.version IS NULL THEN 0"                                       \
    "            WHEN lecture.published = 1 THEN 1"                                                 \
    "            WHEN EXISTS (SELECT 1 FROM participant AS other"                                   \
    "                   JOIN viewing ON viewing.participant_id = other.id"                          \
    "                  WHERE other.cohort_id = cohort.id AND viewing.lecture_id = lecture.id) THEN 1" \
    "            ELSE 0 END"                                                                        \
    "  FROM participant"                                                                            \
    "  JOIN cohort ON cohort.id = participant.cohort_id"                                            \
    "  LEFT JOIN program_lecture ON program_lecture.program_id = cohort.program_id"                 \
    "  LEFT JOIN lecture ON lecture.id = program_lecture.lecture_id"                                \
    "  LEFT JOIN lecture_version ON lecture_version.lecture_id = lecture.id"                        \
    "   AND lecture_version.version = lecture.current_version"                                      \
    "  LEFT JOIN completion ON completion.participant_id = participant.id"                          \
    "   AND completion.lecture_id = lecture.id"                                                     \
    "  LEFT JOIN completion_decision ON completion_decision.participant_id = participant.id"        \
    "   AND completion_decision.lecture_id = lecture.id AND completion_decision.ended_at_ms IS NULL" \
    " WHERE NOT EXISTS (SELECT 1 FROM erasure WHERE erasure.participant_id = participant.id)"
static const char of_cohort_sql[] =
    ROWS_SQL " AND participant.cohort_id = $1 ORDER BY participant.id";
static const char of_participant_sql[] =
    ROWS_SQL " AND participant.id = $1";
// clang-format on

/* A participant whose rows are being read: both ways of counting, until it is known which one it is. */
struct counting {
    struct achievement demanded; /* required and published */
    struct achievement listed;
};

static struct achievement *next_place(struct achievements *achievements)
{
    if (achievements->count == achievements->capacity) {
        achievements->capacity = achievements->capacity ? achievements->capacity * 2 : 16;
        achievements->items = memory_resized(
            achievements->items, achievements->capacity, sizeof *achievements->items);
    }
    return &achievements->items[achievements->count++];
}

static void end_person(struct achievements *achievements, const struct counting *counting)
{
    if (counting->listed.participant_id[0] == '\0')
        return;
    struct achievement *person = next_place(achievements);
    *person = counting->demanded.demanded > 0 ? counting->demanded : counting->listed;
    (void)snprintf(person->participant_id, UUID_TEXT_SIZE, "%s", counting->listed.participant_id);
    person->to_come = counting->listed.to_come;
}

/* By hand or by the rule, as progress.c has it; 0: not complete. */
static int64_t completed_at(struct db_rows *rows)
{
    enum verdict verdict = verdict_of(db_text(rows, 5));
    bool by_rule = !db_is_null(rows, 4);
    if (verdict == VERDICT_NONE ? !by_rule : verdict != VERDICT_ACCEPTED)
        return 0;
    return by_rule ? db_int(rows, 4) : db_int(rows, 6);
}

static void count_lecture(struct achievement *sum, struct db_rows *rows)
{
    int64_t at_ms = completed_at(rows);
    sum->demanded++;
    sum->content_ms += db_int(rows, 3);
    if (at_ms == 0)
        return;
    sum->completed++;
    if (at_ms > sum->completed_at_ms)
        sum->completed_at_ms = at_ms;
}

static void add_row(struct counting *counting, struct db_rows *rows, int64_t now_ms)
{
    bool required = db_int(rows, 1) != 0, published = db_int(rows, 2) != 0;
    bool listed = db_int(rows, 8) != 0;
    if (listed)
        count_lecture(&counting->listed, rows);
    if (listed && required && published)
        count_lecture(&counting->demanded, rows);
    if (required && !published && now_ms < db_int(rows, 7))
        counting->listed.to_come++;
}

bool achievements_read(struct db_connection *connection, const char *cohort_id,
    const char *participant_id, struct achievements *ret_achievements, struct problem *problem)
{
    struct achievements achievements = { 0 };
    struct counting counting = { 0 };
    int64_t now_ms = clock_now_ms();
    struct db_rows *rows = participant_id
                               ? db_query(connection, of_participant_sql, "t", participant_id)
                               : db_query(connection, of_cohort_sql, "t", cohort_id);
    while (db_next(rows)) {
        if (strcmp(counting.listed.participant_id, db_text(rows, 0)) != 0) {
            end_person(&achievements, &counting);
            counting = (struct counting){ 0 };
            (void)snprintf(counting.listed.participant_id, UUID_TEXT_SIZE, "%s", db_text(rows, 0));
        }
        add_row(&counting, rows, now_ms);
    }
    end_person(&achievements, &counting);
    if (db_end(rows, problem)) {
        *ret_achievements = achievements;
        return true;
    }
    achievements_release(&achievements);
    return false;
}

void achievements_release(struct achievements *achievements)
{
    free(achievements->items);
    *achievements = (struct achievements){ 0 };
}

bool achievement_is_complete(const struct achievement *achievement)
{
    return achievement && achievement->demanded > 0 && achievement->to_come == 0
           && achievement->completed == achievement->demanded;
}

static int compare(const void *left, const void *right)
{
    const struct achievement *first = left, *second = right;
    return strcmp(first->participant_id, second->participant_id);
}

const struct achievement *achievements_find(
    const struct achievements *achievements, const char *participant_id)
{
    struct achievement key;
    (void)snprintf(key.participant_id, UUID_TEXT_SIZE, "%s", participant_id);
    return achievements->count == 0 ? NULL
                                    : bsearch(&key, achievements->items, achievements->count,
                                        sizeof *achievements->items, compare);
}
