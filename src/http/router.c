#include "http/router.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A pattern is cut into segments once; a path is compared segment by segment.  Tables are of some
 * hundred rows, which the first segment's length and bytes sort out at a few nanoseconds a row.
 */
enum { SEGMENTS_MAX = 16 };

struct segment {
    const char *text; /* NULL: a {name} */
    size_t length;
    bool rest; /* {name...} */
};

struct pattern {
    const struct route *route;
    struct segment segments[SEGMENTS_MAX];
    size_t count;
};

struct router {
    struct pattern *patterns;
    size_t count;
};

static _Noreturn void malformed(const struct route *route, const char *what)
{
    (void)fprintf(stderr, "lectern: route '%s': %s\n", route->pattern, what);
    abort();
}

static struct segment read_segment(const struct route *route, const char *text, size_t length)
{
    if (length == 0 || text[0] != '{')
        return (struct segment){ .text = text, .length = length };
    if (length < 3 || text[length - 1] != '}')
        malformed(route, "a {name} takes a whole segment");
    bool rest = length > 5 && memcmp(text + length - 4, "...", 3) == 0;
    if (rest && text[length] != '\0')
        malformed(route, "{name...} stands at the end only");
    return (struct segment){ .rest = rest };
}

static void read_pattern(struct pattern *pattern, const struct route *route)
{
    if (route->pattern[0] != '/' || !route->handler || route->method >= HTTP_METHOD_COUNT)
        malformed(route, "needs a path, a method and a handler");
    size_t names = 0;
    const char *at = route->pattern;
    while (*at == '/') {
        at++;
        size_t length = strcspn(at, "/");
        if (pattern->count == SEGMENTS_MAX)
            malformed(route, "too many segments");
        struct segment segment = read_segment(route, at, length);
        names += !segment.text;
        pattern->segments[pattern->count++] = segment;
        at += length;
    }
    if (names > EXCHANGE_PARAMETERS_MAX)
        malformed(route, "too many {names}");
    pattern->route = route;
}

struct router *router_build(const struct route *routes, size_t count)
{
    struct router *router = memory_zeroed(1, sizeof *router);
    router->patterns = memory_zeroed(count, sizeof *router->patterns);
    router->count = count;
    for (size_t i = 0; i < count; i++)
        read_pattern(&router->patterns[i], &routes[i]);
    return router;
}

void router_free(struct router *router)
{
    if (!router)
        return;
    free(router->patterns);
    free(router);
}

/* Where the path's segments that matched a {name} begin, and how long they are. */
struct match {
    size_t start[EXCHANGE_PARAMETERS_MAX], length[EXCHANGE_PARAMETERS_MAX];
    size_t count;
};

static bool matches(const struct pattern *pattern, const char *path, struct match *ret_match)
{
    const char *at = path;
    ret_match->count = 0;
    for (size_t i = 0; i < pattern->count; i++) {
        const struct segment *segment = &pattern->segments[i];
        if (*at != '/')
            return false;
        at++;
        size_t length = segment->rest ? strlen(at) : strcspn(at, "/");
        if (segment->text) {
            if (length != segment->length || memcmp(at, segment->text, length) != 0)
                return false;
        } else {
            if (length == 0)
                return false;
            ret_match->start[ret_match->count] = (size_t)(at - path);
            ret_match->length[ret_match->count++] = length;
        }
        at += length;
    }
    return *at == '\0';
}

/* HEAD is served by GET's row. */
static bool serves(const struct route *route, enum http_method method)
{
    return route->method == method || (method == HTTP_HEAD && route->method == HTTP_GET);
}

enum router_answer router_find(const struct router *router, enum http_method method,
    char *path_copy, const struct route **ret_route,
    const char *parameters[EXCHANGE_PARAMETERS_MAX])
{
    enum router_answer answer = ROUTER_NO_PATH;
    struct match match;
    if (strstr(path_copy, "//"))
        return ROUTER_NO_PATH;
    for (size_t i = 0; i < router->count; i++) {
        const struct pattern *pattern = &router->patterns[i];
        if (!matches(pattern, path_copy, &match))
            continue;
        if (!serves(pattern->route, method)) {
            answer = ROUTER_NO_METHOD;
            continue;
        }
        for (size_t j = 0; j < match.count; j++) {
            parameters[j] = path_copy + match.start[j];
            path_copy[match.start[j] + match.length[j]] = '\0';
        }
        *ret_route = pattern->route;
        return ROUTER_FOUND;
    }
    return answer;
}

void router_allowed(const struct router *router, const char *path, char *ret_text, size_t size)
{
    bool allowed[HTTP_METHOD_COUNT] = { [HTTP_OPTIONS] = true };
    struct match match;
    for (size_t i = 0; i < router->count; i++) {
        if (!matches(&router->patterns[i], path, &match))
            continue;
        allowed[router->patterns[i].route->method] = true;
        if (router->patterns[i].route->method == HTTP_GET)
            allowed[HTTP_HEAD] = true;
    }
    static const char *const names[HTTP_METHOD_COUNT]
        = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" };
    size_t length = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < HTTP_METHOD_COUNT; i++)
        if (allowed[i] && length < size)
            length += (size_t)snprintf(
                ret_text + length, size - length, "%s%s", length > 0 ? ", " : "", names[i]);
}
