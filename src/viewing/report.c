#include "viewing/report.h"

#include "base/memory.h"
#include "base/secure.h"
#include "viewing/progress.h"
#include "viewing/rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
static const char cohort_sql[] =
    "SELECT name, program_id, first_day, last_day, time_zone FROM cohort WHERE id = $1";
static const char lectures_sql[] =
    "SELECT lecture.id, lecture_version.duration_ms, program_lecture.required, lecture.published,"
    "       lecture.current_version, COALESCE("
    "         (SELECT title FROM lecture_text WHERE lecture_id = lecture.id AND language = $2),"
    "         (SELECT title FROM lecture_text"
    "           WHERE lecture_id = lecture.id AND lecture_text.language = lecture.language),"
    "         (SELECT MIN(title) FROM lecture_text WHERE lecture_id = lecture.id))"
    "  FROM cohort"
    "  JOIN program_lecture ON program_lecture.program_id = cohort.program_id"
    "  JOIN lecture ON lecture.id = program_lecture.lecture_id"
    "  JOIN lecture_version ON lecture_version.lecture_id = lecture.id"
    "   AND lecture_version.version = lecture.current_version"
    " WHERE cohort.id = $1"
    "   AND (lecture.published = 1 OR EXISTS"
    "        (SELECT 1 FROM participant JOIN viewing ON viewing.participant_id = participant.id"
    "          WHERE participant.cohort_id = $1 AND viewing.lecture_id = lecture.id))"
    " ORDER BY program_lecture.position, lecture.id";
static const char participants_sql[] =
    "SELECT id, name, country, gender, group_name FROM participant WHERE cohort_id = $1 ORDER BY name, id";
static const char viewing_sql[] =
    "SELECT viewing.participant_id, viewing.lecture_id, viewing.version, viewing.claimed, viewing.delivered,"
    "       viewing.credited, viewing.position_ms, viewing.last_at_ms, viewing.withheld"
    "  FROM participant"
    "  JOIN viewing ON viewing.participant_id = participant.id"
    " WHERE participant.cohort_id = $1";
static const char groups_sql[] =
    "SELECT viewing_group_credit.participant_id, viewing_group_credit.lecture_id, viewing_group_credit.version,"
    "       viewing_group_credit.shown, viewing_group_credit.credited, viewing_group_decision.verdict"
    "  FROM participant"
    "  JOIN viewing_group_credit ON viewing_group_credit.participant_id = participant.id"
    "  LEFT JOIN viewing_group_decision ON viewing_group_decision.group_id = viewing_group_credit.group_id"
    "   AND viewing_group_decision.ended_at_ms IS NULL"
    " WHERE participant.cohort_id = $1";
static const char completion_sql[] =
    "SELECT completion.participant_id, completion.lecture_id, completion.completed_at_ms"
    "  FROM participant"
    "  JOIN completion ON completion.participant_id = participant.id"
    " WHERE participant.cohort_id = $1";
static const char decision_sql[] =
    "SELECT completion_decision.participant_id, completion_decision.lecture_id, completion_decision.verdict,"
    "       completion_decision.reason, completion_decision.decided_at_ms"
    "  FROM participant"
    "  JOIN completion_decision ON completion_decision.participant_id = participant.id"
    "   AND completion_decision.ended_at_ms IS NULL"
    " WHERE participant.cohort_id = $1";
// clang-format on

struct report_lecture {
    char id[UUID_TEXT_SIZE];
    int64_t version; /* that is shown: the current one */
    int64_t duration_ms;
    bool counts; /* for having completed all */
};
struct report_person {
    char id[UUID_TEXT_SIZE];
    size_t row; /* of cells */
};
struct report {
    struct db_connection *connection;
    const char *cohort_id;
    json_t *cohort, *lectures_json, *people_json, *countries;
    struct report_lecture *lectures;
    size_t lecture_count;
    struct report_person *people; /* by id */
    size_t person_count;
    size_t women, completed_all, accepted_by_hand;
    struct progress *cells; /* a row a person in the order of people_json, a column a lecture */
};

static void release(struct report *report)
{
    for (size_t i = 0; report->cells && i < report->person_count * report->lecture_count; i++)
        progress_release(&report->cells[i]);
    free(report->cells);
    free(report->people);
    free(report->lectures);
    json_decref(report->cohort);
    json_decref(report->lectures_json);
    json_decref(report->people_json);
    json_decref(report->countries);
}

static json_t *nullable(const char *text)
{
    return text ? json_string(text) : json_null();
}

