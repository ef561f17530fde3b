#include "catalog/lecture_json.h"

#include "catalog/chapter.h"
#include "catalog/handout.h"
#include "catalog/lecture.h"
#include "catalog/lecture_file.h"
#include "catalog/rows.h"
#include "catalog/texts.h"

json_t *captions_read(struct db_rows *rows, struct problem *problem)
{
    json_t *captions = json_object();
    while (db_next(rows)) {
        json_t *languages = json_object_get(captions, db_text(rows, 0));
        if (!languages) {
            languages = json_array();
            (void)json_object_set_new(captions, db_text(rows, 0), languages);
        }
        (void)json_array_append_new(languages, json_string(db_text(rows, 1)));
    }
    if (!db_end(rows, problem)) {
        json_decref(captions);
        return NULL;
    }
    return captions;
}

json_t *captions_json(const json_t *captions, const char *lecture_id)
{
    json_t *languages = json_object_get(captions, lecture_id);
    return languages ? json_incref(languages) : json_array();
}

/* Each SQL text exists for every selection: all, one by its key ($1), an organizer's ($1). */
// clang-format off
#define LECTURES(filter) \
    "SELECT l.id, l.language, l.state, l.published, l.current_version, v.duration_ms," \
    "  l.file_name, o.name, o.id, v.report, l.created_at_ms," \
    "  v.original_bytes, v.ready_at_ms, " JOB_COLUMNS \
    " FROM lecture l" \
    " LEFT JOIN lecture_version v ON v.lecture_id = l.id AND v.version = l.current_version" \
    " LEFT JOIN organization o ON o.id = l.provider_id" \
    " LEFT JOIN job j ON j.id =" \
    "  (SELECT newest.id FROM job newest WHERE newest.lecture_id = l.id AND newest.kind = 'prepare'" \
    "   ORDER BY CASE WHEN newest.state IN ('queued', 'running', 'paused') THEN 0 ELSE 1 END," \
    "    newest.created_at_ms DESC, newest.id DESC LIMIT 1)" \
    filter \
    " ORDER BY l.created_at_ms DESC, l.id DESC"
#define LECTURE_TEXTS(filter) \
    "SELECT l.lecture_id, l.language, l.title, l.description FROM lecture_text l" filter
#define LECTURE_CAPTIONS(filter) \
    "SELECT l.lecture_id, l.language FROM caption_track l" filter \
    " ORDER BY l.lecture_id, l.language"
#define LECTURE_CHAPTERS(filter) \
    "SELECT l.lecture_id, l.start_ms, l.language, l.title FROM chapter l" filter \
    " ORDER BY l.lecture_id, l.start_ms, l.language"
#define LECTURE_HANDOUTS(filter) \
    "SELECT l.lecture_id, l.id, l.file_name, l.content_type, l.size_bytes FROM handout l" filter \
    " ORDER BY l.lecture_id, l.created_at_ms, l.id"
#define IN_SCOPE \
    " IN (SELECT pl.lecture_id FROM program_lecture pl" \
    "  JOIN staff_program s ON s.program_id = pl.program_id WHERE s.staff_id = $1)"

struct selection {
    const char *lectures, *texts, *captions, *chapters, *handouts;
    const char *types;
};
static const struct selection all_of_them = {
    LECTURES(""), LECTURE_TEXTS(""), LECTURE_CAPTIONS(""), LECTURE_CHAPTERS(""),
    LECTURE_HANDOUTS(""), ""
};
static const struct selection one_of_them = {
    LECTURES(" WHERE l.id = $1"),
    LECTURE_TEXTS(" WHERE l.lecture_id = $1"),
    LECTURE_CAPTIONS(" WHERE l.lecture_id = $1"),
    LECTURE_CHAPTERS(" WHERE l.lecture_id = $1"),
    LECTURE_HANDOUTS(" WHERE l.lecture_id = $1"), "t"
};
static const struct selection those_in_scope = {
    LECTURES(" WHERE l.id" IN_SCOPE),
    LECTURE_TEXTS(" WHERE l.lecture_id" IN_SCOPE),
    LECTURE_CAPTIONS(" WHERE l.lecture_id" IN_SCOPE),
    LECTURE_CHAPTERS(" WHERE l.lecture_id" IN_SCOPE),
    LECTURE_HANDOUTS(" WHERE l.lecture_id" IN_SCOPE), "t"
};
// clang-format on

enum { ORIGINAL_COLUMN = 11, VERSION_AT_COLUMN = 12, JOB_COLUMN = 13 };

static json_t *file_json(const json_t *files, const char *lecture_id)
{
    json_t *file = json_object_get(files, lecture_id);
    return file ? json_incref(file) : json_null();
}

