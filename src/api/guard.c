/*
 * The guard: runs before every handler, and is the one place where a request meets the rules of
 * access. What a route needs is a column of its table (access/permission.h).
 */
#include "access/permission.h"
#include "access/session.h"
#include "api/application.h"
#include "api/cross_origin.h"

#include <string.h>

struct guard {
    void (*proceed)(struct exchange *exchange);
    const char *session_secret; /* what the session cookie says; NULL without one */
    struct caller caller;
    struct media_claims claims;
    char media_token[MEDIA_TOKEN_SIZE];
};

static struct guard *guard_of(struct exchange *exchange)
{
    return exchange->state;
}

static bool find_session(struct db_connection *connection, void *data, struct problem *problem)
{
    struct exchange *exchange = data;
    struct guard *guard = guard_of(exchange);
    return session_find(connection, guard->session_secret, &guard->caller, problem);
}

static void read_session(struct exchange *exchange)
{
    struct application *application = exchange->context;
    (void)db_read(application->db, find_session, exchange, &exchange->problem);
}

/* On the loop again: hand over to the handler, or answer. */
static void finish(struct exchange *exchange, void *caller)
{
    struct guard *guard = guard_of(exchange);
    exchange->state = NULL;
    if (problem_is_set(&exchange->problem)) {
        exchange_send_problem(exchange, &exchange->problem);
        return;
    }
    exchange->caller = caller;
    guard->proceed(exchange);
}

static void session_read(struct exchange *exchange)
{
    struct guard *guard = guard_of(exchange);
    if (!problem_is_set(&exchange->problem)) {
        if (guard->caller.role >= CALLER_ORGANIZER)
            exchange_show_timing(exchange);
        (void)permission_role(
            (enum permission_needed)exchange->route->caller, &guard->caller, &exchange->problem);
    }
    finish(exchange, &guard->caller);
}

static void send_media_cookie(struct exchange *exchange, const char *token)
{
    struct application *application = exchange->context;
    char cookie[MEDIA_SET_COOKIE_SIZE];
    media_token_set_cookie(application->tokens, token, cookie);
    exchange_add_field(exchange, "Set-Cookie", cookie);
}

/* A token that lapsed in a long pause: the session, if it still stands, earns a new one without a
 * word. */
static void media_session_read(struct exchange *exchange)
{
    struct guard *guard = guard_of(exchange);
    struct application *application = exchange->context;
    if (!problem_is_set(&exchange->problem)) {
        int64_t expires_at_ms;
        media_token_sign(application->tokens, &guard->caller, guard->media_token, &expires_at_ms);
        if (media_token_verify(application->tokens, guard->media_token, exchange->started_ms,
                &guard->claims, &exchange->problem))
            send_media_cookie(exchange, guard->media_token);
    }
    finish(exchange, &guard->claims);
}

/* Who shows no cookie is told so here: strangers must not fill the queue of the store. */
static void guard_session(struct exchange *exchange)
{
    struct guard *guard = guard_of(exchange);
    if (guard->session_secret) {
        exchange_run_blocking(exchange, POOL_STORE, read_session, session_read);
        return;
    }
    problem_set(&exchange->problem, PROBLEM_SIGN_IN_NEEDED, "no session cookie");
    finish(exchange, &guard->caller);
}

static void guard_media(struct exchange *exchange)
{
    struct guard *guard = guard_of(exchange);
    struct application *application = exchange->context;
    const char *token = exchange_cookie(exchange, MEDIA_TOKEN_COOKIE);
    struct problem problem = { 0 };
    int64_t now_ms = exchange->started_ms;
    if (token && media_token_verify(application->tokens, token, now_ms, &guard->claims, &problem)) {
        if (guard->claims.staff)
            exchange_show_timing(exchange);
        if (media_token_renew(application->tokens, &guard->claims, now_ms, guard->media_token))
            send_media_cookie(exchange, guard->media_token);
        finish(exchange, &guard->claims);
        return;
    }
    if (!token)
        problem_set(&problem, PROBLEM_MEDIA_TOKEN_MISSING, "no media cookie");
    bool lapsed = problem.kind == PROBLEM_MEDIA_TOKEN_MISSING
                  || problem.kind == PROBLEM_MEDIA_TOKEN_EXPIRED;
    if (lapsed && guard->session_secret) {
        exchange_run_blocking(exchange, POOL_STORE, read_session, media_session_read);
        return;
    }
    exchange->problem = problem;
    finish(exchange, &guard->claims);
}

void application_guard(struct exchange *exchange, void (*proceed)(struct exchange *exchange))
{
    if (!cross_origin_admit(exchange, &exchange->problem)) {
        exchange_send_problem(exchange, &exchange->problem);
        return;
    }
    enum permission_needed needed = (enum permission_needed)exchange->route->caller;
    if (needed == NEEDS_NOTHING) {
        proceed(exchange);
        return;
    }
    struct guard *guard = arena_alloc(&exchange->arena, sizeof *guard);
    guard->proceed = proceed;
    guard->session_secret = exchange_cookie(exchange, SESSION_COOKIE);
    exchange->state = guard;
    if (needed == NEEDS_MEDIA_TOKEN)
        guard_media(exchange);
    else
        guard_session(exchange);
}

void application_greet(struct exchange *exchange)
{
    cross_origin_add_fields(exchange);
}
