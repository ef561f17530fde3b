/* What a participant's page shows. */
#include "catalog/chapter.h"
#include "catalog/handout.h"
#include "catalog/lecture.h"
#include "catalog/lecture_json.h"
#include "catalog/program.h"
#include "catalog/rows.h"
#include "catalog/texts.h"

/* The participant and the cohort. */
// clang-format off
static const char self_sql[] =
    "SELECT m.id, m.name, m.language, c.program_id, p.language,"
    "  c.id, c.name, c.time_zone, c.first_day, c.last_day, c.opens_at_ms, c.closes_at_ms"
    " FROM participant m"
    " JOIN cohort c ON c.id = m.cohort_id"
    " JOIN program p ON p.id = c.program_id"
    " WHERE m.id = $1";
static const char program_texts_sql[] =
    "SELECT program_id, language, title, description FROM program_text WHERE program_id = $1";
/* Shown: in the program, published and ready. */
#define SHOWN \
    " JOIN lecture l ON l.id = pl.lecture_id AND l.published = 1 AND l.state = 'ready'" \
    " WHERE pl.program_id = $1"
static const char lectures_sql[] =
    "SELECT shown.id, shown.language, shown.current_version, v.duration_ms, o.name, shown.required"
    " FROM (SELECT l.id, l.language, l.current_version, l.provider_id, pl.required, pl.position"
    "  FROM program_lecture pl" SHOWN ") shown"
    " JOIN lecture_version v ON v.lecture_id = shown.id AND v.version = shown.current_version"
    " LEFT JOIN organization o ON o.id = shown.provider_id"
    " ORDER BY shown.position";
static const char lecture_texts_sql[] =
    "SELECT lecture_id, language, title, description FROM lecture_text"
    " WHERE lecture_id IN (SELECT l.id FROM program_lecture pl" SHOWN ")";
static const char captions_sql[] =
    "SELECT lecture_id, language FROM caption_track"
    " WHERE lecture_id IN (SELECT l.id FROM program_lecture pl" SHOWN ")"
    " ORDER BY lecture_id, language";
static const char chapters_sql[] =
    "SELECT lecture_id, start_ms, language, title FROM chapter"
    " WHERE lecture_id IN (SELECT l.id FROM program_lecture pl" SHOWN ")"
    " ORDER BY lecture_id, start_ms, language";
static const char handouts_sql[] =
    "SELECT lecture_id, id, file_name, content_type, size_bytes FROM handout"
    " WHERE lecture_id IN (SELECT l.id FROM program_lecture pl" SHOWN ")"
    " ORDER BY lecture_id, created_at_ms, id";
// clang-format on

/* What lectures have in other tables, each {lecture id: ...}. */
struct parts {
    json_t *texts, *captions, *chapters, *handouts;
};

static json_t *cohort_of_row(struct db_rows *rows, const struct settings *settings)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "id", db_text(rows, 5), "name",
        db_text(rows, 6), "time_zone", db_text(rows, 7), "first_day", db_text(rows, 8), "last_day",
        db_text(rows, 9), "opens_at_ms", (json_int_t)db_int(rows, 10), "closes_at_ms",
        (json_int_t)db_int(rows, 11), "open_until_ms",
        (json_int_t)cohort_open_until_ms(settings, db_int(rows, 11)));
}

/* Everything but the program's texts and the lectures; ret_own is the program's own language. */
static json_t *read_self(struct db_connection *connection, const struct settings *settings,
    const char *participant_id, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, self_sql, "t", participant_id);
    json_t *self = NULL;
    if (db_next(rows))
        self = json_pack("{s:s, s:s, s:s, s:{s:s, s:s}, s:o, s:[]}", "id", db_text(rows, 0), "name",
            db_text(rows, 1), "language", db_text(rows, 2), "program", "id", db_text(rows, 3),
            "language", db_text(rows, 4), "cohort", cohort_of_row(rows, settings), "lectures");
    if (!db_end(rows, problem)) {
        json_decref(self);
        return NULL;
    }
    if (!self)
        problem_set(problem, PROBLEM_NOT_FOUND, "no participant '%.40s'", participant_id);
    return self;
}

/* The program's own language makes place for its title in the best one. */
static bool add_program_text(struct db_connection *connection, json_t *program,
    const char *language, struct problem *problem)
{
    const char *id = json_string_value(json_object_get(program, "id"));
    const char *own = json_string_value(json_object_get(program, "language"));
    json_t *texts = texts_read(db_query(connection, program_texts_sql, "t", id), problem);
    if (!texts)
        return false;
    struct text_picked text = texts_pick(texts, id, language, own);
    (void)json_object_set_new(program, "title", json_string(text.title));
    (void)json_object_set_new(program, "description", json_string(text.description));
    (void)json_object_set_new(program, "text_language", json_string(text.language));
    (void)json_object_del(program, "language");
    json_decref(texts);
    return true;
}

static json_t *lecture_of_row(struct db_rows *rows, const struct parts *parts, const char *language)
{
    const char *id = db_text(rows, 0), *own = db_text(rows, 1);
    struct text_picked text = texts_pick(parts->texts, id, language, own);
    return json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:o, s:I, s:o, s:o, s:o, s:b, s:b}", "id", id,
        "version", (json_int_t)db_int(rows, 2), "title", text.title, "description",
        text.description, "text_language", text.language, "language", own, "provider",
        row_text(rows, 4), "duration_ms", (json_int_t)db_int(rows, 3), "captions",
        captions_json(parts->captions, id), "chapters",
        chapters_picked(parts->chapters, id, language, own, false), "handouts",
        handouts_json(parts->handouts, id), "required", db_int(rows, 5) != 0, "ready", true);
}

static bool add_lectures(struct db_connection *connection, const char *program_id, json_t *lectures,
    const char *language, struct problem *problem)
{
    bool done = false;
    struct parts parts = {
        texts_read(db_query(connection, lecture_texts_sql, "t", program_id), problem),
        captions_read(db_query(connection, captions_sql, "t", program_id), problem),
        chapters_read(db_query(connection, chapters_sql, "t", program_id), problem),
        handouts_read(db_query(connection, handouts_sql, "t", program_id), problem),
    };
    if (parts.texts && parts.captions && parts.chapters && parts.handouts) {
        struct db_rows *rows = db_query(connection, lectures_sql, "t", program_id);
        while (db_next(rows))
            (void)json_array_append_new(lectures, lecture_of_row(rows, &parts, language));
        done = db_end(rows, problem);
    }
    json_decref(parts.texts);
    json_decref(parts.captions);
    json_decref(parts.chapters);
    json_decref(parts.handouts);
    return done;
}

json_t *participant_program_json(struct db_connection *connection, const struct settings *settings,
    const struct caller *caller, const char *language, struct problem *problem)
{
    json_t *self = read_self(connection, settings, caller->participant_id, problem);
    json_t *program = json_object_get(self, "program");
    if (!language)
        language = json_string_value(json_object_get(self, "language"));
    const char *program_id = json_string_value(json_object_get(program, "id"));
    if (!self || !add_program_text(connection, program, language, problem)
        || !add_lectures(
            connection, program_id, json_object_get(self, "lectures"), language, problem)) {
        json_decref(self);
        return NULL;
    }
    return self;
}
