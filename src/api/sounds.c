/* A lecture's sound in other languages, for staff; it is sent as an upload whose metadata say so. */
#include "catalog/lecture_sound.h"

#include "access/permission.h"
#include "api/handlers.h"
#include "api/request.h"
#include "catalog/audit.h"

static bool find_lecture(struct db_connection *connection, const struct api_request *request,
    enum permission_action action, const char **ret_id, struct problem *problem)
{
    return api_parameter_id(request, 0, ret_id, problem)
           && permission_object(
               connection, request->caller, action, OBJECT_LECTURE, *ret_id, problem);
}

static bool list(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *id;
    if (!find_lecture(connection, request, MAY_VIEW, &id, problem))
        return false;
    json_t *sounds = lecture_sounds_json(connection, id, problem);
    return sounds && api_answer(request, json_pack("{s:o}", "sounds", sounds), problem);
}

void sounds_list(struct exchange *exchange)
{
    api_read(exchange, list);
}

static bool check_manage(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct api_request *request = data;
    const char *id;
    return find_lecture(connection, request, MAY_MANAGE, &id, problem);
}

struct note {
    const struct api_request *request;
    const char *action;
};

static bool note_change(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct note *note = data;
    return audit_add(connection, note->request->caller->staff_id, note->action,
        note->request->exchange->parameters[0], note->request->exchange->parameters[1], problem);
}

static bool change(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    (void)connection;
    struct application *application = request->application;
    const char *const *parameters = request->exchange->parameters;
    struct note note = { request, "sound-move" };
    int64_t offset_ms;
    char job_id[UUID_TEXT_SIZE];
    if (!db_read(application->db, check_manage, request, problem)
        || !json_get_int64(request->body, "offset_ms", -MEDIA_DURATION_MS_MAX,
            MEDIA_DURATION_MS_MAX, &offset_ms, problem)
        || !lecture_sound_move(
            application->ingest, parameters[0], parameters[1], offset_ms, job_id, problem)
        || !db_write(application->db, note_change, &note, problem))
        return false;
    request->status = 202;
    return api_answer(request, json_pack("{s:s}", "job", job_id), problem);
}

void sounds_change(struct exchange *exchange)
{
    api_call(exchange, change);
}

static bool discard(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    (void)connection;
    struct application *application = request->application;
    const char *const *parameters = request->exchange->parameters;
    struct note note = { request, "sound-remove" };
    if (!db_read(application->db, check_manage, request, problem)
        || !lecture_sound_remove(application->ingest, parameters[0], parameters[1], problem)
        || !db_write(application->db, note_change, &note, problem))
        return false;
    request->status = 204;
    request->lecture_changed = parameters[0];
    return true;
}

void sounds_remove(struct exchange *exchange)
{
    api_call(exchange, discard);
}
