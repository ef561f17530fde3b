/*
 * What API handlers share: a JSON request that runs one function over the store and answers with JSON or a problem.
 *
 *   static bool list(struct db_connection *connection, struct api_request *request, struct problem *problem)
 *   {
 *       request->answer = programs_json(connection, request->caller, request->language, problem);
 *       return request->answer != NULL;
 *   }
 *   void programs_list(struct exchange *exchange)
 *   {
 *       api_read(exchange, list);
 *   }
 *
 * Threads    the function runs on a store thread: inside db_read (api_read), inside db_write (api_write, where it may run
 *            again from the start), or outside of both (api_call, connection is NULL: for work that does its own).
 */
#ifndef LECTERN_API_REQUEST_H
#define LECTERN_API_REQUEST_H

#include "access/caller.h"
#include "api/application.h"
#include "base/json.h"

struct api_request {
    struct exchange *exchange;
    struct application *application;
    const struct caller *caller; /* a role of CALLER_ANYONE where the route needs nothing */
    const char *language;        /* BCP 47, of the titles in the answer */
    const char *asked_language;  /* the same where ?language= gave it; else NULL */
    const json_t *body;          /* an object; for routes with a body */
    int status;                  /* 200 unless set */
    json_t *answer;              /* NULL: no body; owned by the request */
    /* What the function changed, and must be known in memory before the answer leaves. */
    bool library_changed;
    const char *lecture_changed; /* its captions or files */
    bool access_revoked;         /* sessions were revoked: their media tokens end now */
};

typedef bool (*api_function)(
    struct db_connection *connection, struct api_request *request, struct problem *problem);

void api_read(struct exchange *exchange, api_function function);
void api_write(struct exchange *exchange, api_function function);
void api_call(struct exchange *exchange, api_function function);

/* Caller, application and language of an exchange; for handlers that do not fit the three above. */
void api_request_init(struct api_request *request, struct exchange *exchange);

/* {"id": id} with 201. */
bool api_created(struct api_request *request, const char *id);
/* A {name} of the route that must be a UUID: PROBLEM_NOT_FOUND otherwise. */
bool api_parameter_id(
    const struct api_request *request, size_t index, const char **ret_id, struct problem *problem);
/* NULL-safe: packs, and sets PROBLEM_INTERNAL when it cannot. */
bool api_answer(struct api_request *request, json_t *answer, struct problem *problem);

#endif
