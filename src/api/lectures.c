/* Lectures, their captions and their originals, for staff. */
#include "catalog/lecture.h"
#include "catalog/lecture_original.h"

#include "access/permission.h"
#include "api/handlers.h"
#include "api/request.h"
#include "catalog/audit.h"
#include "catalog/ingest.h"
#include "catalog/program.h"

static bool list(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    json_t *lectures = lectures_of_json(connection, request->caller, request->language, problem);
    return lectures && api_answer(request, json_pack("{s:o}", "lectures", lectures), problem);
}

void lectures_list(struct exchange *exchange)
{
    api_read(exchange, list);
}

static bool find_lecture(struct db_connection *connection, const struct api_request *request,
    enum permission_action action, const char **ret_id, struct problem *problem)
{
    return api_parameter_id(request, 0, ret_id, problem)
           && permission_object(
               connection, request->caller, action, OBJECT_LECTURE, *ret_id, problem);
}

static bool show(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *id;
    if (!find_lecture(connection, request, MAY_VIEW, &id, problem))
        return false;
    request->answer = lecture_json(connection, id, request->language, problem);
    return request->answer != NULL;
}

void lectures_show(struct exchange *exchange)
{
    api_read(exchange, show);
}

/* Title and description change together with their language; what is left out stays as it was. */
static bool change_text(struct db_connection *connection, const struct api_request *request,
    const char *lecture_id, struct problem *problem)
{
    const json_t *body = request->body;
    const char *language = NULL, *title = NULL, *description = NULL;
    if (!json_may_get_line(body, "language", 35, &language, problem)
        || !json_may_get_line(body, "title", TITLE_BYTES_MAX, &title, problem)
        || !json_may_get_text(body, "description", DESCRIPTION_BYTES_MAX, &description, problem))
        return false;
    if (!title && !description)
        return true;
    return lecture_change_text(connection, lecture_id, language, title, description, problem)
           && audit_add(
               connection, request->caller->staff_id, "lecture-text", lecture_id, "", problem);
}

static bool change_publication(struct db_connection *connection, const struct api_request *request,
    const char *lecture_id, struct problem *problem)
{
    if (!json_object_get(request->body, "published"))
        return true;
    bool published;
    return json_get_bool(request->body, "published", &published, problem)
           && lecture_publish(connection, lecture_id, published, problem)
           && audit_add(connection, request->caller->staff_id,
               published ? "lecture-publish" : "lecture-unpublish", lecture_id, "", problem);
}

/* null takes the provider away. */
static bool change_provider(struct db_connection *connection, const struct api_request *request,
    const char *lecture_id, struct problem *problem)
{
    const char *provider_id = NULL;
    if (!json_object_get(request->body, "provider"))
        return true;
    return json_may_get_line(request->body, "provider", UUID_TEXT_SIZE - 1, &provider_id, problem)
           && lecture_set_provider(connection, lecture_id, provider_id, problem)
           && audit_add(
               connection, request->caller->staff_id, "lecture-provider", lecture_id, "", problem);
}

static bool change(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *id;
    if (!find_lecture(connection, request, MAY_MANAGE, &id, problem)
        || !change_text(connection, request, id, problem)
        || !change_provider(connection, request, id, problem)
        || !change_publication(connection, request, id, problem))
        return false;
    request->library_changed = true;
    request->answer = lecture_json(connection, id, request->language, problem);
    return request->answer != NULL;
}

void lectures_change(struct exchange *exchange)
{
    api_write(exchange, change);
}

static bool remove_lecture(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *id;
    if (!find_lecture(connection, request, MAY_MANAGE, &id, problem)
        || !lecture_remove(connection, id, problem)
        || !audit_add(connection, request->caller->staff_id, "lecture-remove", id, "", problem))
        return false;
    request->status = 204;
    request->library_changed = true; /* its places in programs went too */
    return true;
}

void lectures_remove(struct exchange *exchange)
{
    api_write(exchange, remove_lecture);
}

static bool check_manage(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct api_request *request = data;
    const char *id;
    return find_lecture(connection, request, MAY_MANAGE, &id, problem);
}

