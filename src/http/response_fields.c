#include "http/response_fields.h"

#include "http/field_rules.h"

#include <string.h>
#include <strings.h>

enum { FIELDS_FIRST = 16 };

// clang-format off
static const char page_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; worker-src 'self' blob:; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
static const char inert_policy[] = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

static const struct http_field always[] = {
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "no-referrer" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
};
static const struct http_field over_tls[] = {
    { "Strict-Transport-Security", "max-age=31536000" },
};
static const struct http_field on_pages[] = {
    { "Content-Security-Policy", page_policy },
    { "Cross-Origin-Opener-Policy", "same-origin" },
    { "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()" },
};
static const struct http_field on_xml[] = {
    { "Content-Security-Policy", inert_policy },
};

static const struct { int status; const char *phrase; } phrases[] = {
    { 200, "OK" }, { 201, "Created" }, { 202, "Accepted" }, { 204, "No Content" },
    { 206, "Partial Content" }, { 301, "Moved Permanently" }, { 302, "Found" },
    { 303, "See Other" }, { 304, "Not Modified" }, { 307, "Temporary Redirect" },
    { 308, "Permanent Redirect" }, { 400, "Bad Request" }, { 401, "Unauthorized" },
    { 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" },
    { 406, "Not Acceptable" }, { 408, "Request Timeout" }, { 409, "Conflict" },
    { 410, "Gone" }, { 411, "Length Required" }, { 412, "Precondition Failed" },
    { 413, "Content Too Large" }, { 414, "URI Too Long" },
    { 415, "Unsupported Media Type" }, { 416, "Range Not Satisfiable" },
    { 417, "Expectation Failed" }, { 421, "Misdirected Request" },
    { 422, "Unprocessable Content" }, { 423, "Locked" }, { 429, "Too Many Requests" },
    { 431, "Request Header Fields Too Large" }, { 460, "Checksum Mismatch" },
    { 500, "Internal Server Error" }, { 501, "Not Implemented" },
    { 503, "Service Unavailable" }, { 505, "HTTP Version Not Supported" },
    { 507, "Insufficient Storage" },
};
// clang-format on

static struct http_field *next_place(struct response_fields *fields, struct arena *arena)
{
    if (fields->count == fields->capacity) {
        size_t capacity = fields->capacity ? fields->capacity * 2 : FIELDS_FIRST;
        struct http_field *grown = arena_alloc(arena, capacity * sizeof *grown);
        if (fields->count > 0)
            memcpy(grown, fields->fields, fields->count * sizeof *grown);
        fields->fields = grown;
        fields->capacity = capacity;
    }
    return &fields->fields[fields->count++];
}

bool response_fields_add(
    struct response_fields *fields, struct arena *arena, const char *name, const char *value)
{
    size_t length = strlen(value);
    if (!field_is_token(name, strlen(name)) || !field_is_value(value, length))
        return false;
    *next_place(fields, arena)
        = (struct http_field){ arena_strdup(arena, name), arena_strndup(arena, value, length) };
    return true;
}

const char *response_fields_find(const struct response_fields *fields, const char *name)
{
    enum { CASE_BIT = 'a' ^ 'A' };
    for (size_t i = 0; i < fields->count; i++) {
        const char *other = fields->fields[i].name;
        /* Most differ in their first letter, which spares a call. */
        if (((other[0] ^ name[0]) & ~CASE_BIT) == 0 && strcasecmp(other, name) == 0)
            return fields->fields[i].value;
    }
    return NULL;
}

static void add_fixed(struct response_fields *fields, struct arena *arena,
    const struct http_field *fixed, size_t count)
{
    size_t given = fields->count;
    for (size_t i = 0; i < count; i++) {
        struct response_fields own = { .fields = fields->fields, .count = given };
        if (!response_fields_find(&own, fixed[i].name))
            *next_place(fields, arena) = fixed[i];
    }
}

#define ADD(fixed) add_fixed(fields, arena, fixed, sizeof(fixed) / sizeof((fixed)[0]))

void response_fields_secure(struct response_fields *fields, struct arena *arena, bool tls)
{
    const char *type = response_fields_find(fields, "Content-Type");
    ADD(always);
    if (tls)
        ADD(over_tls);
    if (type && strncasecmp(type, "text/html", 9) == 0)
        ADD(on_pages);
    else if (type && strcasestr(type, "xml"))
        ADD(on_xml);
}

const char *status_phrase(int status)
{
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
        if (phrases[i].status == status)
            return phrases[i].phrase;
    return "";
}

bool status_has_body(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

static char *put(char *at, const char *text, size_t length)
{
    memcpy(at, text, length);
    return at + length;
}

static char *put_text(char *at, const char *text)
{
    return put(at, text, strlen(text));
}

/* Decimal.  snprintf() took as long for two numbers as all the rest of a head. */
static char *put_number(char *at, uint64_t number)
{
    char digits[20];
    size_t start = sizeof digits;
    do
        digits[--start] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    return put(at, digits + start, sizeof digits - start);
}

static char *put_field(char *at, const char *name, const char *value)
{
    at = put(at, name, strlen(name));
    at = put(at, ": ", 2);
    at = put(at, value, strlen(value));
    return put(at, "\r\n", 2);
}

/* Room for the status line, Date, Request-Id, Content-Length, Connection and the empty line. */
enum { FRAME_BYTES = 256 };

const char *response_head_write(
    struct arena *arena, const struct response_head *head, size_t *ret_length)
{
    const struct response_fields *fields = head->fields;
    size_t size = FRAME_BYTES;
    for (size_t i = 0; i < fields->count; i++)
        size += strlen(fields->fields[i].name) + strlen(fields->fields[i].value) + 4;
    char *text = arena_alloc(arena, size);
    char *at = put_text(text, "HTTP/1.1 ");
    at = put_number(at, (uint64_t)head->status);
    at = put_text(at, " ");
    at = put_text(at, status_phrase(head->status));
    at = put_text(at, "\r\n");
    at = put_field(at, "Date", head->date);
    for (size_t i = 0; i < fields->count; i++)
        at = put_field(at, fields->fields[i].name, fields->fields[i].value);
    if (head->has_length) {
        at = put_text(at, "Content-Length: ");
        at = put_number(at, head->length);
        at = put_text(at, "\r\n");
    }
    if (head->close)
        at = put_field(at, "Connection", "close");
    at = put_field(at, "Request-Id", head->request_id);
    at = put(at, "\r\n", 2);
    *ret_length = (size_t)(at - text);
    return text;
}
