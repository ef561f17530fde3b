#include "http/request_builder.h"

#include "base/text.h"
#include "http/field_rules.h"
#include "http/target.h"

#include <string.h>
#include <strings.h>

enum { FIELD_OVERHEAD_BYTES = 4, FIELDS_FIRST = 16 };

static const char *const method_names[HTTP_METHOD_COUNT] = {
    [HTTP_GET] = "GET",
    [HTTP_HEAD] = "HEAD",
    [HTTP_POST] = "POST",
    [HTTP_PUT] = "PUT",
    [HTTP_PATCH] = "PATCH",
    [HTTP_DELETE] = "DELETE",
    [HTTP_OPTIONS] = "OPTIONS",
};

const char *http_method_name(enum http_method method)
{
    return method < HTTP_METHOD_COUNT ? method_names[method] : "?";
}

void request_begin(struct request_builder *builder, struct http_request *request,
    struct arena *arena, enum http_version version, const struct request_limits *limits)
{
    static const char *const names[] = { "HTTP/1.0", "HTTP/1.1", "HTTP/2" };
    *builder = (struct request_builder){
        .request = request,
        .arena = arena,
        .version = version,
        .limits = limits,
        .framing.close = version == HTTP_VERSION_1_0,
    };
    request->protocol = names[version];
    request->query = "";
    request->body_length = -1;
}

bool request_set_method(
    struct request_builder *builder, const char *bytes, size_t length, struct problem *problem)
{
    if (builder->method_seen || !field_is_token(bytes, length))
        return problem_set(problem, PROBLEM_BAD_REQUEST, "method is no token, or there twice");
    builder->method_seen = true;
    for (size_t i = 0; i < HTTP_METHOD_COUNT; i++) {
        if (length == strlen(method_names[i]) && memcmp(bytes, method_names[i], length) == 0) {
            builder->request->method = (enum http_method)i;
            return true;
        }
    }
    /* CONNECT and TRACE too: this is no proxy, and TRACE would show a page its own cookies. */
    return problem_set(problem, PROBLEM_NOT_IMPLEMENTED, "unknown method");
}

static char *lower_case_copy(struct arena *arena, const char *bytes, size_t length)
{
    char *copy = arena_strndup(arena, bytes, length);
    for (size_t i = 0; i < length; i++)
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] - 'A' + 'a');
    return copy;
}

bool request_set_authority(
    struct request_builder *builder, const char *bytes, size_t length, struct problem *problem)
{
    if (builder->authority || !target_is_authority(bytes, length))
        return problem_set(problem, PROBLEM_BAD_REQUEST, "authority is malformed, or there twice");
    builder->authority = lower_case_copy(builder->arena, bytes, length);
    return true;
}

bool request_set_target(
    struct request_builder *builder, const char *bytes, size_t length, struct problem *problem)
{
    if (length > builder->limits->target_bytes_max)
        return problem_set(problem, PROBLEM_TARGET_TOO_LONG, "target of %zu bytes", length);
    struct target target;
    if (builder->target_seen || !target_split(bytes, length, &target))
        return problem_set(problem, PROBLEM_BAD_REQUEST, "target is malformed, or there twice");
    builder->target_seen = true;
    if (target.authority
        && !request_set_authority(builder, target.authority, target.authority_length, problem))
        return false;
    struct http_request *request = builder->request;
    request->path = target.path[0] == '*'
                        ? "*"
                        : target_decode_path(builder->arena, target.path, target.path_length);
    if (!request->path)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "path is not in its plain form");
    if (target.query)
        request->query = arena_strndup(builder->arena, target.query, target.query_length);
    return true;
}

static bool take_content_length(
    struct request_builder *builder, const char *value, struct problem *problem)
{
    if (builder->length_seen
        || !text_to_int64(value, strlen(value), 0, INT64_MAX, &builder->request->body_length))
        return problem_set(
            problem, PROBLEM_BAD_REQUEST, "Content-Length is malformed or there twice");
    builder->length_seen = true;
    return true;
}

