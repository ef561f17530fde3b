#include "api/cross_origin.h"

#include "api/application.h"

#include <string.h>

/* What tus clients and players send beyond the few fields that need no leave. */
static const char request_fields[]
    = "Content-Type, Range, If-Match, If-None-Match, If-Range, X-HTTP-Method-Override, "
      "Tus-Resumable, Upload-Length, Upload-Offset, Upload-Metadata, Upload-Defer-Length, "
      "Upload-Concat, Upload-Checksum, CMCD-Object, CMCD-Request, CMCD-Session, CMCD-Status";
static const char response_fields[]
    = "Request-Id, ETag, Content-Range, Location, Retry-After, Server-Timing, Tus-Resumable, "
      "Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm, Upload-Offset, "
      "Upload-Length, Upload-Defer-Length, Upload-Concat, Upload-Expires, Upload-Metadata, "
      "Lectern-Lecture";
static const char methods[] = "GET, HEAD, POST, PUT, PATCH, DELETE";
static const char preflight_seconds[] = "7200"; /* what Chromium takes at most */

static const struct settings *settings_of(const struct exchange *exchange)
{
    const struct application *application = exchange->context;
    return application->settings;
}

/* Is it one of the words, parted by spaces? */
static bool is_listed(const char *origins, const char *origin)
{
    size_t length = strlen(origin);
    for (const char *at = origins; *at != '\0';) {
        size_t word = strcspn(at, " ");
        if (word > 0 && word == length && memcmp(at, origin, word) == 0)
            return true;
        at += word + strspn(at + word, " ");
    }
    return false;
}

static bool is_own(const struct exchange *exchange, const char *origin)
{
    static const char scheme[] = "https://";
    return strcmp(origin, settings_of(exchange)->public_url) == 0
           || (strncmp(origin, scheme, strlen(scheme)) == 0
               && strcmp(origin + strlen(scheme), exchange->request.authority) == 0);
}

bool cross_origin_admit(const struct exchange *exchange, struct problem *problem)
{
    enum http_method method = exchange->request.method;
    const char *origin = exchange_field(exchange, "origin");
    if (method == HTTP_GET || method == HTTP_HEAD || method == HTTP_OPTIONS || !origin
        || is_own(exchange, origin) || is_listed(settings_of(exchange)->cors_origins, origin))
        return true;
    return problem_set(problem, PROBLEM_CROSS_ORIGIN, "Origin '%.100s'", origin);
}

void cross_origin_add_fields(struct exchange *exchange)
{
    const char *configured = settings_of(exchange)->cors_origins;
    const char *origin = exchange_field(exchange, "origin");
    if (configured[0] == '\0')
        return;
    exchange_vary(exchange, "Origin");
    if (!origin || !is_listed(configured, origin))
        return;
    exchange_add_field(exchange, "Access-Control-Allow-Origin", origin);
    exchange_add_field(exchange, "Access-Control-Allow-Credentials", "true");
    if (exchange->request.method == HTTP_OPTIONS
        && exchange_field(exchange, "access-control-request-method")) {
        exchange_add_field(exchange, "Access-Control-Allow-Methods", methods);
        exchange_add_field(exchange, "Access-Control-Allow-Headers", request_fields);
        exchange_add_field(exchange, "Access-Control-Max-Age", preflight_seconds);
    } else {
        exchange_add_field(exchange, "Access-Control-Expose-Headers", response_fields);
    }
}
