#include "http/head_reader.h"

#include "http/field_rules.h"

#include <string.h>

/* Longest "METHOD " and " HTTP/1.1" that are worth reading. */
enum { REQUEST_LINE_EXTRA_BYTES = 64 };

struct request_line {
    const char *method, *target;
    size_t method_length, target_length;
    enum http_version version;
};

void head_reader_init(struct head_reader *reader)
{
    *reader = (struct head_reader){ 0 };
}

static bool read_version(
    const char *bytes, size_t length, enum http_version *ret_version, struct problem *problem)
{
    if (length != 8 || memcmp(bytes, "HTTP/", 5) != 0 || bytes[5] < '0' || bytes[5] > '9'
        || bytes[6] != '.' || bytes[7] < '0' || bytes[7] > '9')
        return problem_set(problem, PROBLEM_BAD_REQUEST, "no HTTP version in the request line");
    if (bytes[5] != '1' || bytes[7] > '1')
        return problem_set(problem, PROBLEM_HTTP_VERSION, "version %.3s", bytes + 5);
    *ret_version = bytes[7] == '0' ? HTTP_VERSION_1_0 : HTTP_VERSION_1_1;
    return true;
}

/* method SP target SP version, with single spaces. */
static bool read_request_line(const char *line, size_t length, const struct request_limits *limits,
    struct request_line *ret_line, struct problem *problem)
{
    const char *first = memchr(line, ' ', length);
    const char *second = first ? memchr(first + 1, ' ', length - (size_t)(first + 1 - line)) : NULL;
    if (!second)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "request line without three parts");
    ret_line->method = line;
    ret_line->method_length = (size_t)(first - line);
    ret_line->target = first + 1;
    ret_line->target_length = (size_t)(second - first) - 1;
    if (!field_is_token(ret_line->method, ret_line->method_length) || ret_line->target_length == 0)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "request line without a method or target");
    if (ret_line->target_length > limits->target_bytes_max)
        return problem_set(problem, PROBLEM_TARGET_TOO_LONG, "target too long");
    const char *version = second + 1;
    return read_version(version, length - (size_t)(version - line), &ret_line->version, problem);
}

/* A line of this length (without its end) came; false when it can be refused at once. */
static bool accept_line(struct head_reader *reader, const struct request_limits *limits,
    const char *line, size_t length, struct problem *problem)
{
    struct request_line request_line;
    if (reader->lines == 1)
        return read_request_line(line, length, limits, &request_line, problem);
    if (reader->lines > limits->header_count_max + 1)
        return problem_set(
            problem, PROBLEM_HEADERS_TOO_LARGE, "more than %zu fields", limits->header_count_max);
    return true;
}

/* The line in progress, and all of the head so far, are they within the limits? */
static bool within_limits(const struct head_reader *reader, const struct request_limits *limits,
    size_t count, struct problem *problem)
{
    if (reader->lines == 0
        && count - reader->line_start > limits->target_bytes_max + REQUEST_LINE_EXTRA_BYTES)
        return problem_set(problem, PROBLEM_TARGET_TOO_LONG, "request line too long");
    if (count > limits->header_bytes_max)
        return problem_set(
            problem, PROBLEM_HEADERS_TOO_LARGE, "head over %zu bytes", limits->header_bytes_max);
    return true;
}

enum head_step head_reader_scan(struct head_reader *reader, const struct request_limits *limits,
    const char *bytes, size_t count, size_t *ret_head_bytes, struct problem *problem)
{
    const char *end;
    while (reader->scanned < count
           && (end = memchr(bytes + reader->scanned, '\n', count - reader->scanned))) {
        size_t at = (size_t)(end - bytes);
        if (!within_limits(reader, limits, at, problem))
            return HEAD_REFUSED;
        if (at == reader->line_start || bytes[at - 1] != '\r') {
            problem_set(problem, PROBLEM_BAD_REQUEST, "line ends with a bare LF");
            return HEAD_REFUSED;
        }
        const char *line = bytes + reader->line_start;
        size_t length = at - 1 - reader->line_start;
        bool leading = reader->line_start == 0 && length == 0;
        reader->scanned = reader->line_start = at + 1;
        if (leading)
            continue;
        reader->lines++;
        if (length == 0 && reader->lines > 1) {
            *ret_head_bytes = at + 1;
            return HEAD_WHOLE;
        }
        if (!accept_line(reader, limits, line, length, problem))
            return HEAD_REFUSED;
    }
    reader->scanned = count;
    return within_limits(reader, limits, count, problem) ? HEAD_MORE : HEAD_REFUSED;
}

static bool add_line(
    struct request_builder *builder, const char *line, size_t length, struct problem *problem)
{
    if (line[0] == ' ' || line[0] == '\t')
        return problem_set(problem, PROBLEM_BAD_REQUEST, "folded line");
    const char *colon = memchr(line, ':', length);
    if (!colon)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "field without a colon");
    /* A space before the colon is no token byte, so the builder refuses it. */
    size_t name_length = (size_t)(colon - line);
    return request_add_field(
        builder, line, name_length, colon + 1, length - name_length - 1, problem);
}

bool head_parse(const char *head, size_t head_bytes, const struct request_limits *limits,
    struct http_request *request, struct arena *arena, struct request_framing *ret_framing,
    struct problem *problem)
{
    const char *at = head;
    const char *end = head + head_bytes;
    if (head_bytes >= 2 && at[0] == '\r')
        at += 2;
    const char *line_end = memchr(at, '\n', (size_t)(end - at));
    struct request_line line = { 0 };
    if (!line_end || !read_request_line(at, (size_t)(line_end - 1 - at), limits, &line, problem))
        return false;
    struct request_builder builder;
    request_begin(&builder, request, arena, line.version, limits);
    if (!request_set_method(&builder, line.method, line.method_length, problem)
        || !request_set_target(&builder, line.target, line.target_length, problem))
        return false;
    /* Up to the empty line, which scanning found at the very end. */
    for (at = line_end + 1; at < end - 2; at = line_end + 1) {
        line_end = memchr(at, '\n', (size_t)(end - at));
        if (!line_end || !add_line(&builder, at, (size_t)(line_end - 1 - at), problem))
            return false;
    }
    return request_finish(&builder, false, ret_framing, problem);
}