static bool take_transfer_encoding(
    struct request_builder *builder, const char *value, struct problem *problem)
{
    if (builder->version != HTTP_VERSION_1_1 || builder->framing.chunked)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "Transfer-Encoding has no place here");
    builder->encoding_seen = true;
    if (strcasecmp(value, "chunked") == 0) {
        builder->framing.chunked = true;
        return true;
    }
    const char *coding;
    size_t length;
    bool other = false;
    while (field_list_next(&value, &coding, &length)) {
        if (builder->framing.chunked || !field_is_token(coding, length))
            return problem_set(problem, PROBLEM_BAD_REQUEST, "Transfer-Encoding is malformed");
        builder->framing.chunked = length == 7 && strncasecmp(coding, "chunked", length) == 0;
        other = other || !builder->framing.chunked;
    }
    builder->other_coding = true;
    return other || problem_set(problem, PROBLEM_BAD_REQUEST, "Transfer-Encoding is malformed");
}

/* Chunked is the last coding, or no one knows where the body ends (RFC 9112 section 6.3). */
static bool settle_framing(struct request_builder *builder, struct problem *problem)
{
    if (builder->length_seen && builder->encoding_seen)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "Content-Length with Transfer-Encoding");
    if (builder->encoding_seen && !builder->framing.chunked)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "chunked is not the last coding");
    if (builder->other_coding)
        return problem_set(problem, PROBLEM_NOT_IMPLEMENTED, "transfer coding other than chunked");
    return true;
}

static bool take_host(struct request_builder *builder, const char *value, struct problem *problem)
{
    size_t length = strlen(value);
    if (builder->host || !target_is_authority(value, length))
        return problem_set(problem, PROBLEM_BAD_REQUEST, "Host is malformed or there twice");
    builder->host = lower_case_copy(builder->arena, value, length);
    return true;
}

