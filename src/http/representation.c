/* Memory and files as representations: conditional requests and ranges (RFC 9110 sections 13 and
 * 14). */
#include "base/clock.h"
#include "base/secure.h"
#include "http/byte_range.h"
#include "http/file_body.h"
#include "http/loop.h"
#include "http/precondition.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>

/* What is sent, in memory or in a file: bytes of [0, length). */
struct content {
    const char *bytes;
    bool in_file;
    uint64_t offset; /* of bytes in the file */
    uint64_t length;
};

static void add_validators(struct exchange *exchange, const struct representation *representation)
{
    if (representation->etag)
        exchange_add_field(exchange, "ETag", representation->etag);
    if (representation->last_modified_ms >= 0) {
        char date[CLOCK_HTTP_SIZE];
        clock_format_http(representation->last_modified_ms, date);
        exchange_add_field(exchange, "Last-Modified", date);
    }
    if (representation->content_encoding)
        exchange_add_field(exchange, "Content-Encoding", representation->content_encoding);
    if (representation->ranges)
        exchange_add_field(exchange, "Accept-Ranges", "bytes");
}

static enum precondition_answer check_conditions(
    const struct exchange *exchange, const struct representation *representation)
{
    struct precondition precondition = {
        .if_match = exchange_field(exchange, "if-match"),
        .if_none_match = exchange_field(exchange, "if-none-match"),
        .if_modified_since = exchange_field(exchange, "if-modified-since"),
        .if_unmodified_since = exchange_field(exchange, "if-unmodified-since"),
        .reads = exchange->request.method == HTTP_GET || exchange->request.method == HTTP_HEAD,
    };
    return precondition_check(
        &precondition, representation->etag, representation->last_modified_ms);
}

static enum byte_range_answer read_ranges(const struct exchange *exchange,
    const struct representation *representation, uint64_t length,
    struct byte_range ret_ranges[BYTE_RANGES_MAX], size_t *ret_count)
{
    const char *range = exchange_field(exchange, "range");
    /* Range is defined for GET alone (RFC 9110 section 14.2). */
    if (!range || !representation->ranges || exchange->request.method != HTTP_GET
        || !precondition_range_holds(exchange_field(exchange, "if-range"), representation->etag,
            representation->last_modified_ms))
        return BYTE_RANGE_WHOLE;
    size_t ranges_max = (size_t)exchange->io->loop->settings->ranges_max;
    return byte_range_read(range, length, ranges_max, ret_ranges, ret_count);
}

static void add_piece(struct response_body *body, const struct body_piece *piece)
{
    body->pieces[body->piece_count++] = *piece;
    body->left += piece->count;
}

static void add_part(
    struct response_body *body, const struct content *content, uint64_t start, uint64_t end)
{
    struct body_piece piece = {
        .bytes = content->bytes + start,
        .in_file = content->in_file,
        .offset = content->offset + start,
        .count = end - start,
    };
    if (end > start)
        add_piece(body, &piece);
}

static const char *content_range(
    struct arena *arena, const struct byte_range *range, uint64_t length)
{
    return arena_printf(arena, "bytes %llu-%llu/%llu", (unsigned long long)range->start,
        (unsigned long long)(range->end - 1), (unsigned long long)length);
}

/* multipart/byteranges (RFC 9110 section 14.6); its boundary cannot be foreseen by who wrote the
 * content. */
static void build_multipart(struct exchange *exchange, const struct content *content,
    const char *content_type, const struct byte_range *ranges, size_t count)
{
    struct arena *arena = &exchange->arena;
    struct response_body *body = &exchange->io->body;
    char boundary[SECRET_TEXT_SIZE];
    secure_make_secret(boundary);
    body->pieces = arena_alloc(arena, (count * 2 + 1) * sizeof *body->pieces);
    for (size_t i = 0; i < count; i++) {
        const char *head = arena_printf(arena,
            "%s--%s\r\nContent-Type: %s\r\nContent-Range: %s\r\n\r\n", i > 0 ? "\r\n" : "",
            boundary, content_type, content_range(arena, &ranges[i], content->length));
        add_piece(body, &(struct body_piece){ .bytes = head, .count = strlen(head) });
        add_part(body, content, ranges[i].start, ranges[i].end);
    }
    const char *tail = arena_printf(arena, "\r\n--%s--\r\n", boundary);
    add_piece(body, &(struct body_piece){ .bytes = tail, .count = strlen(tail) });
    const char *type = arena_printf(arena, "multipart/byteranges; boundary=%s", boundary);
    exchange_set_content(exchange, type, body->left);
}

