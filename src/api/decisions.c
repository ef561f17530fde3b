/* Lectures accepted or refused for a person by hand, for staff. */
#include "viewing/decision.h"

#include "access/permission.h"
#include "api/handlers.h"
#include "api/request.h"
#include "catalog/audit.h"

static bool find_pair(struct db_connection *connection, const struct api_request *request,
    const char **ret_participant_id, const char **ret_lecture_id, struct problem *problem)
{
    return api_parameter_id(request, 0, ret_participant_id, problem)
           && permission_object(connection, request->caller, MAY_MANAGE, OBJECT_PARTICIPANT,
               *ret_participant_id, problem)
           && api_parameter_id(request, 1, ret_lecture_id, problem);
}

static bool make(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *participant_id, *lecture_id, *verdict, *reason;
    const char *staff_id = request->caller->staff_id;
    if (!find_pair(connection, request, &participant_id, &lecture_id, problem)
        || !json_get_line(request->body, "verdict", 20, &verdict, problem)
        || !json_get_line(request->body, "reason", DECISION_REASON_BYTES_MAX, &reason, problem)
        || !decision_make(
            connection, participant_id, lecture_id, verdict_of(verdict), reason, staff_id, problem)
        || !audit_add(connection, staff_id, "decision-make", participant_id, verdict, problem))
        return false;
    request->status = 201;
    json_t *decisions = decisions_json(connection, participant_id, lecture_id, problem);
    return decisions && api_answer(request, json_pack("{s:o}", "decisions", decisions), problem);
}

void decisions_make(struct exchange *exchange)
{
    api_write(exchange, make);
}

static bool withdraw(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *participant_id, *lecture_id, *staff_id = request->caller->staff_id;
    request->status = 204;
    return find_pair(connection, request, &participant_id, &lecture_id, problem)
           && decision_withdraw(connection, participant_id, lecture_id, staff_id, problem)
           && audit_add(connection, staff_id, "decision-withdraw", participant_id, "", problem);
}

void decisions_withdraw(struct exchange *exchange)
{
    api_write(exchange, withdraw);
}