/* Fields of one HTTP/1 hop have no place in HTTP/2 (RFC 9113 section 8.2.2). */
static bool is_hop_field(const char *name, const char *value)
{
    static const char *const names[]
        = { "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return strcmp(name, "te") == 0 && strcasecmp(value, "trailers") != 0;
}

/* Fields that say how the request itself is to be read. */
static bool take_framing_field(
    struct request_builder *builder, const char *name, const char *value, struct problem *problem)
{
    if (strcmp(name, "host") == 0)
        return take_host(builder, value, problem);
    if (strcmp(name, "content-length") == 0)
        return take_content_length(builder, value, problem);
    if (builder->version == HTTP_VERSION_2 && is_hop_field(name, value))
        return problem_set(problem, PROBLEM_BAD_REQUEST, "field '%s' in HTTP/2", name);
    if (strcmp(name, "transfer-encoding") == 0)
        return take_transfer_encoding(builder, value, problem);
    if (strcmp(name, "connection") == 0)
        builder->framing.close = builder->framing.close || field_list_has(value, "close");
    /* An expectation of HTTP/1.0 is ignored (RFC 9110 section 10.1.1). */
    if (strcmp(name, "expect") == 0 && builder->version != HTTP_VERSION_1_0) {
        builder->framing.expect_continue = strcasecmp(value, "100-continue") == 0;
        builder->expectation_failed
            = builder->expectation_failed || !builder->framing.expect_continue;
    }
    return true;
}

/* HTTP/2 may cut a cookie into crumbs (RFC 9113 section 8.2.3); handlers see one field. */
static void add_crumb(struct request_builder *builder, const char *value, size_t length)
{
    size_t needed = builder->cookie_bytes + length + 3;
    if (needed > builder->cookie_capacity) {
        char *grown = arena_alloc(builder->arena, needed * 2);
        if (builder->cookie_bytes > 0)
            memcpy(grown, builder->cookie, builder->cookie_bytes);
        builder->cookie = grown;
        builder->cookie_capacity = needed * 2;
    }
    if (builder->cookie_bytes > 0) {
        memcpy(builder->cookie + builder->cookie_bytes, "; ", 2);
        builder->cookie_bytes += 2;
    }
    memcpy(builder->cookie + builder->cookie_bytes, value, length);
    builder->cookie_bytes += length;
    builder->cookie[builder->cookie_bytes] = '\0';
}

/* Which of two would count is anyone's guess, and an edge may guess otherwise. */
static bool is_single_and_there(
    const struct http_request *request, const char *name, size_t name_length)
{
    static const struct {
        const char *name;
        size_t length; /* differs nearly always, and costs less to compare */
    } singles[] = { { "authorization", 13 }, { "content-type", 12 }, { "if-modified-since", 17 },
        { "if-range", 8 }, { "if-unmodified-since", 19 }, { "origin", 6 }, { "range", 5 } };
    bool single = false;
    for (size_t i = 0; i < sizeof singles / sizeof singles[0] && !single; i++)
        single
            = name_length == singles[i].length && memcmp(name, singles[i].name, name_length) == 0;
    for (size_t i = 0; single && i < request->field_count; i++)
        if (strcmp(request->fields[i].name, name) == 0)
            return true;
    return false;
}

static void keep_field(struct request_builder *builder, const char *name, const char *value)
{
    size_t count = builder->request->field_count;
    if (count == builder->capacity) {
        size_t capacity = count ? count * 2 : FIELDS_FIRST;
        struct http_field *grown = arena_alloc(builder->arena, capacity * sizeof *grown);
        if (count > 0)
            memcpy(grown, builder->fields, count * sizeof *grown);
        builder->fields = grown;
        builder->capacity = capacity;
        builder->request->fields = grown;
    }
    builder->fields[count] = (struct http_field){ name, value };
    builder->request->field_count++;
}

bool request_add_field(struct request_builder *builder, const char *name, size_t name_length,
    const char *value, size_t value_length, struct problem *problem)
{
    builder->bytes += name_length + value_length + FIELD_OVERHEAD_BYTES;
    if (builder->bytes > builder->limits->header_bytes_max
        || ++builder->field_count > builder->limits->header_count_max)
        return problem_set(
            problem, PROBLEM_HEADERS_TOO_LARGE, "fields of %zu bytes", builder->bytes);
    field_trim(&value, &value_length);
    if (!field_is_token(name, name_length) || !field_is_value(value, value_length))
        return problem_set(problem, PROBLEM_BAD_REQUEST, "field name or value has forbidden bytes");
    if (name_length == 6 && strncasecmp(name, "cookie", 6) == 0) {
        add_crumb(builder, value, value_length);
        return true;
    }
    const char *name_copy = lower_case_copy(builder->arena, name, name_length);
    const char *value_copy = arena_strndup(builder->arena, value, value_length);
    if (!take_framing_field(builder, name_copy, value_copy, problem))
        return false;
    if (is_single_and_there(builder->request, name_copy, name_length))
        return problem_set(problem, PROBLEM_BAD_REQUEST, "field '%s' there twice", name_copy);
    keep_field(builder, name_copy, value_copy);
    return true;
}

static bool settle_authority(struct request_builder *builder, struct problem *problem)
{
    const char *host = builder->host;
    const char *authority = builder->authority;
    if (host && authority && strcmp(host, authority) != 0)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "Host and the target's authority differ");
    if (!host && builder->version == HTTP_VERSION_1_1)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "no Host");
    if (!host && !authority && builder->version == HTTP_VERSION_2)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "no :authority");
    builder->request->authority = authority ? authority : host ? host : "";
    return true;
}

bool request_finish(struct request_builder *builder, bool body_follows,
    struct request_framing *ret_framing, struct problem *problem)
{
    struct http_request *request = builder->request;
    if (!builder->method_seen || !builder->target_seen)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "no method or no target");
    if (request->path[0] == '*' && request->method != HTTP_OPTIONS)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "'*' is for OPTIONS alone");
    if (!settle_authority(builder, problem) || !settle_framing(builder, problem))
        return false;
    if (builder->expectation_failed)
        return problem_set(problem, PROBLEM_EXPECTATION_FAILED, "unknown expectation");
    if (!builder->length_seen && !builder->framing.chunked && !body_follows)
        request->body_length = 0;
    if (builder->cookie_bytes > 0)
        keep_field(builder, "cookie", builder->cookie);
    *ret_framing = builder->framing;
    return true;
}
