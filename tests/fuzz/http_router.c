/* Targets through the router: parameters lie within the path, are never empty, and take no empty
 * segment in. */
#include "http/router.h"
#include "http/target.h"

#include <stdlib.h>
#include <string.h>

static void handler(struct exchange *exchange)
{
    (void)exchange;
}

static const struct route routes[] = {
    { HTTP_GET, "/", 0, BODY_NONE, 0, handler },
    { HTTP_GET, "/api/v1/{a}/b/{c}", 0, BODY_NONE, 0, handler },
    { HTTP_POST, "/api/v1/{a}", 0, BODY_WHOLE, 10, handler },
    { HTTP_GET, "/{a}/{b}/{c}/{d}/{e}/{f...}", 0, BODY_NONE, 0, handler },
    { HTTP_GET, "/media/{rest...}", 0, BODY_NONE, 0, handler },
};

static void route_path(const struct router *router, const char *path, int method)
{
    char allowed[64];
    const struct route *route;
    const char *parameters[EXCHANGE_PARAMETERS_MAX] = { 0 };
    size_t length = strlen(path);
    char *copy = malloc(length + 1);
    memcpy(copy, path, length + 1);
    if (router_find(router, (enum http_method)method, copy, &route, parameters) == ROUTER_FOUND) {
        for (size_t i = 0; i < EXCHANGE_PARAMETERS_MAX && parameters[i]; i++)
            if (parameters[i] <= copy || parameters[i] >= copy + length || !*parameters[i]
                || *parameters[i] == '/' || strstr(parameters[i], "//"))
                abort();
    }
    router_allowed(router, path, allowed, sizeof allowed);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct router *router;
    if (!router)
        router = router_build(routes, sizeof routes / sizeof routes[0]);
    struct target target;
    struct arena arena;
    arena_init(&arena);
    if (target_split((const char *)data, size, &target)) {
        const char *path = target_decode_path(&arena, target.path, target.path_length);
        for (int method = 0; path && method < HTTP_METHOD_COUNT; method++)
            route_path(router, path, method);
    }
    arena_release(&arena);
    return 0;
}