static bool read_rule(struct report *report, struct problem *problem)
{
    struct completion_rule rule;
    if (!rule_of_cohort(report->connection, NULL, report->cohort_id, &rule, problem))
        return false;
    (void)json_object_set_new(
        report->cohort, "rule", rule.version > 0 ? rule_json(&rule) : json_null());
    return true;
}

static bool read_cohort(struct report *report, struct problem *problem)
{
    struct db_rows *rows = db_query(report->connection, cohort_sql, "t", report->cohort_id);
    if (db_next(rows))
        report->cohort = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "id", report->cohort_id,
            "name", db_text(rows, 0), "program_id", db_text(rows, 1), "first_day", db_text(rows, 2),
            "last_day", db_text(rows, 3), "time_zone", db_text(rows, 4));
    if (!db_end(rows, problem))
        return false;
    if (!report->cohort)
        return problem_set(problem, PROBLEM_NOT_FOUND, "no cohort '%.40s'", report->cohort_id);
    return read_rule(report, problem);
}

static void add_lecture(struct report *report, struct db_rows *rows)
{
    report->lectures
        = memory_resized(report->lectures, report->lecture_count + 1, sizeof *report->lectures);
    struct report_lecture *lecture = &report->lectures[report->lecture_count++];
    bool required = db_int(rows, 2) != 0;
    bool published = db_int(rows, 3) != 0;
    (void)snprintf(lecture->id, sizeof lecture->id, "%s", db_text(rows, 0));
    lecture->version = db_int(rows, 4);
    lecture->duration_ms = db_int(rows, 1);
    lecture->counts = required && published;
    (void)json_array_append_new(report->lectures_json,
        json_pack("{s:s, s:o, s:I, s:b, s:b}", "id", lecture->id, "title",
            nullable(db_text(rows, 5)), "duration_ms", (json_int_t)lecture->duration_ms, "required",
            required, "published", published));
}

static bool read_lectures(struct report *report, const char *language, struct problem *problem)
{
    struct db_rows *rows
        = db_query(report->connection, lectures_sql, "tt", report->cohort_id, language);
    bool any_counts = false;
    while (db_next(rows)) {
        add_lecture(report, rows);
        any_counts = any_counts || report->lectures[report->lecture_count - 1].counts;
    }
    for (size_t i = 0; !any_counts && i < report->lecture_count; i++)
        report->lectures[i].counts = true;
    return db_end(rows, problem);
}

static void count_person(struct report *report, const char *country, const char *gender)
{
    if (text_equal(gender, "female"))
        report->women++;
    if (!country)
        return;
    json_int_t others = json_integer_value(json_object_get(report->countries, country));
    (void)json_object_set_new(report->countries, country, json_integer(others + 1));
}

static void add_person(struct report *report, struct db_rows *rows)
{
    size_t row = report->person_count++;
    if ((row & (row + 1)) == 0) /* room for twice as many, whenever that is used up */
        report->people = memory_resized(report->people, (row + 1) * 2, sizeof *report->people);
    struct report_person *person = &report->people[row];
    person->row = row;
    (void)snprintf(person->id, sizeof person->id, "%s", db_text(rows, 0));
    json_t *json = json_pack("{s:s, s:s}", "id", person->id, "name", db_text(rows, 1));
    (void)json_object_set_new(json, "country", nullable(db_text(rows, 2)));
    (void)json_object_set_new(json, "gender", nullable(db_text(rows, 3)));
    (void)json_object_set_new(json, "group", nullable(db_text(rows, 4)));
    (void)json_array_append_new(report->people_json, json);
    const char *country = json_string_value(json_object_get(json, "country"));
    count_person(report, country, json_string_value(json_object_get(json, "gender")));
}

static int compare_people(const void *left, const void *right)
{
    const struct report_person *first = left;
    const struct report_person *second = right;
    return strcmp(first->id, second->id);
}

static bool read_people(struct report *report, struct problem *problem)
{
    struct db_rows *rows = db_query(report->connection, participants_sql, "t", report->cohort_id);
    while (db_next(rows))
        add_person(report, rows);
    if (report->person_count > 1)
        qsort(report->people, report->person_count, sizeof *report->people, compare_people);
    report->cells
        = memory_zeroed(report->person_count * report->lecture_count, sizeof *report->cells);
    return db_end(rows, problem);
}

struct cell {
    struct progress *progress; /* NULL for what is not in the report */
    const struct report_lecture *lecture;
};

