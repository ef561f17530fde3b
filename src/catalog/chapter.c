#include "catalog/chapter.h"

#include "base/json.h"
#include "catalog/fields.h"
#include "catalog/rows.h"
#include "catalog/texts.h"
#include "media/caption_times.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- reading ---------------------------------------------------------------------------------- */

json_t *chapters_read(struct db_rows *rows, struct problem *problem)
{
    json_t *all = json_object();
    while (db_next(rows)) {
        json_t *chapters = json_object_get(all, db_text(rows, 0));
        if (!chapters) {
            chapters = json_array();
            (void)json_object_set_new(all, db_text(rows, 0), chapters);
        }
        json_int_t start_ms = db_int(rows, 1);
        json_t *last = json_array_get(chapters, json_array_size(chapters) - 1);
        if (!last || json_integer_value(json_object_get(last, "start_ms")) != start_ms) {
            last = json_pack("{s:I, s:{}}", "start_ms", start_ms, "titles");
            (void)json_array_append_new(chapters, last);
        }
        (void)json_object_set_new(
            json_object_get(last, "titles"), db_text(rows, 2), json_string(db_text(rows, 3)));
    }
    if (!db_end(rows, problem)) {
        json_decref(all);
        return NULL;
    }
    return all;
}

json_t *chapters_json(
    struct db_connection *connection, const char *lecture_id, struct problem *problem)
{
    json_t *all = chapters_read(
        db_query(connection,
            "SELECT lecture_id, start_ms, language, title FROM chapter WHERE lecture_id = $1"
            " ORDER BY start_ms, language",
            "t", lecture_id),
        problem);
    if (!all)
        return NULL;
    json_t *chapters = json_object_get(all, lecture_id);
    chapters = chapters ? json_incref(chapters) : json_array();
    json_decref(all);
    return chapters;
}

/* texts.h knows titles beside descriptions. */
static json_t *pick_title(json_t *titles, const char *language, const char *own)
{
    json_t *texts = json_object(), *wrapped = json_pack("{s:o}", "", texts);
    const char *of;
    json_t *title;
    json_object_foreach(titles, of, title)(void)
        json_object_set_new(texts, of, json_pack("{s:O, s:s}", "title", title, "description", ""));
    struct text_picked picked = texts_pick(wrapped, "", language, own);
    json_t *found = json_string(picked.title);
    json_decref(wrapped);
    return found;
}

json_t *chapters_picked(
    const json_t *chapters, const char *lecture_id, const char *language, const char *own, bool all)
{
    const json_t *of_lecture = json_object_get(chapters, lecture_id);
    json_t *picked = json_array();
    for (size_t i = 0; i < json_array_size(of_lecture); i++) {
        const json_t *chapter = json_array_get(of_lecture, i);
        json_t *titles = json_object_get(chapter, "titles");
        json_t *one = json_pack("{s:O, s:o}", "start_ms", json_object_get(chapter, "start_ms"),
            "title", pick_title(titles, language, own));
        if (all)
            (void)json_object_set(one, "titles", titles);
        (void)json_array_append_new(picked, one);
    }
    return picked;
}

/* --- writing ---------------------------------------------------------------------------------- */

