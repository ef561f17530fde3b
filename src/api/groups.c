/* Group viewing: one screen, several people.  For those who are there, and for the organizer who confirms it. */
#include "viewing/group.h"

#include "access/permission.h"
#include "api/handlers.h"
#include "api/request.h"
#include "catalog/audit.h"

/* {"group": what the caller is in now, or null}. */
static bool answer_now(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    json_t *group = group_now_json(connection, request->caller, problem);
    return group && api_answer(request, json_pack("{s:o}", "group", group), problem);
}

static bool show(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    return answer_now(connection, request, problem);
}

void groups_show(struct exchange *exchange)
{
    api_read(exchange, show);
}

static bool open_group(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    request->status = 201;
    return group_open(connection, request->application->settings, request->caller, problem)
           && answer_now(connection, request, problem);
}

void groups_open(struct exchange *exchange)
{
    api_write(exchange, open_group);
}

static bool leave(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    request->status = 204;
    return group_leave(connection, request->application->settings, request->caller, problem);
}

void groups_leave(struct exchange *exchange)
{
    api_write(exchange, leave);
}

struct joining {
    struct api_request *request;
    const char *code;
    json_t *group;
};

static bool join_in_store(struct db_connection *connection, void *data, struct problem *problem)
{
    struct joining *joining = data;
    struct api_request *request = joining->request;
    json_decref(joining->group);
    joining->group = NULL;
    if (!group_join(
            connection, request->application->settings, request->caller, joining->code, problem))
        return false;
    joining->group = group_now_json(connection, request->caller, problem);
    return joining->group != NULL;
}

/* A code is short: who guesses waits, as with passwords. */
static bool join(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    (void)connection;
    struct application *application = request->application;
    const char *peer = request->exchange->request.peer;
    struct joining joining = { .request = request };
    if (!json_get_line(request->body, "code", 20, &joining.code, problem)
        || !attempt_allowed(application->attempts, peer, problem))
        return false;
    if (!db_write(application->db, join_in_store, &joining, problem)) {
        if (problem->kind == PROBLEM_GROUP_CODE_UNKNOWN)
            attempt_failed(application->attempts, peer);
        json_decref(joining.group);
        return false;
    }
    return api_answer(request, json_pack("{s:o}", "group", joining.group), problem);
}

void groups_join(struct exchange *exchange)
{
    api_call(exchange, join);
}

/* --- organizers ------------------------------------------------------------------------------- */

static bool list(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *cohort_id;
    if (!api_parameter_id(request, 0, &cohort_id, problem)
        || !permission_object(
            connection, request->caller, MAY_VIEW, OBJECT_COHORT, cohort_id, problem))
        return false;
    json_t *groups = groups_of_cohort_json(connection, cohort_id, problem);
    return groups && api_answer(request, json_pack("{s:o}", "groups", groups), problem);
}

void groups_list(struct exchange *exchange)
{
    api_read(exchange, list);
}

static bool find_group(struct db_connection *connection, const struct api_request *request,
    const char **ret_group_id, struct problem *problem)
{
    char cohort_id[UUID_TEXT_SIZE];
    return api_parameter_id(request, 0, ret_group_id, problem)
           && group_cohort(connection, *ret_group_id, cohort_id, problem)
           && permission_object(
               connection, request->caller, MAY_MANAGE, OBJECT_COHORT, cohort_id, problem);
}

static bool note(struct db_connection *connection, const struct api_request *request,
    const char *action, const char *object_id, const char *detail, struct problem *problem)
{
    return audit_add(connection, request->caller->staff_id, action, object_id, detail, problem);
}

static bool decide(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *group_id, *verdict, *reason = NULL;
    request->status = 204;
    return find_group(connection, request, &group_id, problem)
           && json_get_line(request->body, "verdict", 20, &verdict, problem)
           && json_may_get_line(request->body, "reason", GROUP_REASON_BYTES_MAX, &reason, problem)
           && group_decide(connection, request->application->settings, group_id, verdict, reason,
               request->caller->staff_id, problem)
           && note(connection, request, "group-decide", group_id, verdict, problem);
}

void groups_decide(struct exchange *exchange)
{
    api_write(exchange, decide);
}

static bool withdraw(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *group_id;
    request->status = 204;
    return find_group(connection, request, &group_id, problem)
           && group_withdraw(connection, request->application->settings, group_id,
               request->caller->staff_id, problem)
           && note(connection, request, "group-withdraw", group_id, "", problem);
}

void groups_withdraw(struct exchange *exchange)
{
    api_write(exchange, withdraw);
}

static bool add_person(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *group_id, *participant_id;
    request->status = 204;
    return find_group(connection, request, &group_id, problem)
           && json_get_line(
               request->body, "participant", UUID_TEXT_SIZE - 1, &participant_id, problem)
           && group_add_person(connection, request->application->settings, group_id, participant_id,
               request->caller->staff_id, problem)
           && note(connection, request, "group-add", participant_id, group_id, problem);
}

void groups_add_person(struct exchange *exchange)
{
    api_write(exchange, add_person);
}

static bool remove_person(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *group_id, *participant_id;
    request->status = 204;
    return find_group(connection, request, &group_id, problem)
           && api_parameter_id(request, 1, &participant_id, problem)
           && group_remove_person(connection, request->application->settings, group_id,
               participant_id, request->caller->staff_id, problem)
           && note(connection, request, "group-remove", participant_id, group_id, problem);
}

void groups_remove_person(struct exchange *exchange)
{
    api_write(exchange, remove_person);
}
