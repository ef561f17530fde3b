/* Whole responses from memory: bytes, JSON, problem documents. */
#include "base/json.h"
#include "http/exchange_io.h"
#include "http/field_rules.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
    GZIP_BYTES_LEAST = 1024,
    GZIP_LEVEL = 5,
    GZIP_WINDOW = 15 + 16, /* zlib's way to ask for gzip's wrapper */
    GZIP_MEMORY = 8,
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

void exchange_send(struct exchange *exchange, int status, const char *content_type,
    const void *bytes, size_t count)
{
    if (exchange->io->answered)
        return;
    if (status_has_body(status)) {
        exchange_set_content(exchange, content_type, count);
        if (count > 0 && exchange->request.method != HTTP_HEAD)
            set_body(exchange, arena_strndup(&exchange->arena, bytes, count), count);
    }
    exchange->io->outcome.range_end = count;
    exchange_answer(exchange, status);
}

void exchange_send_empty(struct exchange *exchange, int status)
{
    exchange_send(exchange, status, NULL, "", 0);
}

/* The bytes in gzip, from the arena; NULL when that is not shorter. */
static char *compress_text(struct arena *arena, const struct text *text, size_t *ret_count)
{
    z_stream zip = { 0 };
    if (deflateInit2(&zip, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY)
        != Z_OK)
        return NULL;
    char *packed = arena_alloc(arena, text->length);
    zip.next_in = (Bytef *)text->bytes;
    zip.avail_in = (uInt)text->length;
    zip.next_out = (Bytef *)packed;
    zip.avail_out = (uInt)text->length;
    bool whole = deflate(&zip, Z_FINISH) == Z_STREAM_END;
    *ret_count = text->length - zip.avail_out;
    (void)deflateEnd(&zip);
    return whole ? packed : NULL;
}

static void send_json_text(
    struct exchange *exchange, int status, const char *content_type, const struct text *text)
{
    if (!response_fields_find(&exchange->io->fields, "Cache-Control"))
        exchange_add_field(exchange, "Cache-Control", "no-store");
    if (text->length >= GZIP_BYTES_LEAST) {
        exchange_add_field(exchange, "Vary", "Accept-Encoding");
        size_t count;
        char *packed = field_accepts_coding(exchange_field(exchange, "accept-encoding"), "gzip")
                           ? compress_text(&exchange->arena, text, &count)
                           : NULL;
        if (packed) {
            exchange_add_field(exchange, "Content-Encoding", "gzip");
            exchange_send(exchange, status, content_type, packed, count);
            return;
        }
    }
    exchange_send(exchange, status, content_type, text->bytes ? text->bytes : "", text->length);
}

static void send_json(
    struct exchange *exchange, int status, const char *content_type, json_t *value)
{
    struct text text;
    text_init(&text, json_bytes_max);
    json_write(value, &text);
    json_decref(value);
    if (!text.overflowed) {
        send_json_text(exchange, status, content_type, &text);
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
    json_object_set_new(document, "request_id", json_string(exchange->request_id));
    add_retry_after(exchange, face->status);
    send_json(exchange, face->status, "application/problem+json", document);
}
