#include "api/request.h"

#include "base/clock.h"

#include <string.h>
#include <strings.h>

enum access_to_store { STORE_READ, STORE_WRITE, STORE_OWN };

struct api_run {
    struct api_request request;
    api_function function;
    enum access_to_store access;
};

static const char *asked_language_of(struct exchange *exchange)
{
    return text_or_null(exchange_query(exchange, "language"));
}

/* "vi-VN,vi;q=0.9,en;q=0.8": the first tag is what the reader's browser asks for first. */
static const char *accepted_language_of(struct exchange *exchange)
{
    const char *accepted = exchange_field(exchange, "accept-language");
    size_t length = accepted ? strcspn(accepted, ",; ") : 0;
    return length > 0 && accepted[0] != '*' ? arena_strndup(&exchange->arena, accepted, length)
                                            : "en";
}

/* May run again from the start: what an earlier run answered is forgotten first. */
static bool run_function(struct db_connection *connection, void *data, struct problem *problem)
{
    struct api_run *run = data;
    struct api_request *request = &run->request;
    json_decref(request->answer);
    request->answer = NULL;
    request->status = 200;
    request->library_changed = request->access_revoked = false;
    request->lecture_changed = NULL;
    return run->function(connection, request, problem);
}

static bool run_over_store(struct api_run *run, struct problem *problem)
{
    struct db *db = run->request.application->db;
    switch (run->access) {
    case STORE_READ:
        return db_read(db, run_function, run, problem);
    case STORE_WRITE:
        return db_write(db, run_function, run, problem);
    case STORE_OWN:
        break;
    }
    return run_function(NULL, run, problem);
}

/* The store has changed; now the loops must know, before anybody is told that it is done. */
static bool make_known(const struct api_request *request, int64_t began_ms, struct problem *problem)
{
    struct application *application = request->application;
    if (request->access_revoked
        && !media_token_deny_revoked(application->tokens, application->db, began_ms, problem))
        return false;
    if (request->lecture_changed
        && !library_refresh_lecture(application->library, request->lecture_changed, problem))
        return false;
    return !request->library_changed || library_refresh(application->library, problem);
}

static void respond(struct api_request *request)
{
    struct exchange *exchange = request->exchange;
    json_t *answer = request->answer;
    request->answer = NULL;
    if (answer)
        exchange_send_json(exchange, request->status, answer);
    else
        exchange_send_empty(exchange, request->status);
}

/* Simple clients name no type. */
static bool type_is_json(struct exchange *exchange)
{
    static const char json[] = "application/json";
    const char *type = exchange_field(exchange, "content-type");
    size_t length = type ? strcspn(type, "; \t") : 0;
    return !type || (length == sizeof json - 1 && strncasecmp(type, json, length) == 0);
}

/* What is JSON is taken under any name: curl and others send it as a form where nobody says otherwise, and it is the Origin and the
 * cookie's SameSite that keep other sites out.  What is not is told apart: another type, or JSON that is wrong. */
static json_t *read_body(struct exchange *exchange, struct problem *problem)
{
    /* no body at all means that there is nothing to say */
    if (exchange->body_bytes == 0)
        return json_read_object("{}", 2, problem);
    json_t *body = json_read_object(exchange->body, exchange->body_bytes, problem);
    if (!body && !type_is_json(exchange)) {
        problem_clear(problem);
        problem_set(problem, PROBLEM_UNSUPPORTED_TYPE, "'application/json' is expected here");
    }
    return body;
}

static void work(struct exchange *exchange)
{
    struct api_run *run = exchange->state;
    struct problem *problem = &exchange->problem;
    json_t *body = NULL;
    int64_t began_ms = clock_now_ms();
    bool done = true;
    if (exchange->route->body == BODY_WHOLE) {
        body = read_body(exchange, problem);
        done = body != NULL;
        run->request.body = body;
    }
    done = done && run_over_store(run, problem) && make_known(&run->request, began_ms, problem);
    if (done) {
        respond(&run->request);
    } else {
        json_decref(run->request.answer);
        exchange_send_problem(exchange, problem);
    }
    json_decref(body);
}

void api_request_init(struct api_request *request, struct exchange *exchange)
{
    static const struct caller anyone = { .role = CALLER_ANYONE };
    const char *asked = asked_language_of(exchange);
    *request = (struct api_request){
        .exchange = exchange,
        .application = exchange->context,
        .caller = exchange->caller ? exchange->caller : &anyone,
        .asked_language = asked,
        .language = asked ? asked : accepted_language_of(exchange),
    };
}

static void start(struct exchange *exchange, api_function function, enum access_to_store access)
{
    struct api_run *run = arena_alloc(&exchange->arena, sizeof *run);
    api_request_init(&run->request, exchange);
    run->function = function;
    run->access = access;
    exchange->state = run;
    exchange_run_blocking(exchange, POOL_STORE, work, NULL);
}

void api_read(struct exchange *exchange, api_function function)
{
    start(exchange, function, STORE_READ);
}

void api_write(struct exchange *exchange, api_function function)
{
    start(exchange, function, STORE_WRITE);
}

void api_call(struct exchange *exchange, api_function function)
{
    start(exchange, function, STORE_OWN);
}

bool api_answer(struct api_request *request, json_t *answer, struct problem *problem)
{
    request->answer = answer;
    return answer || problem_set(problem, PROBLEM_INTERNAL, "an answer could not be made");
}

bool api_created(struct api_request *request, const char *id)
{
    request->status = 201;
    request->answer = json_pack("{s:s}", "id", id);
    return request->answer != NULL;
}

bool api_parameter_id(
    const struct api_request *request, size_t index, const char **ret_id, struct problem *problem)
{
    const char *id = request->exchange->parameters[index];
    if (!secure_is_uuid(id))
        return problem_set(problem, PROBLEM_NOT_FOUND, "'%.40s' is no id", id);
    *ret_id = id;
    return true;
}