/* What lectures have in other tables, each {lecture id: ...}. */
struct parts {
    json_t *files, *texts, *captions, *chapters, *handouts;
};

static json_t *lecture_of_row(struct db_rows *rows, const struct parts *parts, const char *language)
{
    const char *id = db_text(rows, 0), *own = db_text(rows, 1);
    struct text_picked text = texts_pick(parts->texts, id, language, own);
    bool has_job = !db_is_null(rows, JOB_COLUMN);
    int report_column = db_is_null(rows, 9) ? JOB_COLUMN + 5 : 9;
    json_t *lecture = json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:b}", "id", id, "title",
        text.title, "description", text.description, "text_language", text.language, "titles",
        texts_json(parts->texts, id), "language", own, "state", db_text(rows, 2), "published",
        db_int(rows, 3) != 0);
    json_t *rest = json_pack("{s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I}",
        "version", row_int(rows, 4), "version_at_ms", row_int(rows, VERSION_AT_COLUMN),
        "duration_ms", row_int(rows, 5), "file_name", db_text(rows, 6), "file",
        file_json(parts->files, id), "provider", row_text(rows, 7), "provider_id",
        row_text(rows, 8), "captions", captions_json(parts->captions, id), "job",
        has_job ? job_of_row(rows, JOB_COLUMN) : json_null(), "report",
        row_json(rows, report_column), "original_bytes", row_int(rows, ORIGINAL_COLUMN),
        "created_at_ms", (json_int_t)db_int(rows, 10));
    (void)json_object_update(lecture, rest);
    (void)json_object_set_new(
        lecture, "chapters", chapters_picked(parts->chapters, id, language, own, true));
    (void)json_object_set_new(lecture, "handouts", handouts_json(parts->handouts, id));
    json_decref(rest);
    return lecture;
}

/* id: $1 of the selection. */
static bool read_parts(struct db_connection *connection, const struct selection *selection,
    const char *id, struct parts *parts, struct problem *problem)
{
    const char *types = selection->types;
    /* Of an organizer's lectures nobody is told which others there are. */
    parts->files = selection == &those_in_scope ? json_object()
                                                : lecture_files_json(connection, id, problem);
    parts->texts = texts_read(db_query(connection, selection->texts, types, id), problem);
    parts->captions = captions_read(db_query(connection, selection->captions, types, id), problem);
    parts->chapters = chapters_read(db_query(connection, selection->chapters, types, id), problem);
    parts->handouts = handouts_read(db_query(connection, selection->handouts, types, id), problem);
    return parts->files && parts->texts && parts->captions && parts->chapters && parts->handouts;
}

static void parts_release(struct parts *parts)
{
    json_decref(parts->files);
    json_decref(parts->texts);
    json_decref(parts->captions);
    json_decref(parts->chapters);
    json_decref(parts->handouts);
}

static json_t *read_lectures(struct db_connection *connection, const struct selection *selection,
    const char *id, const char *language, struct problem *problem)
{
    struct parts parts = { 0 };
    json_t *lectures = NULL;
    if (read_parts(connection, selection, id, &parts, problem)) {
        lectures = json_array();
        struct db_rows *rows = db_query(connection, selection->lectures, selection->types, id);
        while (db_next(rows))
            (void)json_array_append_new(lectures, lecture_of_row(rows, &parts, language));
        if (!db_end(rows, problem)) {
            json_decref(lectures);
            lectures = NULL;
        }
    }
    parts_release(&parts);
    return lectures;
}

json_t *lectures_json(
    struct db_connection *connection, const char *language, struct problem *problem)
{
    return read_lectures(connection, &all_of_them, NULL, language, problem);
}

json_t *lectures_of_json(struct db_connection *connection, const struct caller *caller,
    const char *language, struct problem *problem)
{
    if (caller->role == CALLER_ADMIN)
        return lectures_json(connection, language, problem);
    if (caller->role == CALLER_ORGANIZER)
        return read_lectures(connection, &those_in_scope, caller->staff_id, language, problem);
    return json_array();
}

json_t *lecture_json(struct db_connection *connection, const char *lecture_id, const char *language,
    struct problem *problem)
{
    json_t *lectures = read_lectures(connection, &one_of_them, lecture_id, language, problem);
    json_t *lecture = lectures ? json_incref(json_array_get(lectures, 0)) : NULL;
    if (lectures && !lecture)
        problem_set(problem, PROBLEM_NOT_FOUND, "no lecture '%.40s'", lecture_id);
    json_decref(lectures);
    return lecture;
}