/* The body is a file, not JSON, so these do not go through api_call. */
static bool read_captions(struct exchange *exchange, struct api_request *request, bool stores,
    struct captions *ret_captions, struct problem *problem)
{
    struct application *application = request->application;
    struct captions_given given = {
        .lecture_id = exchange->parameters[0],
        .language = exchange->parameters[1],
        .bytes = exchange->body,
        .count = exchange->body_bytes,
        .encoding = exchange_query(exchange, "encoding"),
    };
    if (!db_read(application->db, check_manage, request, problem))
        return false;
    if (!stores)
        return lecture_try_captions(
            application->db, application->settings, &given, ret_captions, problem);
    return lecture_set_captions(
               application->db, application->settings, &given, ret_captions, problem)
           && library_refresh_lecture(application->library, given.lecture_id, problem);
}

static void answer_captions(struct exchange *exchange, bool stores)
{
    struct captions captions = { 0 };
    if (read_captions(exchange, exchange->state, stores, &captions, &exchange->problem))
        exchange_send_json(
            exchange, 200, lecture_captions_told(&captions, exchange->parameters[1]));
    else
        exchange_send_problem(exchange, &exchange->problem);
    captions_release(&captions);
}

static void store_captions(struct exchange *exchange)
{
    answer_captions(exchange, true);
}

static void look_at_captions(struct exchange *exchange)
{
    answer_captions(exchange, false);
}

static void run_captions(struct exchange *exchange, void (*work)(struct exchange *exchange))
{
    struct api_request *request = arena_alloc(&exchange->arena, sizeof *request);
    api_request_init(request, exchange);
    exchange->state = request;
    exchange_run_blocking(exchange, POOL_STORE, work, NULL);
}

void lectures_put_captions(struct exchange *exchange)
{
    run_captions(exchange, store_captions);
}

void lectures_preview_captions(struct exchange *exchange)
{
    run_captions(exchange, look_at_captions);
}

static bool delete_captions(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    (void)connection;
    struct application *application = request->application;
    const char *lecture_id = request->exchange->parameters[0];
    if (!db_read(application->db, check_manage, request, problem)
        || !lecture_remove_captions(application->db, application->settings, lecture_id,
            request->exchange->parameters[1], problem))
        return false;
    request->status = 204;
    request->lecture_changed = lecture_id;
    return true;
}

void lectures_delete_captions(struct exchange *exchange)
{
    api_call(exchange, delete_captions);
}

static bool remove_original(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    (void)connection;
    const struct application *application = request->application;
    int64_t bytes;
    request->status = 204;
    return db_read(application->db, check_manage, request, problem)
           && lecture_original_remove(application->db, application->settings,
               request->exchange->parameters[0], request->caller->staff_id, &bytes, problem);
}

void lectures_remove_original(struct exchange *exchange)
{
    api_call(exchange, remove_original);
}

static bool note_trimmed(
    struct db_connection *connection, void *data, const char *lecture_id, struct problem *problem)
{
    const struct api_request *request = data;
    return audit_add(
        connection, request->caller->staff_id, "lecture-trim", lecture_id, "", problem);
}

/* {"from_ms","to_ms"}: what of the current version is kept; answers {"job"}. */
static bool trim(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    (void)connection;
    const struct application *application = request->application;
    const struct ingest_also also = { .run = note_trimmed, .data = request };
    int64_t from_ms, to_ms;
    char job_id[UUID_TEXT_SIZE];
    if (!db_read(application->db, check_manage, request, problem)
        || !json_get_int64(request->body, "from_ms", 0, MEDIA_DURATION_MS_MAX, &from_ms, problem)
        || !json_get_int64(request->body, "to_ms", 0, MEDIA_DURATION_MS_MAX, &to_ms, problem)
        || !ingest_trim(application->ingest, request->exchange->parameters[0], from_ms, to_ms,
            &also, job_id, problem))
        return false;
    request->status = 202;
    return api_answer(request, json_pack("{s:s}", "job", job_id), problem);
}

void lectures_trim(struct exchange *exchange)
{
    api_call(exchange, trim);
}
