/* Whole responses from memory: bytes, JSON, problem documents. */
#include "base/gzip.h"
#include "base/json.h"
#include "http/exchange_io.h"
#include "http/field_rules.h"

#include <stdlib.h>
#include <string.h>

enum {
    PACKED_BYTES_LEAST = 1024,
    RETRY_BUSY_S = 2,
    RETRY_TOO_MANY_S = 60,
};
static const size_t json_bytes_max = (size_t)64 * 1024 * 1024;

void exchange_set_content(struct exchange *exchange, const char *content_type, uint64_t length)
{
    if (content_type && !response_fields_find(&exchange->io->fields, "Content-Type"))
        exchange_add_field(exchange, "Content-Type", content_type);
    exchange->io->has_length = true;
    exchange->io->length = length;
}

/* One piece of memory that the arena holds. */
static void set_body(struct exchange *exchange, const char *bytes, size_t count)
{
    struct response_body *body = &exchange->io->body;
    struct body_piece *piece = arena_alloc(&exchange->arena, sizeof *piece);
    *piece = (struct body_piece){ .bytes = bytes, .count = count };
    body->pieces = piece;
    body->piece_count = 1;
    body->left = count;
}

/* Texts, and what is not packed by itself already. */
static bool may_be_packed(const struct exchange *exchange, const char *content_type, size_t count)
{
    const struct response_fields *fields = &exchange->io->fields;
    bool text
        = content_type && (strncmp(content_type, "text/", 5) == 0 || strstr(content_type, "json"));
    return text && count >= PACKED_BYTES_LEAST && !response_fields_find(fields, "Content-Encoding");
}

static const char *try_copy(struct arena *arena, const void *bytes, size_t count)
{
    char *copy = arena_try_alloc(arena, count);
    return copy ? memcpy(copy, bytes, count) : NULL;
}

/* Copies; *count is then that of the packed form, where the client takes it.  NULL: no memory. */
static const char *packed_or_copied(
    struct exchange *exchange, const char *content_type, const void *bytes, size_t *count)
{
    struct arena *arena = &exchange->arena;
    if (may_be_packed(exchange, content_type, *count)) {
        exchange_vary(exchange, "Accept-Encoding");
        size_t packed_count;
        char *packed = exchange_accepts_encoding(exchange, "gzip")
                           ? gzip_pack(bytes, *count, GZIP_QUICK, &packed_count)
                           : NULL;
        if (packed) {
            exchange_add_field(exchange, "Content-Encoding", "gzip");
            const char *copied = try_copy(arena, packed, packed_count);
            free(packed);
            *count = packed_count;
            return copied;
        }
    }
    return *count > 0 ? try_copy(arena, bytes, *count) : "";
}

/* There is no memory for the answer, but for this one. */
static void send_busy(struct exchange *exchange)
{
    struct problem problem = { 0 };
    problem_set(&problem, PROBLEM_BUSY, "no memory for the answer");
    exchange->io->fields.count = 0;
    exchange_send_problem(exchange, &problem);
}

void exchange_send(struct exchange *exchange, int status, const char *content_type,
    const void *bytes, size_t count)
{
    if (exchange->io->answered)
        return;
    if (status_has_body(status)) {
        const char *sent = packed_or_copied(exchange, content_type, bytes, &count);
        if (!sent) {
            send_busy(exchange);
            return;
        }
        exchange_set_content(exchange, content_type, count);
        if (count > 0 && exchange->request.method != HTTP_HEAD)
            set_body(exchange, sent, count);
    }
    exchange->io->outcome.range_end = count;
    exchange_answer(exchange, status);
}

void exchange_send_empty(struct exchange *exchange, int status)
{
    exchange_send(exchange, status, NULL, "", 0);
}

static void send_json(
    struct exchange *exchange, int status, const char *content_type, json_t *value)
{
    struct text text;
    text_init_checked(&text, json_bytes_max);
    json_write(value, &text);
    json_decref(value);
    if (!text.overflowed) {
        if (!response_fields_find(&exchange->io->fields, "Cache-Control"))
            exchange_add_field(exchange, "Cache-Control", "no-store");
        exchange_send(exchange, status, content_type, text.bytes ? text.bytes : "", text.length);
    } else if (text.starved) {
        send_busy(exchange);
    } else {
        struct problem problem = { 0 };
        problem_set(&problem, PROBLEM_INTERNAL, "an answer over %zu bytes", json_bytes_max);
        exchange_send_problem(exchange, &problem);
    }
    text_release(&text);
}

void exchange_send_json(struct exchange *exchange, int status, json_t *value)
{
    if (exchange->io->answered)
        json_decref(value);
    else
        send_json(exchange, status, "application/json", value);
}

static void add_retry_after(struct exchange *exchange, int status)
{
    if (response_fields_find(&exchange->io->fields, "Retry-After"))
        return;
    int seconds = status == 429 ? RETRY_TOO_MANY_S : RETRY_BUSY_S;
    if (status == 429 || status == 503)
        exchange_add_field(exchange, "Retry-After", arena_printf(&exchange->arena, "%d", seconds));
}

void exchange_send_problem(struct exchange *exchange, const struct problem *problem)
{
    if (exchange->io->answered)
        return;
    if (!problem_is_set(&exchange->problem))
        exchange->problem = *problem; /* for the log: it says why */
    enum problem_kind kind = problem_is_set(problem) ? problem->kind : PROBLEM_INTERNAL;
    const struct problem_face *face = &problem_faces[kind];
    json_t *document = json_object();
    json_object_set_new(
        document, "type", json_string(arena_printf(&exchange->arena, "/problems/%s", face->code)));
    json_object_set_new(document, "title", json_string(face->sentence));
    json_object_set_new(document, "status", json_integer(face->status));
    json_object_set_new(document, "code", json_string(face->code));
    if (face->detail_is_public && problem->detail[0])
        json_object_set_new(document, "detail", json_string(problem->detail));
    if (problem->field[0])
        json_object_set_new(document, "field", json_string(problem->field));
    if (problem->particulars[0])
        json_object_set_new(document, "particulars", json_loads(problem->particulars, 0, NULL));
    json_object_set_new(document, "request_id", json_string(exchange->request_id));
    add_retry_after(exchange, face->status);
    /* RFC 9110 section 11.6.1 asks for a challenge; no browser knows this scheme, so none prompts. */
    if (face->status == 401)
        exchange_add_field(exchange, "WWW-Authenticate", "Session");
    send_json(exchange, face->status, "application/problem+json", document);
}
