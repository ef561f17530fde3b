/* What completes a lecture in a cohort, for staff. */
#include "viewing/rule.h"

#include "access/permission.h"
#include "api/handlers.h"
#include "api/request.h"
#include "catalog/audit.h"

static bool find_cohort(struct db_connection *connection, const struct api_request *request,
    enum permission_action action, const char **ret_id, struct problem *problem)
{
    return api_parameter_id(request, 0, ret_id, problem)
           && permission_object(
               connection, request->caller, action, OBJECT_COHORT, *ret_id, problem);
}

static bool show(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *cohort_id;
    if (!find_cohort(connection, request, MAY_VIEW, &cohort_id, problem))
        return false;
    request->answer
        = rule_history_json(connection, request->application->settings, cohort_id, problem);
    return request->answer != NULL;
}

void rules_show(struct exchange *exchange)
{
    api_read(exchange, show);
}

static bool put(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const struct settings *settings = request->application->settings;
    const char *cohort_id;
    struct completion_rule rule;
    int64_t seen = 0;
    if (!find_cohort(connection, request, MAY_MANAGE, &cohort_id, problem)
        || !json_may_get_int64(request->body, "version", 1, INT64_MAX, &seen, problem)
        || !rule_of_cohort(connection, settings, cohort_id, &rule, problem)
        || !rule_read_json(request->body, &rule, problem)
        || !rule_change(
            connection, settings, cohort_id, &rule, seen, request->caller->staff_id, problem)
        || !audit_add(connection, request->caller->staff_id, "cohort-rule", cohort_id, "", problem))
        return false;
    request->answer = rule_history_json(connection, settings, cohort_id, problem);
    return request->answer != NULL;
}

void rules_put(struct exchange *exchange)
{
    api_write(exchange, put);
}
