/* What is stored about a person, for them and for whoever answers them; its erasure; how long it is kept. */
#include "access/permission.h"
#include "api/attachment.h"
#include "api/handlers.h"
#include "api/request.h"
#include "base/clock.h"
#include "catalog/audit.h"
#include "privacy/erasure.h"
#include "privacy/record.h"
#include "privacy/retention.h"

#include <stdlib.h>
#include <string.h>

static const int64_t day_ms = 86400000;

/* --- records ---------------------------------------------------------------------------------- */

struct record_request {
    struct api_request request;
    const char *participant_id;
    enum record_extent extent;
    bool as_text;
    struct text text;
};

static bool write_record(struct db_connection *connection, void *data, struct problem *problem)
{
    struct record_request *wanted = data;
    json_t *record = record_json(connection, wanted->participant_id, wanted->extent, problem);
    if (!record)
        return false;
    if (wanted->as_text) {
        record_text(record, &wanted->text);
    } else {
        char *dumped = json_dumps(record, JSON_INDENT(1));
        text_append_string(&wanted->text, dumped);
        free(dumped);
    }
    json_decref(record);
    return !wanted->text.overflowed
           || problem_set(
               problem, PROBLEM_INTERNAL, "a record is over %d bytes", RECORD_TEXT_BYTES_MAX);
}

/* A look at another's record is itself on record. */
static bool may_look(struct db_connection *connection, void *data, struct problem *problem)
{
    struct record_request *wanted = data;
    const struct caller *caller = wanted->request.caller;
    return permission_object(
               connection, caller, MAY_MANAGE, OBJECT_PARTICIPANT, wanted->participant_id, problem)
           && audit_add(
               connection, caller->staff_id, "privacy-export", wanted->participant_id, "", problem);
}

static void send_record(struct exchange *exchange)
{
    struct record_request *wanted = exchange->state;
    struct db *db = wanted->request.application->db;
    char today[CLOCK_ISO_SIZE];
    clock_format_iso(clock_now_ms(), today);
    text_init(&wanted->text, RECORD_TEXT_BYTES_MAX);
    bool mine = wanted->request.caller->role == CALLER_PARTICIPANT;
    if ((mine || db_write(db, may_look, wanted, &exchange->problem))
        && db_read(db, write_record, wanted, &exchange->problem)) {
        const char *suffix
            = arena_printf(&exchange->arena, "%.10s.%s", today, wanted->as_text ? "txt" : "json");
        exchange_add_field(exchange, "Content-Disposition",
            attachment_value(&exchange->arena, "record", wanted->participant_id, suffix));
        exchange_add_field(exchange, "Cache-Control", "no-store");
        exchange_send(exchange, 200,
            wanted->as_text ? "text/plain; charset=utf-8" : "application/json", wanted->text.bytes,
            wanted->text.length);
    } else {
        exchange_send_problem(exchange, &exchange->problem);
    }
    text_release(&wanted->text);
}

static void answer_record(struct exchange *exchange, bool mine)
{
    struct record_request *wanted = arena_alloc(&exchange->arena, sizeof *wanted);
    const char *format = exchange_query(exchange, "format");
    memset(wanted, 0, sizeof *wanted);
    api_request_init(&wanted->request, exchange);
    wanted->as_text = format && strcmp(format, "text") == 0;
    wanted->extent = mine ? RECORD_SUMS : RECORD_WHOLE;
    wanted->participant_id = wanted->request.caller->participant_id;
    if (format && !wanted->as_text && strcmp(format, "json") != 0)
        problem_set(&exchange->problem, PROBLEM_NOT_ACCEPTABLE,
            "A record is available as json or text, not as '%.20s'.", format);
    else if (mine
             || api_parameter_id(
                 &wanted->request, 0, &wanted->participant_id, &exchange->problem)) {
        exchange->state = wanted;
        exchange_run_blocking(exchange, POOL_STORE, send_record, NULL);
        return;
    }
    exchange_send_problem(exchange, &exchange->problem);
}

void privacy_my_record(struct exchange *exchange)
{
    answer_record(exchange, true);
}

void privacy_record(struct exchange *exchange)
{
    answer_record(exchange, false);
}

/* --- erasure ---------------------------------------------------------------------------------- */

static bool erase(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    (void)connection;
    struct erasure_facts facts;
    const char *participant_id, *reason;
    if (!api_parameter_id(request, 0, &participant_id, problem)
        || !json_get_line(request->body, "reason", ERASURE_REASON_BYTES_MAX, &reason, problem)
        || !erasure_run(request->application->db, participant_id, request->caller->staff_id, reason,
            &facts, problem))
        return false;
    bool finished = facts.unfinished.kind == PROBLEM_NONE;
    request->access_revoked = true;
    if (!finished)
        request->status = 202;
    return api_answer(request,
        json_pack("{s:s, s:b, s:I, s:b}", "participant", participant_id, "finished", finished,
            "rows_removed", (json_int_t)facts.rows_removed, "store_written_anew",
            facts.written_anew),
        problem);
}

void privacy_erase(struct exchange *exchange)
{
    api_call(exchange, erase);
}

/* --- retention -------------------------------------------------------------------------------- */

static bool set_retention(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *cohort_id;
    const json_t *given = json_object_get(request->body, "days");
    int64_t days = 0;
    bool by_setting = json_is_null(given);
    char detail[32];
    if (!api_parameter_id(request, 0, &cohort_id, problem)
        || !(by_setting
             || json_get_int64(request->body, "days", 0, RETENTION_DAYS_MAX, &days, problem))
        || !retention_set(connection, cohort_id, by_setting ? NULL : &days, problem))
        return false;
    if (by_setting)
        (void)snprintf(detail, sizeof detail, "default");
    else
        (void)snprintf(detail, sizeof detail, "%lld", (long long)days);
    request->status = 204;
    return audit_add(
        connection, request->caller->staff_id, "cohort-retention", cohort_id, detail, problem);
}

void privacy_set_retention(struct exchange *exchange)
{
    api_write(exchange, set_retention);
}

static bool list_due(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *asked = exchange_query(request->exchange, "in_days");
    int64_t days = 0;
    if (asked && !text_to_int64(asked, strlen(asked), 0, RETENTION_DAYS_MAX, &days))
        return problem_set_field(
            problem, "in_days", "'in_days' must be from 0 to %d.", RETENTION_DAYS_MAX);
    json_t *due = retention_due_json(
        connection, request->application->settings, clock_now_ms() + days * day_ms, problem);
    return due && api_answer(request, json_pack("{s:o}", "due", due), problem);
}

void privacy_list_due(struct exchange *exchange)
{
    api_read(exchange, list_due);
}
