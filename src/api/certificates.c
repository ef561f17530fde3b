/* Certificates: for everybody who has a number, for who earned one, for staff; and what verifies badges. */
#include "access/permission.h"
#include "api/attachment.h"
#include "api/handlers.h"
#include "api/request.h"
#include "catalog/audit.h"
#include "certificate/badge.h"
#include "certificate/certificate.h"
#include "certificate/paper.h"

#include <string.h>

/* {id} of the route, however it was typed. */
static bool read_number(
    const struct api_request *request, char ret_id[CERTIFICATE_ID_SIZE], struct problem *problem)
{
    const char *typed = request->exchange->parameters[0];
    return certificate_id_read(typed, ret_id)
           || problem_set(problem, PROBLEM_NOT_FOUND, "'%.40s' is no number", typed);
}

/* Where it lies outside of the caller's scope there is nothing. */
static bool read_permitted(struct db_connection *connection, const struct api_request *request,
    enum permission_action action, struct certificate *ret_certificate, struct problem *problem)
{
    char id[CERTIFICATE_ID_SIZE];
    return read_number(request, id, problem)
           && certificate_find(connection, id, ret_certificate, problem)
           && permission_object(connection, request->caller, action, OBJECT_PARTICIPANT,
               ret_certificate->participant_id, problem);
}

/* --- for everybody ------------------------------------------------------------------------ */

static bool show(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    char id[CERTIFICATE_ID_SIZE];
    struct certificate certificate;
    return read_number(request, id, problem)
           && certificate_find(connection, id, &certificate, problem)
           && api_answer(request, certificate_json(&certificate), problem);
}

void certificates_show(struct exchange *exchange)
{
    exchange_add_field(exchange, "X-Robots-Tag", "noindex");
    api_read(exchange, show);
}

static bool show_key_set(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    request->answer = badge_key_set_json(connection, request->application->settings, problem);
    return request->answer != NULL;
}

static bool show_key(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    request->answer = badge_key_json(
        connection, request->application->settings, request->exchange->parameters[0], problem);
    return request->answer != NULL;
}

static bool show_revocations(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    request->answer = badge_revocations_json(connection, request->application->settings, problem);
    return request->answer != NULL;
}

static bool show_issuer(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    (void)connection;
    return api_answer(request, badge_issuer_json(request->application->settings), problem);
}

/* May be kept, and is asked for again each time: a revocation is known at once. */
static void publish(struct exchange *exchange, api_function function)
{
    exchange_add_field(exchange, "Cache-Control", "no-cache");
    api_read(exchange, function);
}

void badges_key_set(struct exchange *exchange)
{
    publish(exchange, show_key_set);
}

void badges_key(struct exchange *exchange)
{
    publish(exchange, show_key);
}

void badges_revocations(struct exchange *exchange)
{
    publish(exchange, show_revocations);
}

void badges_issuer(struct exchange *exchange)
{
    publish(exchange, show_issuer);
}

/* --- files -------------------------------------------------------------------------------- */

struct drawing {
    struct api_request request;
    const struct drawing_form *form;
    struct certificate certificate;
    struct text text;
};
struct drawing_form {
    const char *name, *type, *prefix;
    size_t bytes_max;
    bool (*draw)(struct drawing *drawing, struct problem *problem);
};

static bool draw_paper(struct drawing *drawing, struct problem *problem)
{
    return paper_draw(&drawing->certificate, drawing->request.application->settings, &drawing->text,
        NULL, problem);
}

static bool write_jwt(struct drawing *drawing, struct problem *problem)
{
    const struct application *application = drawing->request.application;
    return badge_jwt(
        application->db, application->settings, &drawing->certificate, &drawing->text, problem);
}

static bool draw_badge(struct drawing *drawing, struct problem *problem)
{
    const struct application *application = drawing->request.application;
    struct text jwt;
    text_init(&jwt, BADGE_JWT_BYTES_MAX);
    bool drawn
        = badge_jwt(application->db, application->settings, &drawing->certificate, &jwt, problem)
          && badge_picture(&drawing->certificate, jwt.bytes, &drawing->text, problem);
    text_release(&jwt);
    return drawn;
}

static const struct drawing_form paper_form
    = { "pdf", "application/pdf", "certificate", PAPER_BYTES_MAX, draw_paper };
static const struct drawing_form badge_forms[] = {
    { "png", "image/png", "badge", BADGE_PICTURE_BYTES_MAX, draw_badge },
    { "jwt", "application/vc+jwt", "badge", BADGE_JWT_BYTES_MAX, write_jwt },
};

static bool read_for_drawing(struct db_connection *connection, void *data, struct problem *problem)
{
    struct drawing *drawing = data;
    return read_permitted(connection, &drawing->request, MAY_VIEW, &drawing->certificate, problem)
           && certificate_in_force(&drawing->certificate, problem);
}