static void build_ranges(struct exchange *exchange, const struct content *content,
    const char *content_type, const struct byte_range *ranges, size_t count)
{
    struct response_body *body = &exchange->io->body;
    if (count == 1) {
        body->pieces = arena_alloc(&exchange->arena, sizeof *body->pieces);
        add_part(body, content, ranges[0].start, ranges[0].end);
        exchange_add_field(exchange, "Content-Range",
            content_range(&exchange->arena, &ranges[0], content->length));
        exchange_set_content(exchange, content_type, body->left);
    } else {
        build_multipart(exchange, content, content_type, ranges, count);
    }
    exchange->io->outcome.range_start = ranges[0].start;
    exchange->io->outcome.range_end = ranges[count - 1].end;
}

static void build_whole(
    struct exchange *exchange, const struct content *content, const char *content_type)
{
    struct response_body *body = &exchange->io->body;
    exchange_set_content(exchange, content_type, content->length);
    exchange->io->outcome.range_end = content->length;
    if (exchange->request.method == HTTP_HEAD)
        return;
    body->pieces = arena_alloc(&exchange->arena, sizeof *body->pieces);
    add_part(body, content, 0, content->length);
}

static void answer_unsatisfiable(struct exchange *exchange, uint64_t length)
{
    struct problem problem = { 0 };
    problem_set(
        &problem, PROBLEM_RANGE_NOT_SATISFIABLE, "of %llu bytes", (unsigned long long)length);
    exchange_add_field(exchange, "Content-Range",
        arena_printf(&exchange->arena, "bytes */%llu", (unsigned long long)length));
    exchange_send_problem(exchange, &problem);
}

static void send_content(struct exchange *exchange, const struct representation *representation,
    const struct content *content)
{
    struct byte_range ranges[BYTE_RANGES_MAX];
    size_t count;
    enum precondition_answer condition = check_conditions(exchange, representation);
    if (condition == PRECONDITION_FAILED) {
        struct problem problem = { 0 };
        problem_set(&problem, PROBLEM_PRECONDITION_FAILED, "a condition of the request");
        exchange_send_problem(exchange, &problem);
        return;
    }
    if (condition == PRECONDITION_NOT_MODIFIED) {
        add_validators(exchange, representation);
        exchange_send_empty(exchange, 304);
        return;
    }
    switch (read_ranges(exchange, representation, content->length, ranges, &count)) {
    case BYTE_RANGE_UNSATISFIABLE:
        answer_unsatisfiable(exchange, content->length);
        return;
    case BYTE_RANGE_PARTS:
        add_validators(exchange, representation);
        build_ranges(exchange, content, representation->content_type, ranges, count);
        exchange_answer(exchange, 206);
        return;
    case BYTE_RANGE_WHOLE:
        break;
    }
    add_validators(exchange, representation);
    build_whole(exchange, content, representation->content_type);
    exchange_answer(exchange, 200);
}

void exchange_send_memory(
    struct exchange *exchange, const struct representation *representation, struct body_memory body)
{
    struct exchange_io *io = exchange->io;
    if (io->answered) {
        if (body.release)
            body.release(body.data);
        return;
    }
    io->body.memory = body;
    struct content content = { .bytes = body.bytes, .length = body.count };
    send_content(exchange, representation, &content);
}

void exchange_send_file(
    struct exchange *exchange, const struct representation *representation, struct body_file file)
{
    struct exchange_io *io = exchange->io;
    if (io->answered) {
        media_map_release(file.map);
        return;
    }
    io->body.map = file.map;
    uint64_t size = media_map_size(file.map);
    if (file.offset > size || file.count > size - file.offset) {
        struct problem problem = { 0 };
        problem_set(&problem, PROBLEM_STORAGE, "a file is shorter than its index says");
        exchange_send_problem(exchange, &problem);
        return;
    }
    struct content content = {
        .bytes = file.count > 0 ? media_map_bytes(file.map) + file.offset : NULL,
        .in_file = true,
        .offset = file.offset,
        .length = file.count,
    };
    send_content(exchange, representation, &content);
}
