/*
 * The fields of a response, both those that every response of this server carries and those of one
 * response: the one place where security fields are decided.
 *
 *   always          Date, Request-Id, X-Content-Type-Options, Referrer-Policy,
 *                   Cross-Origin-Resource-Policy
 *   over TLS        Strict-Transport-Security
 *   HTML            a strict Content-Security-Policy, Cross-Origin-Opener-Policy,
 *                   Permissions-Policy
 *   SVG and XML     a Content-Security-Policy that runs nothing: a browser shows these as pages too
 *
 * A handler's own field of one of these names is sent instead of the fixed one.
 */
#ifndef LECTERN_HTTP_RESPONSE_FIELDS_H
#define LECTERN_HTTP_RESPONSE_FIELDS_H

#include "http/exchange.h"

struct response_fields {
    struct http_field *fields; /* names as they were given, in any case */
    size_t count, capacity;
};

/* Adds a copy, from the arena.  false when the name is no token or the value has control
 * characters. */
bool response_fields_add(
    struct response_fields *fields, struct arena *arena, const char *name, const char *value);
const char *response_fields_find(const struct response_fields *fields, const char *name);

/* Adds the security fields that the content type asks for, where the handler has not set them. */
void response_fields_secure(struct response_fields *fields, struct arena *arena, bool tls);

/* "Partial Content" of 206; "" for a status that is not in the table. */
const char *status_phrase(int status);
/* May a response of this status have a body? */
bool status_has_body(int status);

/* The head of an HTTP/1.1 response, from the arena. */
struct response_head {
    int status;
    const char *date; /* CLOCK_HTTP_SIZE */
    const char *request_id;
    bool has_length;
    uint64_t length;
    bool close;
    const struct response_fields *fields;
};
const char *response_head_write(
    struct arena *arena, const struct response_head *head, size_t *ret_length);

#endif