/* On a thread that draws. */
static void send_drawing(struct exchange *exchange)
{
    struct drawing *drawing = exchange->state;
    const struct drawing_form *form = drawing->form;
    struct problem *problem = &exchange->problem;
    text_init(&drawing->text, form->bytes_max);
    if (db_read(drawing->request.application->db, read_for_drawing, drawing, problem)
        && form->draw(drawing, problem)) {
        const char *suffix
            = arena_printf(&exchange->arena, "%s.%s", drawing->certificate.issued_on, form->name);
        exchange_add_field(exchange, "Content-Disposition",
            attachment_value(&exchange->arena, form->prefix, drawing->certificate.name, suffix));
        exchange_add_field(exchange, "Cache-Control", "no-store");
        exchange_send(exchange, 200, form->type, drawing->text.bytes, drawing->text.length);
    } else {
        exchange_send_problem(exchange, problem);
    }
    text_release(&drawing->text);
}

static void answer_drawing(struct exchange *exchange, const struct drawing_form *form)
{
    struct drawing *drawing = arena_alloc(&exchange->arena, sizeof *drawing);
    memset(drawing, 0, sizeof *drawing);
    api_request_init(&drawing->request, exchange);
    drawing->form = form;
    exchange->state = drawing;
    exchange_run_blocking(exchange, POOL_DRAWING, send_drawing, NULL);
}

void certificates_paper(struct exchange *exchange)
{
    answer_drawing(exchange, &paper_form);
}

void certificates_badge(struct exchange *exchange)
{
    const char *format = exchange_query(exchange, "format");
    for (size_t i = 0; i < sizeof badge_forms / sizeof badge_forms[0]; i++)
        if (strcmp(format ? format : "png", badge_forms[i].name) == 0) {
            answer_drawing(exchange, &badge_forms[i]);
            return;
        }
    problem_set(&exchange->problem, PROBLEM_NOT_ACCEPTABLE,
        "A badge is available as png or jwt, not as '%.20s'.", format);
    exchange_send_problem(exchange, &exchange->problem);
}

/* --- one's own ---------------------------------------------------------------------------- */

static bool show_mine(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    request->answer
        = certificate_of_participant_json(connection, request->caller->participant_id, problem);
    return request->answer != NULL;
}

void certificates_mine(struct exchange *exchange)
{
    api_read(exchange, show_mine);
}

static bool take_mine(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const struct certificate_order order = { 0 };
    const char *participant_id = request->caller->participant_id;
    char id[CERTIFICATE_ID_SIZE];
    if (!certificate_issue(
            connection, request->application->settings, participant_id, &order, id, problem))
        return false;
    return show_mine(connection, request, problem);
}

void certificates_take_mine(struct exchange *exchange)
{
    api_write(exchange, take_mine);
}

/* --- for staff ---------------------------------------------------------------------------- */

static bool list(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *cohort_id;
    if (!api_parameter_id(request, 0, &cohort_id, problem)
        || !permission_object(
            connection, request->caller, MAY_VIEW, OBJECT_COHORT, cohort_id, problem))
        return false;
    json_t *people = certificates_of_cohort_json(connection, cohort_id, problem);
    return people && api_answer(request, json_pack("{s:o}", "participants", people), problem);
}

void certificates_list(struct exchange *exchange)
{
    api_read(exchange, list);
}

static bool issue_all(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *cohort_id, *staff_id = request->caller->staff_id;
    int64_t count;
    return api_parameter_id(request, 0, &cohort_id, problem)
           && permission_object(
               connection, request->caller, MAY_MANAGE, OBJECT_COHORT, cohort_id, problem)
           && certificate_issue_cohort(
               connection, request->application->settings, cohort_id, staff_id, &count, problem)
           && audit_add(connection, staff_id, "certificate-issue", cohort_id, "", problem)
           && api_answer(request, json_pack("{s:I}", "issued", (json_int_t)count), problem);
}

void certificates_issue_all(struct exchange *exchange)
{
    api_write(exchange, issue_all);
}

static bool issue(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *participant_id;
    const struct certificate_order order = { .staff_id = request->caller->staff_id, .again = true };
    char id[CERTIFICATE_ID_SIZE];
    return api_parameter_id(request, 0, &participant_id, problem)
           && permission_object(
               connection, request->caller, MAY_MANAGE, OBJECT_PARTICIPANT, participant_id, problem)
           && certificate_issue(
               connection, request->application->settings, participant_id, &order, id, problem)
           && audit_add(
               connection, order.staff_id, "certificate-issue", participant_id, "", problem)
           && api_created(request, id);
}

void certificates_issue(struct exchange *exchange)
{
    api_write(exchange, issue);
}

static bool revoke(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    struct certificate certificate;
    const char *reason, *staff_id = request->caller->staff_id;
    request->status = 204;
    return read_permitted(connection, request, MAY_MANAGE, &certificate, problem)
           && json_get_line(request->body, "reason", CERTIFICATE_REASON_BYTES_MAX, &reason, problem)
           && certificate_revoke(connection, certificate.id, reason, staff_id, problem)
           && audit_add(
               connection, staff_id, "certificate-revoke", certificate.participant_id, "", problem);
}

void certificates_revoke(struct exchange *exchange)
{
    api_write(exchange, revoke);
}
