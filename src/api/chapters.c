/* Chapters of a lecture, for staff; participants get them with their program. */
#include "catalog/chapter.h"

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

static bool answer(struct db_connection *connection, struct api_request *request, const char *id,
    struct problem *problem)
{
    json_t *chapters = chapters_json(connection, id, problem);
    return chapters && api_answer(request, json_pack("{s:o}", "chapters", chapters), problem);
}

static bool show(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *id;
    return find_lecture(connection, request, MAY_VIEW, &id, problem)
           && answer(connection, request, id, problem);
}

void chapters_show(struct exchange *exchange)
{
    api_read(exchange, show);
}

static bool put(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *id;
    return find_lecture(connection, request, MAY_MANAGE, &id, problem)
           && chapters_set(connection, request->application->settings, id,
               json_object_get(request->body, "chapters"), problem)
           && audit_add(connection, request->caller->staff_id, "chapters-set", id, "", problem)
           && answer(connection, request, id, problem);
}

void chapters_put(struct exchange *exchange)
{
    api_write(exchange, put);
}