static struct cell find_cell(
    const struct report *report, const char *participant_id, const char *lecture_id)
{
    struct report_person key;
    (void)snprintf(key.id, sizeof key.id, "%s", participant_id);
    const struct report_person *person = report->person_count == 0
                                             ? NULL
                                             : bsearch(&key, report->people, report->person_count,
                                                 sizeof *report->people, compare_people);
    for (size_t i = 0; person && i < report->lecture_count; i++)
        if (strcmp(report->lectures[i].id, lecture_id) == 0)
            return (struct cell){ &report->cells[person->row * report->lecture_count + i],
                &report->lectures[i] };
    return (struct cell){ 0 };
}

static bool read_viewing(struct report *report, struct problem *problem)
{
    struct timelines timelines;
    if (!timelines_read(report->connection, NULL, &timelines, problem))
        return false;
    struct db_rows *rows = db_query(report->connection, viewing_sql, "t", report->cohort_id);
    bool good = true;
    while (good && db_next(rows)) {
        struct cell cell = find_cell(report, db_text(rows, 0), db_text(rows, 1));
        good = !cell.progress
               || progress_add(cell.progress, rows, 2, &timelines, cell.lecture->id,
                   cell.lecture->version, problem);
    }
    good = db_end(rows, problem) && good;
    rows = db_query(report->connection, groups_sql, "t", report->cohort_id);
    while (good && db_next(rows)) {
        struct cell cell = find_cell(report, db_text(rows, 0), db_text(rows, 1));
        good = !cell.progress
               || progress_add_group(cell.progress, rows, 2, &timelines, cell.lecture->id,
                   cell.lecture->version, problem);
    }
    timelines_release(&timelines);
    return db_end(rows, problem) && good;
}

static bool read_decisions(struct report *report, struct problem *problem)
{
    struct db_rows *rows = db_query(report->connection, decision_sql, "t", report->cohort_id);
    while (db_next(rows)) {
        struct progress *progress = find_cell(report, db_text(rows, 0), db_text(rows, 1)).progress;
        if (progress)
            progress_decide(progress, db_text(rows, 2), db_text(rows, 3), db_int(rows, 4));
    }
    return db_end(rows, problem);
}

static bool read_completions(struct report *report, struct problem *problem)
{
    struct db_rows *rows = db_query(report->connection, completion_sql, "t", report->cohort_id);
    while (db_next(rows)) {
        struct progress *progress = find_cell(report, db_text(rows, 0), db_text(rows, 1)).progress;
        if (progress) {
            progress->completed = true;
            progress->completed_at_ms = db_int(rows, 2);
        }
    }
    return db_end(rows, problem);
}

static void add_cells(struct report *report)
{
    for (size_t row = 0; row < report->person_count; row++) {
        json_t *cells = json_array();
        bool all = report->lecture_count > 0;
        for (size_t i = 0; i < report->lecture_count; i++) {
            const struct report_lecture *lecture = &report->lectures[i];
            const struct progress *cell = &report->cells[row * report->lecture_count + i];
            bool complete = progress_is_complete(cell);
            all = all && (complete || !lecture->counts);
            report->accepted_by_hand += complete && !cell->completed;
            (void)json_array_append_new(
                cells, progress_json(cell, lecture->id, lecture->duration_ms));
        }
        (void)json_object_set_new(json_array_get(report->people_json, row), "lectures", cells);
        report->completed_all += all;
    }
}

static json_t *whole(const struct report *report)
{
    return json_pack("{s:O, s:O, s:O, s:{s:I, s:I, s:I, s:I, s:O}}", "cohort", report->cohort,
        "lectures", report->lectures_json, "participants", report->people_json, "totals",
        "participants", (json_int_t)report->person_count, "women", (json_int_t)report->women,
        "completed_all", (json_int_t)report->completed_all, "accepted_by_hand",
        (json_int_t)report->accepted_by_hand, "countries", report->countries);
}

json_t *report_cohort(struct db_connection *connection, const char *cohort_id, const char *language,
    struct problem *problem)
{
    struct report report = { .connection = connection,
        .cohort_id = cohort_id,
        .lectures_json = json_array(),
        .people_json = json_array(),
        .countries = json_object() };
    json_t *json = NULL;
    if (read_cohort(&report, problem) && read_lectures(&report, language, problem)
        && read_people(&report, problem) && read_viewing(&report, problem)
        && read_completions(&report, problem) && read_decisions(&report, problem)) {
        add_cells(&report);
        json = whole(&report);
    }
    release(&report);
    return json;
}
