/* Participants, their links, and what they watched, for organizers. */
#include "access/invitation.h"
#include "access/permission.h"
#include "api/attachment.h"
#include "api/handlers.h"
#include "api/request.h"
#include "base/clock.h"
#include "catalog/audit.h"
#include "catalog/participant.h"
#include "catalog/program.h"
#include "viewing/report.h"

#include <string.h>

enum { REPORT_BYTES_MAX = 64 << 20 };

static bool find_object(struct db_connection *connection, const struct api_request *request,
    enum permission_action action, enum permission_object object, const char **ret_id,
    struct problem *problem)
{
    return api_parameter_id(request, 0, ret_id, problem)
           && permission_object(connection, request->caller, action, object, *ret_id, problem);
}

static bool list(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *cohort_id;
    if (!find_object(connection, request, MAY_VIEW, OBJECT_COHORT, &cohort_id, problem))
        return false;
    json_t *participants = participants_json(connection, cohort_id, problem);
    return participants
           && api_answer(request, json_pack("{s:o}", "participants", participants), problem);
}

void people_list(struct exchange *exchange)
{
    api_read(exchange, list);
}

static bool read_participant(
    const json_t *body, struct participant_fields *ret_fields, struct problem *problem)
{
    *ret_fields = (struct participant_fields){ 0 };
    return json_get_line(body, "name", NAME_BYTES_MAX, &ret_fields->name, problem)
           && json_get_line(body, "language", 35, &ret_fields->language, problem)
           && json_may_get_line(body, "email", 254, &ret_fields->email, problem)
           && json_may_get_line(body, "country", 2, &ret_fields->country, problem)
           && json_may_get_line(body, "gender", 10, &ret_fields->gender, problem)
           && json_may_get_line(body, "group", NAME_BYTES_MAX, &ret_fields->group, problem);
}

static bool create(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *cohort_id;
    struct participant_fields fields;
    char id[UUID_TEXT_SIZE];
    return find_object(connection, request, MAY_MANAGE, OBJECT_COHORT, &cohort_id, problem)
           && read_participant(request->body, &fields, problem)
           && participant_add(connection, cohort_id, &fields, id, problem)
           && audit_add(connection, request->caller->staff_id, "participant-add", id, "", problem)
           && api_created(request, id);
}

void people_create(struct exchange *exchange)
{
    api_write(exchange, create);
}

static bool issue(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const struct settings *settings = request->application->settings;
    const char *participant_id;
    char secret[SECRET_TEXT_SIZE];
    int64_t expires_at_ms;
    if (!find_object(connection, request, MAY_MANAGE, OBJECT_PARTICIPANT, &participant_id, problem)
        || !invitation_issue(connection, settings, participant_id, secret, &expires_at_ms, problem)
        || !audit_add(
            connection, request->caller->staff_id, "invitation-issue", participant_id, "", problem))
        return false;
    const char *link
        = arena_printf(&request->exchange->arena, "%s/j#%s", settings->public_url, secret);
    request->status = 201;
    request->access_revoked = true; /* earlier links end with what came from them */
    return api_answer(request,
        json_pack("{s:s, s:I}", "link", link, "expires_at_ms", (json_int_t)expires_at_ms), problem);
}

void people_issue_invitation(struct exchange *exchange)
{
    api_write(exchange, issue);
}

static bool revoke(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *participant_id;
    if (!find_object(connection, request, MAY_MANAGE, OBJECT_PARTICIPANT, &participant_id, problem)
        || !invitation_revoke(connection, participant_id, problem)
        || !audit_add(connection, request->caller->staff_id, "invitation-revoke", participant_id,
            "", problem))
        return false;
    request->status = 204;
    request->access_revoked = true;
    return true;
}

void people_revoke_invitation(struct exchange *exchange)
{
    api_write(exchange, revoke);
}

static bool show_record(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *participant_id, *lecture_id;
    if (!find_object(connection, request, MAY_VIEW, OBJECT_PARTICIPANT, &participant_id, problem)
        || !api_parameter_id(request, 1, &lecture_id, problem))
        return false;
    request->answer = report_participant_record(connection, participant_id, lecture_id, problem);
    return request->answer != NULL;
}

void people_show_record(struct exchange *exchange)
{
    api_read(exchange, show_record);
}

static bool report(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *cohort_id;
    if (!find_object(connection, request, MAY_VIEW, OBJECT_COHORT, &cohort_id, problem))
        return false;
    request->answer = report_cohort(connection, cohort_id, request->language, problem);
    return request->answer != NULL;
}

struct csv_report {
    struct api_request request;
    struct text text;
    const char *disposition;
};

/* "report-Vietnam-team-2026-11-22.csv": reports pile up in a folder of downloads. */
static const char *disposition_of(struct exchange *exchange, const json_t *report)
{
    const char *name
        = json_string_value(json_object_get(json_object_get(report, "cohort"), "name"));
    char today[CLOCK_ISO_SIZE];
    clock_format_iso(clock_now_ms(), today);
    return attachment_value(
        &exchange->arena, "report", name, arena_printf(&exchange->arena, "%.10s.csv", today));
}

static bool report_as_csv(struct db_connection *connection, void *data, struct problem *problem)
{
    struct csv_report *csv = data;
    if (!report(connection, &csv->request, problem))
        return false;
    text_init(&csv->text, REPORT_BYTES_MAX);
    bool written = report_cohort_csv(csv->request.answer, &csv->text);
    csv->disposition = disposition_of(csv->request.exchange, csv->request.answer);
    json_decref(csv->request.answer);
    return written
           || problem_set(problem, PROBLEM_INTERNAL, "the CSV is over %d bytes", REPORT_BYTES_MAX);
}

static void send_csv(struct exchange *exchange)
{
    struct csv_report *csv = exchange->state;
    if (db_read(csv->request.application->db, report_as_csv, csv, &exchange->problem)) {
        exchange_add_field(exchange, "Content-Disposition", csv->disposition);
        exchange_add_field(exchange, "Cache-Control", "no-store");
        exchange_send(exchange, 200, "text/csv; charset=utf-8", csv->text.bytes, csv->text.length);
    } else {
        exchange_send_problem(exchange, &exchange->problem);
    }
    text_release(&csv->text);
}

void people_report(struct exchange *exchange)
{
    const char *format = exchange_query(exchange, "format");
    if (!format || strcmp(format, "json") == 0) {
        api_read(exchange, report);
    } else if (strcmp(format, "csv") == 0) {
        struct csv_report *csv = arena_alloc(&exchange->arena, sizeof *csv);
        api_request_init(&csv->request, exchange);
        exchange->state = csv;
        exchange_run_blocking(exchange, POOL_STORE, send_csv, NULL);
    } else {
        problem_set(&exchange->problem, PROBLEM_NOT_ACCEPTABLE,
            "A report is available as json or csv, not as '%.20s'.", format);
        exchange_send_problem(exchange, &exchange->problem);
    }
}
