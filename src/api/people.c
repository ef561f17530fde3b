/* Participants, their links, and what they watched, for organizers. */
#include "access/invitation.h"
#include "access/permission.h"
#include "api/attachment.h"
#include "api/handlers.h"
#include "api/names_basis.h"
#include "api/request.h"
#include "base/clock.h"
#include "catalog/audit.h"
#include "catalog/participant.h"
#include "catalog/program.h"
#include "viewing/disclosure.h"
#include "viewing/quality.h"
#include "viewing/report.h"
#include "viewing/sharing.h"

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
    json_t *record = report_participant_record(connection, participant_id, lecture_id, problem);
    json_t *quality
        = record ? quality_person_json(connection, participant_id, lecture_id, problem) : NULL;
    if (quality)
        (void)json_object_set_new(record, "quality", quality);
    request->answer = record;
    return quality != NULL;
}

void people_show_record(struct exchange *exchange)
{
    api_read(exchange, show_record);
}

static bool show_quality(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *cohort_id;
    if (!find_object(connection, request, MAY_VIEW, OBJECT_COHORT, &cohort_id, problem))
        return false;
    json_t *quality = quality_cohort_json(connection, cohort_id, request->language, problem);
    return quality && api_answer(request, json_pack("{s:o}", "quality", quality), problem);
}

void people_quality(struct exchange *exchange)
{
    api_read(exchange, show_quality);
}

static bool report(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *cohort_id;
    if (!find_object(connection, request, MAY_VIEW, OBJECT_COHORT, &cohort_id, problem))
        return false;
    request->answer = report_cohort(connection, cohort_id, request->language, problem);
    return request->answer
           && sharing_add(
               connection, request->application->settings, cohort_id, request->answer, problem);
}

/* A report as a file.  Names are in it only for a reason, which is recorded. */
struct report_format {
    const char *name, *type;
    bool (*write)(const json_t *report, bool names, struct text *text, struct problem *problem);
};

struct report_file {
    struct api_request request;
    const struct report_format *format;
    const char *basis; /* NULL: without names */
    struct text text;
};

static bool write_csv(const json_t *report, bool names, struct text *text, struct problem *problem)
{
    return report_cohort_csv(report, names, text)
           || problem_set(problem, PROBLEM_INTERNAL, "the CSV is over %d bytes", REPORT_BYTES_MAX);
}

static const struct report_format report_formats[] = {
    { "csv", "text/csv; charset=utf-8", write_csv },
    { "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        report_cohort_xlsx },
};

/* "report-Vietnam-team-2026-11-22.csv": reports pile up in a folder of downloads. */
static const char *disposition_of(const struct report_file *file, const json_t *report)
{
    struct arena *arena = &file->request.exchange->arena;
    const char *name
        = json_string_value(json_object_get(json_object_get(report, "cohort"), "name"));
    char today[CLOCK_ISO_SIZE];
    clock_format_iso(clock_now_ms(), today);
    return attachment_value(
        arena, "report", name, arena_printf(arena, "%.10s.%s", today, file->format->name));
}

static bool read_report(struct db_connection *connection, void *data, struct problem *problem)
{
    struct report_file *file = data;
    json_decref(file->request.answer);
    file->request.answer = NULL;
    return report(connection, &file->request, problem);
}

/* Before anything of it is read. */
static bool note_names(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct report_file *file = data;
    const char *cohort_id;
    return find_object(connection, &file->request, MAY_VIEW, OBJECT_COHORT, &cohort_id, problem)
           && audit_add(connection, file->request.caller->staff_id, "report-names", cohort_id,
               file->basis, problem)
           && disclosure_note(connection, cohort_id, "report", file->request.caller->staff_id,
               file->basis, problem);
}

/* On a store thread, and beside the store: a workbook takes a while, and holds up no reader. */
static void send_file(struct exchange *exchange)
{
    struct report_file *file = exchange->state;
    struct db *db = file->request.application->db;
    struct problem *problem = &exchange->problem;
    text_init(&file->text, REPORT_BYTES_MAX);
    if ((!file->basis || db_write(db, note_names, file, problem))
        && db_read(db, read_report, file, problem)
        && file->format->write(file->request.answer, file->basis != NULL, &file->text, problem)) {
        exchange_add_field(
            exchange, "Content-Disposition", disposition_of(file, file->request.answer));
        exchange_add_field(exchange, "Cache-Control", "no-store");
        exchange_send(exchange, 200, file->format->type, file->text.bytes, file->text.length);
    } else {
        exchange_send_problem(exchange, problem);
    }
    json_decref(file->request.answer);
    text_release(&file->text);
}

static const struct report_format *find_format(const char *name)
{
    for (size_t i = 0; i < sizeof report_formats / sizeof report_formats[0]; i++)
        if (strcmp(report_formats[i].name, name) == 0)
            return &report_formats[i];
    return NULL;
}

void people_report(struct exchange *exchange)
{
    const char *asked = exchange_query(exchange, "format");
    if (!asked || strcmp(asked, "json") == 0) {
        api_read(exchange, report);
        return;
    }
    struct report_file *file = arena_alloc(&exchange->arena, sizeof *file);
    *file = (struct report_file){ .format = find_format(asked) };
    if (!file->format)
        problem_set(&exchange->problem, PROBLEM_NOT_ACCEPTABLE,
            "A report is available as json, csv or xlsx, not as '%.20s'.", asked);
    if (!file->format || !names_basis_read(exchange, &file->basis, &exchange->problem)) {
        exchange_send_problem(exchange, &exchange->problem);
        return;
    }
    api_request_init(&file->request, exchange);
    exchange->state = file;
    exchange_run_blocking(exchange, POOL_STORE, send_file, NULL);
}
