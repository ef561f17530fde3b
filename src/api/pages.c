/* The built pages, from memory.  Their names are the web build's (src/web/build.mjs). */
#include "api/application.h"
#include "api/handlers.h"
#include "base/secure.h"
#include "base/text.h"
#include "http/precondition.h"

#include <string.h>

enum { TAG_DIGEST_BYTES = 16 };

extern const char openapi_document[];

struct page {
    const char *pattern; /* the route's */
    const char *file;
};

static const struct page pages[] = {
    { "/", "/index.html" }, { "/j", "/j.html" }, { "/lecture/{id}", "/lecture.html" },
    { "/sign-in", "/sign-in.html" }, { "/admin", "/admin.html" },
    { "/organizer", "/organizer.html" }, { "/certificates/{id}", "/certificate.html" },
    { "/favicon.ico", "/favicon.svg" }, /* what browsers ask for where no page has named an icon */
};

static const char *file_of_route(const struct route *route)
{
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        if (strcmp(route->pattern, pages[i].pattern) == 0)
            return pages[i].file;
    return "";
}

/* Only what has no other spelling: such a path may stand in a Location field as it is. */
static bool is_page(const char *path)
{
    static const char lecture[] = "/lecture/";
    if (text_starts_with(path, lecture))
        return secure_is_uuid(path + sizeof lecture - 1);
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        if (strcmp(path, pages[i].pattern) == 0)
            return true;
    return false;
}

/* "/sign-in/?from=/admin" is led to "/sign-in?from=/admin"; a fragment stays with the browser. */
static bool redirect_to_page(struct exchange *exchange)
{
    const char *path = exchange->request.path, *query = exchange->request.query;
    size_t length = strlen(path);
    if (length <= strlen("//") || path[length - 1] != '/')
        return false; /* "//" is no other spelling of "/" */
    const char *page = arena_strndup(&exchange->arena, path, length - 1);
    if (!is_page(page))
        return false;
    exchange_add_field(exchange, "Location",
        arena_printf(&exchange->arena, "%s%s%s", page, query[0] != '\0' ? "?" : "", query));
    exchange_add_field(exchange, "Cache-Control", "no-cache");
    exchange_send_empty(exchange, 308);
    return true;
}

static bool prefers_page(const struct exchange *exchange)
{
    return exchange_prefers_type(exchange, "text/html", "application/json")
           && exchange_prefers_type(exchange, "text/html", "application/problem+json");
}

/* For a GET or HEAD. */
static void answer_nothing_here(struct exchange *exchange)
{
    const struct application *application = exchange->context;
    problem_set(&exchange->problem, PROBLEM_NOT_FOUND, "no page");
    exchange_vary(exchange, "Accept");
    if (!prefers_page(exchange)
        || !static_files_answer_as(application->static_files, exchange, 404, "/not-found.html"))
        exchange_send_problem(exchange, &exchange->problem);
}

static bool is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

void application_not_found(struct exchange *exchange)
{
    const struct http_request *request = &exchange->request;
    bool for_a_person = (request->method == HTTP_GET || request->method == HTTP_HEAD)
                        && !is_below(request->path, "/api") && !is_below(request->path, "/media");
    if (for_a_person && redirect_to_page(exchange))
        return;
    if (for_a_person) {
        answer_nothing_here(exchange);
    } else {
        problem_set(&exchange->problem, PROBLEM_NOT_FOUND, "no route");
        exchange_send_problem(exchange, &exchange->problem);
    }
}

static void send_file(struct exchange *exchange, const char *path)
{
    const struct application *application = exchange->context;
    if (!static_files_answer(application->static_files, exchange, path))
        answer_nothing_here(exchange);
}

void pages_get(struct exchange *exchange)
{
    const struct application *application = exchange->context;
    const char *file = file_of_route(exchange->route);
    static_files_hint(application->static_files, exchange, file);
    send_file(exchange, file);
}

void pages_get_asset(struct exchange *exchange)
{
    send_file(exchange, exchange->request.path);
}

/* On a pool thread: it is long enough to be packed.  Its tag is weak, being the same for the packed form. */
static void send_openapi(struct exchange *exchange)
{
    size_t count = strlen(openapi_document);
    uint8_t digest[SHA256_BYTES];
    char hex[2 * TAG_DIGEST_BYTES + 1];
    secure_sha256(openapi_document, count, digest);
    text_hex_encode(digest, TAG_DIGEST_BYTES, hex);
    const char *tag = arena_printf(&exchange->arena, "\"%s\"", hex);
    exchange_add_field(exchange, "ETag", arena_printf(&exchange->arena, "W/%s", tag));
    exchange_add_field(exchange, "Cache-Control", "no-cache");
    exchange_vary(exchange, "Accept-Encoding");
    struct precondition precondition
        = { .if_none_match = exchange_field(exchange, "if-none-match"), .reads = true };
    if (precondition_check(&precondition, tag, -1) == PRECONDITION_NOT_MODIFIED)
        exchange_send_empty(exchange, 304);
    else
        exchange_send(exchange, 200, "application/json", openapi_document, count);
}

void pages_get_openapi(struct exchange *exchange)
{
    exchange_run_blocking(exchange, POOL_DISK, send_openapi, NULL);
}
