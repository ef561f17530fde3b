/* Signing in by a personal link or a password, signing out, and who one is. */
#include "access/session.h"
#include "access/invitation.h"
#include "access/staff_login.h"
#include "api/handlers.h"
#include "api/request.h"
#include "base/clock.h"
#include "catalog/lecture.h"
#include "viewing/report.h"
#include "viewing/rule.h"

#include <stdio.h>

static void send_session_cookie(
    struct exchange *exchange, const char *secret, int64_t expires_at_ms)
{
    char cookie[SESSION_SET_COOKIE_SIZE];
    session_set_cookie(secret, expires_at_ms, cookie);
    exchange_add_field(exchange, "Set-Cookie", cookie);
}

static const char *role_name(enum caller_role role)
{
    static const char *const names[] = { "anyone", "participant", "organizer", "admin" };
    return names[role];
}

struct activation {
    const struct settings *settings;
    const char *invitation;
    char secret[SECRET_TEXT_SIZE];
    struct caller caller;
};

static bool activate(struct db_connection *connection, void *data, struct problem *problem)
{
    struct activation *activation = data;
    return invitation_activate(connection, activation->settings, activation->invitation,
        activation->secret, &activation->caller, problem);
}

static bool open_invitation(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    (void)connection;
    struct application *application = request->application;
    const char *peer = request->exchange->request.peer;
    struct activation activation = { .settings = application->settings };
    if (!json_get_line(request->body, "invitation", 200, &activation.invitation, problem)
        || !attempt_allowed(application->attempts, peer, problem))
        return false;
    if (!db_write(application->db, activate, &activation, problem)) {
        if (problem->kind == PROBLEM_INVITATION_UNKNOWN)
            attempt_failed(application->attempts, peer);
        return false;
    }
    send_session_cookie(
        request->exchange, activation.secret, activation.caller.session_expires_at_ms);
    return api_answer(
        request, json_pack("{s:s}", "role", role_name(activation.caller.role)), problem);
}

void session_open_invitation(struct exchange *exchange)
{
    api_call(exchange, open_invitation);
}

static bool open_password(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    (void)connection;
    struct application *application = request->application;
    const char *peer = request->exchange->request.peer;
    const char *email, *password;
    char secret[SECRET_TEXT_SIZE];
    struct caller caller;
    if (!json_get_line(request->body, "email", 254, &email, problem)
        || !json_get_line(request->body, "password", PASSWORD_LENGTH_MAX, &password, problem)
        || !attempt_allowed(application->attempts, peer, problem))
        return false;
    if (!staff_login(
            application->db, application->settings, email, password, secret, &caller, problem)) {
        if (problem->kind == PROBLEM_WRONG_PASSWORD)
            attempt_failed(application->attempts, peer);
        return false;
    }
    send_session_cookie(request->exchange, secret, caller.session_expires_at_ms);
    return api_answer(request, json_pack("{s:s}", "role", role_name(caller.role)), problem);
}

void session_open_password(struct exchange *exchange)
{
    api_call(exchange, open_password);
}

static bool end_session(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    if (!session_revoke(connection, request->caller->session_id, problem))
        return false;
    request->access_revoked = true;
    request->status = 204;
    return true;
}

void session_end(struct exchange *exchange)
{
    static const char cleared[]
        = MEDIA_TOKEN_COOKIE "=; Secure; HttpOnly; SameSite=Lax; Path=/; Max-Age=0";
    send_session_cookie(exchange, "", 0);
    exchange_add_field(exchange, "Set-Cookie", cleared);
    api_write(exchange, end_session);
}

/* Adds each lecture's progress to what the program says of it: the two lists name the same
 * lectures. */
static void add_progress(json_t *lectures, const json_t *records)
{
    size_t index, found;
    json_t *lecture, *record;
    json_array_foreach(lectures, index, lecture)
    {
        const char *id = json_string_value(json_object_get(lecture, "id"));
        json_array_foreach(records, found, record)
        {
            const char *of = json_string_value(json_object_get(record, "id"));
            if (text_equal(id, of)) {
                (void)json_object_update_missing(lecture, record);
                break;
            }
        }
    }
}

static bool add_rule(struct db_connection *connection, struct api_request *request, json_t *me,
    struct problem *problem)
{
    struct completion_rule rule;
    if (!rule_of_participant(connection, request->application->settings,
            request->caller->participant_id, &rule, problem))
        return false;
    (void)json_object_set_new(json_object_get(me, "cohort"), "rule", rule_json(&rule));
    return true;
}

static bool show_participant(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const struct caller *caller = request->caller;
    json_t *me = participant_program_json(
        connection, request->application->settings, caller, request->asked_language, problem);
    json_t *records
        = me ? report_participant_lectures(connection, caller->participant_id, problem) : NULL;
    if (!records || !add_rule(connection, request, me, problem)) {
        json_decref(records);
        json_decref(me);
        return false;
    }
    add_progress(json_object_get(me, "lectures"), records);
    json_decref(records);
    (void)json_object_set_new(me, "role", json_string("participant"));
    (void)json_object_set_new(me, "id", json_string(caller->participant_id));
    (void)json_object_set_new(me, "server_time_ms", json_integer(clock_now_ms()));
    request->answer = me;
    return true;
}

static bool show_staff(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    static const char sql[] = "SELECT name, email FROM staff WHERE id = $1";
    struct db_rows *rows = db_query(connection, sql, "t", request->caller->staff_id);
    json_t *me = NULL;
    if (db_next(rows))
        me = json_pack("{s:s, s:s, s:s, s:s, s:I}", "role", role_name(request->caller->role), "id",
            request->caller->staff_id, "name", db_text(rows, 0), "email", db_text(rows, 1),
            "server_time_ms", (json_int_t)clock_now_ms());
    return db_end(rows, problem) && api_answer(request, me, problem);
}

static bool show_me(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    return request->caller->role == CALLER_PARTICIPANT
               ? show_participant(connection, request, problem)
               : show_staff(connection, request, problem);
}

void session_show_me(struct exchange *exchange)
{
    api_read(exchange, show_me);
}
