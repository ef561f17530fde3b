#include "catalog/lecture.h"

#include "base/clock.h"
#include "base/text.h"
#include "catalog/fields.h"
#include "catalog/program.h"
#include "catalog/rows.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static bool put_text(struct db_connection *connection, const char *lecture_id, const char *tag,
    const char *title, const char *description, struct problem *problem)
{
    return field_line("title", title, TITLE_BYTES_MAX, problem)
           && field_text("description", description, DESCRIPTION_BYTES_MAX, problem)
           && db_exec(connection, NULL, problem,
               "INSERT INTO lecture_text (lecture_id, language, title, description)"
               " VALUES ($1, $2, $3, $4)"
               " ON CONFLICT (lecture_id, language)"
               " DO UPDATE SET title = excluded.title, description = excluded.description",
               "tttt", lecture_id, tag, title, description);
}

static bool check_provider(
    struct db_connection *connection, const char *provider_id, struct problem *problem)
{
    bool exists;
    if (!row_exists(
            connection, "SELECT 1 FROM organization WHERE id = $1", provider_id, &exists, problem))
        return false;
    return exists
           || problem_set_field(problem, "provider", "'provider' must be the id of a provider.");
}

bool lecture_add(struct db_connection *connection, const struct lecture_fields *fields,
    char ret_id[UUID_TEXT_SIZE], struct problem *problem)
{
    char tag[LANGUAGE_TAG_SIZE], id[UUID_TEXT_SIZE];
    const char *description = fields->description ? fields->description : "";
    if (!field_language("language", fields->language, tag, problem)
        || !field_line("file_name", fields->file_name, FILE_NAME_BYTES_MAX, problem)
        || (fields->provider_id && !check_provider(connection, fields->provider_id, problem)))
        return false;
    secure_make_uuid(id);
    if (!db_exec(connection, NULL, problem,
            "INSERT INTO lecture (id, state, published, current_version, language, provider_id,"
            "  file_name, created_at_ms)"
            " VALUES ($1, 'preparing', 0, NULL, $2, $3, $4, $5)",
            "tttti", id, tag, fields->provider_id, fields->file_name, clock_now_ms())
        || !put_text(connection, id, tag, fields->title, description, problem))
        return false;
    memcpy(ret_id, id, sizeof id);
    return true;
}

/* The lecture's own language where none is given. */
static bool find_language(struct db_connection *connection, const char *lecture_id,
    const char *language, char ret_tag[LANGUAGE_TAG_SIZE], struct problem *problem)
{
    if (language)
        return field_language("language", language, ret_tag, problem);
    struct db_rows *rows
        = db_query(connection, "SELECT language FROM lecture WHERE id = $1", "t", lecture_id);
    bool found = db_next(rows);
    if (found)
        (void)snprintf(ret_tag, LANGUAGE_TAG_SIZE, "%s", db_text(rows, 0));
    if (!db_end(rows, problem))
        return false;
    return found || problem_set(problem, PROBLEM_NOT_FOUND, "no lecture '%.40s'", lecture_id);
}

bool lecture_change_text(struct db_connection *connection, const char *lecture_id,
    const char *language, const char *title, const char *description, struct problem *problem)
{
    char tag[LANGUAGE_TAG_SIZE];
    char old_title[TITLE_BYTES_MAX + 1], old_description[DESCRIPTION_BYTES_MAX + 1] = "";
    if (!find_language(connection, lecture_id, language, tag, problem)
        || !lecture_require(connection, lecture_id, problem))
        return false;
    struct db_rows *rows = db_query(connection,
        "SELECT title, description FROM lecture_text WHERE lecture_id = $1 AND language = $2", "tt",
        lecture_id, tag);
    if (db_next(rows)) {
        (void)snprintf(old_title, sizeof old_title, "%s", db_text(rows, 0));
        (void)snprintf(old_description, sizeof old_description, "%s", db_text(rows, 1));
        title = title ? title : old_title;
    }
    return db_end(rows, problem)
           && put_text(connection, lecture_id, tag, title,
               description ? description : old_description, problem);
}

bool lecture_publish(struct db_connection *connection, const char *lecture_id, bool published,
    struct problem *problem)
{
    int64_t changed;
    if (!lecture_require(connection, lecture_id, problem)
        || !db_exec(connection, &changed, problem,
            "UPDATE lecture SET published = $2 WHERE id = $1 AND (state = 'ready' OR $2 = 0)", "ti",
            lecture_id, (int64_t)published))
        return false;
    return changed == 1
           || problem_set(
               problem, PROBLEM_CONFLICT, "This lecture is not ready, so it cannot be published.");
}

bool lecture_set_provider(struct db_connection *connection, const char *lecture_id,
    const char *provider_id, struct problem *problem)
{
    return lecture_require(connection, lecture_id, problem)
           && (!provider_id || check_provider(connection, provider_id, problem))
           && db_exec(connection, NULL, problem,
               "UPDATE lecture SET provider_id = $2 WHERE id = $1", "tt", lecture_id, provider_id);
}

static bool check_removable(
    struct db_connection *connection, const char *lecture_id, struct problem *problem)
{
    bool was_ready, at_work;
    if (!row_exists(connection, "SELECT 1 FROM lecture_version WHERE lecture_id = $1", lecture_id,
            &was_ready, problem)
        || !row_exists(connection,
            "SELECT 1 FROM job WHERE lecture_id = $1 AND state IN ('queued', 'running', 'paused')",
            lecture_id, &at_work, problem))
        return false;
    if (was_ready)
        return problem_set(problem, PROBLEM_CONFLICT,
            "A lecture that was ready once stays, because records name it. Unpublish it instead.");
    return !at_work
           || problem_set(problem, PROBLEM_CONFLICT,
               "This lecture is still being prepared. Cancel its job, and then remove it.");
}

bool lecture_remove(
    struct db_connection *connection, const char *lecture_id, struct problem *problem)
{
    /* An upload that lost only its lecture would be handed over once more (upload_rows.h), so its
     * row goes too.  What names a version has no rows: there was none. */
    static const char *const statements[] = {
        "DELETE FROM upload WHERE final_id IN (SELECT id FROM upload WHERE lecture_id = $1)",
        "DELETE FROM upload WHERE lecture_id = $1",
        "DELETE FROM lecture_file WHERE lecture_id = $1",
        "DELETE FROM job WHERE lecture_id = $1",
        "DELETE FROM program_lecture WHERE lecture_id = $1",
        "DELETE FROM caption_track WHERE lecture_id = $1",
        "DELETE FROM lecture_text WHERE lecture_id = $1",
        "DELETE FROM lecture WHERE id = $1",
    };
    if (!lecture_require(connection, lecture_id, problem)
        || !check_removable(connection, lecture_id, problem))
        return false;
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
        if (!db_exec(connection, NULL, problem, statements[i], "t", lecture_id))
            return false;
    return true;
}

void lecture_folder(
    const struct settings *settings, const char *lecture_id, int64_t version, char *ret_path)
{
    (void)snprintf(
        ret_path, PATH_MAX, "%s/lectures/%s/%lld", settings->data, lecture_id, (long long)version);
}
