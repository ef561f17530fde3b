#include "catalog/program.h"

#include "base/clock.h"
#include "catalog/fields.h"
#include "catalog/rows.h"

#include <string.h>

enum { LECTURES_MAX = 1000 };

/* Program and lecture texts differ in the table's name only; both are checked here. */
static bool check_text(const char *language, const char *title, const char *description,
    char ret_tag[LANGUAGE_TAG_SIZE], struct problem *problem)
{
    return field_language("language", language, ret_tag, problem)
           && field_line("title", title, TITLE_BYTES_MAX, problem)
           && field_text("description", description, DESCRIPTION_BYTES_MAX, problem);
}

bool program_add(struct db_connection *connection, const char *language, const char *title,
    const char *description, char ret_id[UUID_TEXT_SIZE], struct problem *problem)
{
    char tag[LANGUAGE_TAG_SIZE], id[UUID_TEXT_SIZE];
    description = description ? description : "";
    if (!check_text(language, title, description, tag, problem))
        return false;
    secure_make_uuid(id);
    if (!db_exec(connection, NULL, problem,
            "INSERT INTO program (id, language, created_at_ms) VALUES ($1, $2, $3)", "tti", id, tag,
            clock_now_ms())
        || !program_set_text(connection, id, tag, title, description, problem))
        return false;
    memcpy(ret_id, id, sizeof id);
    return true;
}

bool program_set_text(struct db_connection *connection, const char *program_id,
    const char *language, const char *title, const char *description, struct problem *problem)
{
    static const char sql[]
        = "INSERT INTO program_text (program_id, language, title, description)"
          " VALUES ($1, $2, $3, $4)"
          " ON CONFLICT (program_id, language)"
          " DO UPDATE SET title = excluded.title, description = excluded.description";
    char tag[LANGUAGE_TAG_SIZE];
    description = description ? description : "";
    return check_text(language, title, description, tag, problem)
           && program_require(connection, program_id, problem)
           && db_exec(connection, NULL, problem, sql, "tttt", program_id, tag, title, description);
}

/* Nothing happens where it is in the list already; false with the field named when there is no such
 * lecture. */
static bool put_lecture(struct db_connection *connection, const char *program_id,
    const char *lecture_id, int64_t position, struct problem *problem)
{
    int64_t changed;
    if (!db_exec(connection, &changed, problem,
            "INSERT INTO program_lecture (program_id, lecture_id, position, required)"
            " SELECT $1, id, $3, 1 FROM lecture WHERE id = $2"
            " ON CONFLICT (program_id, lecture_id) DO NOTHING",
            "tti", program_id, lecture_id, position))
        return false;
    return changed == 1
           || problem_set_field(problem, "lectures",
               "'lectures' must name lectures that exist, each once: number %lld does not.",
               (long long)position + 1);
}

bool program_set_lectures(struct db_connection *connection, const char *program_id,
    const char *const *lecture_ids, size_t count, struct problem *problem)
{
    if (count > LECTURES_MAX)
        return problem_set_field(
            problem, "lectures", "'lectures' must be a list of at most %d lectures.", LECTURES_MAX);
    if (!program_require(connection, program_id, problem)
        || !db_exec(connection, NULL, problem, "DELETE FROM program_lecture WHERE program_id = $1",
            "t", program_id))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!put_lecture(connection, program_id, lecture_ids[i], (int64_t)i, problem))
            return false;
    return true;
}

/* Whether it is there already, and else the place after the last. */
static bool find_place(struct db_connection *connection, const char *program_id,
    const char *lecture_id, bool *ret_there, int64_t *ret_position, struct problem *problem)
{
    struct db_rows *rows = db_query(connection,
        "SELECT COALESCE(MAX(position) + 1, 0), COUNT(*),"
        "  COALESCE(MAX(CASE WHEN lecture_id = $2 THEN 1 ELSE 0 END), 0)"
        " FROM program_lecture WHERE program_id = $1",
        "tt", program_id, lecture_id);
    int64_t position = 0, count = 0;
    bool there = false;
    if (db_next(rows)) {
        position = db_int(rows, 0);
        count = db_int(rows, 1);
        there = db_int(rows, 2) == 1;
    }
    if (!db_end(rows, problem))
        return false;
    if (!there && count >= LECTURES_MAX)
        return problem_set_field(
            problem, "lectures", "A program can have at most %d lectures.", LECTURES_MAX);
    *ret_there = there;
    *ret_position = position;
    return true;
}

bool program_add_lecture(struct db_connection *connection, const char *program_id,
    const char *lecture_id, struct problem *problem)
{
    bool there = false;
    int64_t position = 0;
    return program_require(connection, program_id, problem)
           && find_place(connection, program_id, lecture_id, &there, &position, problem)
           && (there || put_lecture(connection, program_id, lecture_id, position, problem));
}
