/* The built pages, from memory.  Their names are the web build's (src/web/build.mjs). */
#include "api/application.h"
#include "api/handlers.h"

#include <string.h>

extern const char openapi_document[];

struct page {
    const char *pattern; /* the route's */
    const char *file;
};

static const char *file_of_route(const struct route *route)
{
    static const struct page pages[] = {
        { "/", "/index.html" },
        { "/j", "/j.html" },
        { "/lecture/{id}", "/lecture.html" },
        { "/sign-in", "/sign-in.html" },
        { "/admin", "/admin.html" },
        { "/organizer", "/organizer.html" },
    };
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        if (strcmp(route->pattern, pages[i].pattern) == 0)
            return pages[i].file;
    return "";
}

static void send_file(struct exchange *exchange, const char *path)
{
    const struct application *application = exchange->context;
    if (static_files_answer(application->static_files, exchange, path))
        return;
    problem_set(&exchange->problem, PROBLEM_NOT_FOUND, "no page '%.60s'", path);
    exchange_send_problem(exchange, &exchange->problem);
}

void pages_get(struct exchange *exchange)
{
    send_file(exchange, file_of_route(exchange->route));
}

void pages_get_asset(struct exchange *exchange)
{
    send_file(exchange, exchange->request.path);
}

void pages_get_openapi(struct exchange *exchange)
{
    exchange_add_field(exchange, "Cache-Control", "no-cache");
    exchange_send(exchange, 200, "application/json", openapi_document, strlen(openapi_document));
}