static bool add_title(struct db_connection *connection, const char *lecture_id, int64_t start_ms,
    const char *language, const json_t *title, const char *field, struct problem *problem)
{
    char tag[LANGUAGE_TAG_SIZE];
    const char *words = json_string_value(title);
    int64_t added = 0;
    if (!field_language(field, language, tag, problem))
        return false;
    if (!words)
        return problem_set_field(problem, field, "'%s' must hold titles.", field);
    if (!field_line(field, words, CHAPTER_TITLE_BYTES_MAX, problem)
        || !db_exec(connection, &added, problem,
            "INSERT INTO chapter (lecture_id, start_ms, language, title)"
            " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            "titt", lecture_id, start_ms, tag, words))
        return false;
    /* "en" and "EN" are one. */
    return added == 1
           || problem_set_field(problem, field, "'%s' holds two titles in '%s'.", field, tag);
}

static bool add_chapter(struct db_connection *connection, const char *lecture_id,
    const json_t *chapter, size_t index, const int64_t bounds[2], int64_t *ret_start_ms,
    struct problem *problem)
{
    char field[40];
    const json_t *start = json_object_get(chapter, "start_ms");
    json_t *titles = json_object_get(chapter, "titles");
    (void)snprintf(field, sizeof field, "chapters/%zu/start_ms", index);
    int64_t start_ms = json_integer_value(start);
    if (!json_is_integer(start) || start_ms < bounds[0] || start_ms >= bounds[1])
        return problem_set_field(problem, field,
            "'%s' must be a whole number of milliseconds, after the chapter before, and before "
            "the lecture's end at %lld.",
            field, (long long)bounds[1]);
    (void)snprintf(field, sizeof field, "chapters/%zu/titles", index);
    size_t count = json_object_size(titles);
    if (!json_is_object(titles) || count == 0 || count > CHAPTER_LANGUAGES_MAX)
        return problem_set_field(problem, field,
            "'%s' must hold a title in 1 to %d languages, such as {\"en\": \"Introduction\"}.",
            field, CHAPTER_LANGUAGES_MAX);
    const char *language;
    json_t *title;
    json_object_foreach(
        titles, language, title) if (!add_title(connection, lecture_id, start_ms, language, title,
                                         field, problem)) return false;
    *ret_start_ms = start_ms;
    return true;
}

/* PROBLEM_CONFLICT while there is no version. */
bool chapters_set(struct db_connection *connection, const struct settings *settings,
    const char *lecture_id, const json_t *chapters, struct problem *problem)
{
    struct version_now now;
    if (!version_now_require(connection, lecture_id, FINDING_LECTURE_UNREADY, &now, problem))
        return false;
    int64_t bounds[2] = { 0, now.duration_ms };
    if (!json_is_array(chapters) || json_array_size(chapters) > (size_t)settings->chapters_max)
        return problem_set_field(problem, "chapters", "'chapters' must be a list of at most %lld.",
            (long long)settings->chapters_max);
    if (!db_exec(connection, NULL, problem, "DELETE FROM chapter WHERE lecture_id = $1", "t",
            lecture_id))
        return false;
    for (size_t i = 0; i < json_array_size(chapters); i++) {
        int64_t start_ms = 0;
        if (!add_chapter(
                connection, lecture_id, json_array_get(chapters, i), i, bounds, &start_ms, problem))
            return false;
        bounds[0] = start_ms + 1;
    }
    return true;
}

bool chapters_set_first(struct db_connection *connection, const struct settings *settings,
    const char *lecture_id, const json_t *chapters, struct problem *problem)
{
    json_t *there = chapters_json(connection, lecture_id, problem);
    bool done = there
                && (json_array_size(there) > 0
                    || chapters_set(connection, settings, lecture_id, chapters, problem));
    json_decref(there);
    return done;
}

/* --- a list as people write it ---------------------------------------------------------------- */

static json_t *chapter_of_line(
    const char *bytes, size_t count, size_t number, const char *language, struct problem *problem)
{
    int64_t start_ms = 0;
    unsigned oddities = 0;
    size_t at = caption_time_read(bytes, count, &start_ms, &oddities);
    bool timed = at > 0 && at < count && bytes[at] == ' ';
    while (timed && at < count && strchr(" -", bytes[at]))
        at++;
    json_t *chapter = timed && at < count ? json_pack("{s:I, s:{s:s%}}", "start_ms",
                          (json_int_t)start_ms, "titles", language, bytes + at, count - at)
                                          : NULL;
    if (!chapter) {
        char field[40];
        (void)snprintf(field, sizeof field, "line %zu", number);
        problem_set_field(problem, field,
            "'%s' must be a time and a title, such as 0:05:30 Safety first.", field);
    }
    return chapter;
}

json_t *chapters_from_text(
    const char *text, size_t count, const char *language, struct problem *problem)
{
    json_t *chapters = json_array();
    size_t number = 0;
    for (size_t at = 0; at < count; number++) {
        const char *newline = memchr(text + at, '\n', count - at);
        size_t end = newline ? (size_t)(newline - text) : count, from = at;
        at = end + 1;
        while (end > from && strchr(" \t\r", text[end - 1]))
            end--;
        while (from < end && strchr(" \t", text[from]))
            from++;
        if (from == end)
            continue;
        json_t *chapter = chapter_of_line(text + from, end - from, number + 1, language, problem);
        if (!chapter) {
            json_decref(chapters);
            return NULL;
        }
        (void)json_array_append_new(chapters, chapter);
    }
    return chapters;
}
