/* The jobs that prepare lectures, for admins. */
#include "api/handlers.h"
#include "api/request.h"
#include "catalog/audit.h"
#include "catalog/ingest.h"

static bool show(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *job_id;
    if (!api_parameter_id(request, 0, &job_id, problem))
        return false;
    request->answer = job_json(connection, job_id, problem);
    return request->answer != NULL;
}

void jobs_show(struct exchange *exchange)
{
    api_read(exchange, show);
}

static bool cancel(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    (void)connection;
    const char *job_id;
    request->status = 204;
    return api_parameter_id(request, 0, &job_id, problem)
           && ingest_cancel(request->application->ingest, job_id, problem);
}

void jobs_cancel(struct exchange *exchange)
{
    api_call(exchange, cancel);
}

static bool retry(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    (void)connection;
    const char *job_id;
    request->status = 204;
    return api_parameter_id(request, 0, &job_id, problem)
           && ingest_retry(request->application->ingest, job_id, problem);
}

void jobs_retry(struct exchange *exchange)
{
    api_call(exchange, retry);
}

/* "first": before all others, whatever theirs is. */
static bool change_priority(struct db_connection *connection, const struct api_request *request,
    const char *job_id, struct problem *problem)
{
    bool first = false;
    int64_t priority;
    if (json_object_get(request->body, "first")) {
        if (!json_get_bool(request->body, "first", &first, problem))
            return false;
        if (first)
            return job_move_first(connection, job_id, problem);
    }
    return json_get_int64(request->body, "priority", 0, JOB_PRIORITY_MAX, &priority, problem)
           && job_set_priority(connection, job_id, priority, problem);
}

static bool change(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *job_id;
    if (!api_parameter_id(request, 0, &job_id, problem)
        || !change_priority(connection, request, job_id, problem)
        || !audit_add(connection, request->caller->staff_id, "job-priority", job_id, "", problem))
        return false;
    request->answer = job_json(connection, job_id, problem);
    return request->answer != NULL;
}

void jobs_change(struct exchange *exchange)
{
    api_write(exchange, change);
}
