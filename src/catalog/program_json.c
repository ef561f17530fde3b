#include "catalog/program.h"

#include "catalog/rows.h"
#include "catalog/texts.h"

/*
 * Which programs: $1 names one of them (null: all), $2 the organizer in whose scope they must be
 * (null: nobody's). The scope is in the SQL, so that no caller can forget it.
 */
// clang-format off
#define CHOSEN \
    " WHERE ($1 IS NULL OR p.id = $1)" \
    " AND ($2 IS NULL OR p.id IN (SELECT s.program_id FROM staff_program s WHERE s.staff_id = $2))"

static const char programs_sql[] =
    "SELECT p.id, p.language FROM program p" CHOSEN
    " ORDER BY p.created_at_ms, p.id";
static const char texts_sql[] =
    "SELECT t.program_id, t.language, t.title, t.description"
    " FROM program p JOIN program_text t ON t.program_id = p.id" CHOSEN;
static const char cohorts_sql[] =
    "SELECT c.program_id, c.id, c.name, c.time_zone, c.first_day, c.last_day,"
    "  c.opens_at_ms, c.closes_at_ms,"
    "  (SELECT COUNT(*) FROM participant m WHERE m.cohort_id = c.id)"
    " FROM program p JOIN cohort c ON c.program_id = p.id" CHOSEN
    " ORDER BY c.opens_at_ms, c.created_at_ms, c.id";
static const char lecture_texts_sql[] =
    "SELECT t.lecture_id, t.language, t.title, t.description"
    " FROM lecture_text t"
    " WHERE t.lecture_id IN (SELECT pl.lecture_id FROM program p"
    "  JOIN program_lecture pl ON pl.program_id = p.id" CHOSEN ")";
static const char lectures_sql[] =
    "SELECT pl.program_id, l.id, l.language, l.state, l.published, v.duration_ms"
    " FROM program p"
    " JOIN program_lecture pl ON pl.program_id = p.id"
    " JOIN lecture l ON l.id = pl.lecture_id"
    " LEFT JOIN lecture_version v ON v.lecture_id = l.id AND v.version = l.current_version" CHOSEN
    " ORDER BY pl.program_id, pl.position";
// clang-format on

struct choice {
    struct db_connection *connection;
    const char *program_id; /* NULL: all */
    const char *staff_id;   /* NULL: whoever asks */
    const char *language;
    json_t *programs; /* the list */
    json_t *by_id;    /* the same programs, by id */
};

static struct db_rows *choose(const struct choice *choice, const char *sql)
{
    return db_query(choice->connection, sql, "tt", choice->program_id, choice->staff_id);
}

static bool add_programs(struct choice *choice, struct problem *problem)
{
    json_t *texts = texts_read(choose(choice, texts_sql), problem);
    if (!texts)
        return false;
    struct db_rows *rows = choose(choice, programs_sql);
    while (db_next(rows)) {
        const char *id = db_text(rows, 0);
        struct text_picked text = texts_pick(texts, id, choice->language, db_text(rows, 1));
        json_t *program = json_pack("{s:s, s:s, s:s, s:s, s:o, s:[], s:[]}", "id", id, "title",
            text.title, "description", text.description, "text_language", text.language, "titles",
            texts_json(texts, id), "cohorts", "lectures");
        (void)json_array_append_new(choice->programs, program);
        (void)json_object_set(choice->by_id, id, program);
    }
    json_decref(texts);
    return db_end(rows, problem);
}

static void add_to(
    const struct choice *choice, const char *program_id, const char *list, json_t *member)
{
    json_t *program = json_object_get(choice->by_id, program_id);
    (void)json_array_append_new(json_object_get(program, list), member);
}

static bool add_cohorts(const struct choice *choice, struct problem *problem)
{
    struct db_rows *rows = choose(choice, cohorts_sql);
    while (db_next(rows))
        add_to(choice, db_text(rows, 0), "cohorts",
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "id", db_text(rows, 1), "name",
                db_text(rows, 2), "time_zone", db_text(rows, 3), "first_day", db_text(rows, 4),
                "last_day", db_text(rows, 5), "opens_at_ms", (json_int_t)db_int(rows, 6),
                "closes_at_ms", (json_int_t)db_int(rows, 7), "participant_count",
                (json_int_t)db_int(rows, 8)));
    return db_end(rows, problem);
}

static bool add_lectures(const struct choice *choice, struct problem *problem)
{
    json_t *texts = texts_read(choose(choice, lecture_texts_sql), problem);
    if (!texts)
        return false;
    struct db_rows *rows = choose(choice, lectures_sql);
    while (db_next(rows)) {
        const char *id = db_text(rows, 1);
        struct text_picked text = texts_pick(texts, id, choice->language, db_text(rows, 2));
        add_to(choice, db_text(rows, 0), "lectures",
            json_pack("{s:s, s:s, s:s, s:s, s:b, s:o}", "id", id, "title", text.title,
                "text_language", text.language, "state", db_text(rows, 3), "published",
                db_int(rows, 4) != 0, "duration_ms", row_int(rows, 5)));
    }
    json_decref(texts);
    return db_end(rows, problem);
}

static json_t *read_programs(struct choice *choice, struct problem *problem)
{
    choice->programs = json_array();
    choice->by_id = json_object();
    bool done = add_programs(choice, problem) && add_cohorts(choice, problem)
                && add_lectures(choice, problem);
    json_decref(choice->by_id);
    if (done)
        return choice->programs;
    json_decref(choice->programs);
    return NULL;
}

json_t *programs_json(struct db_connection *connection, const struct caller *caller,
    const char *language, struct problem *problem)
{
    if (caller->role != CALLER_ADMIN && caller->role != CALLER_ORGANIZER)
        return json_array();
    struct choice choice = {
        .connection = connection,
        .staff_id = caller->role == CALLER_ADMIN ? NULL : caller->staff_id,
        .language = language,
    };
    return read_programs(&choice, problem);
}

json_t *program_json(struct db_connection *connection, const char *program_id, const char *language,
    struct problem *problem)
{
    struct choice choice
        = { .connection = connection, .program_id = program_id, .language = language };
    json_t *programs = read_programs(&choice, problem);
    json_t *program = programs ? json_incref(json_array_get(programs, 0)) : NULL;
    if (programs && !program)
        problem_set(problem, PROBLEM_NOT_FOUND, "no program '%.40s'", program_id);
    json_decref(programs);
    return program;
}
