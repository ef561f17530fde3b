/* The head of an HTTP/1 request: whatever comes, cut anywhere, gives the same verdict, and what is
 * taken keeps the rules that handlers rely on. */
#include "base/text.h"
#include "http/cookie.h"
#include "http/head_reader.h"
#include "http/target.h"

#include <stdlib.h>
#include <string.h>

static const struct request_limits limits
    = { .header_bytes_max = 4096, .header_count_max = 20, .target_bytes_max = 1024 };

static void check(const struct http_request *request, struct arena *arena)
{
    if (request->path[0] != '/' && strcmp(request->path, "*") != 0)
        abort();
    if (strstr(request->path, "/../") || strchr(request->path, '\\')
        || !text_is_utf8(request->path, strlen(request->path)))
        abort();
    if (!request->query || !request->authority || request->body_length < -1)
        abort();
    for (size_t i = 0; i < request->field_count; i++)
        if (strpbrk(request->fields[i].value, "\r\n")
            || strpbrk(request->fields[i].name, " :\r\n\t"))
            abort();
    (void)target_query_value(arena, request->query, "a");
    for (size_t i = 0; i < request->field_count; i++)
        if (strcmp(request->fields[i].name, "cookie") == 0)
            (void)cookie_value(arena, request->fields[i].value, "a");
}

static enum problem_kind read_head(
    const char *bytes, size_t count, size_t step, size_t *ret_head_bytes)
{
    struct head_reader reader;
    struct problem problem = { 0 };
    enum head_step answer = HEAD_MORE;
    head_reader_init(&reader);
    *ret_head_bytes = 0;
    for (size_t have = step < count ? step : count; answer == HEAD_MORE;) {
        answer = head_reader_scan(&reader, &limits, bytes, have, ret_head_bytes, &problem);
        if (have == count)
            break;
        have = have + step < count ? have + step : count;
    }
    if (answer == HEAD_MORE)
        return PROBLEM_KIND_COUNT;
    if (answer == HEAD_REFUSED)
        return problem.kind;
    struct arena arena;
    struct http_request request = { 0 };
    struct request_framing framing;
    arena_init(&arena);
    if (head_parse(bytes, *ret_head_bytes, &limits, &request, &arena, &framing, &problem))
        check(&request, &arena);
    else if (!problem_is_set(&problem))
        abort();
    arena_release(&arena);
    return problem.kind;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t whole_bytes, cut_bytes;
    const char *bytes = (const char *)data;
    enum problem_kind whole = read_head(bytes, size, size ? size : 1, &whole_bytes);
    enum problem_kind cut = read_head(bytes, size, size > 2 ? size / 3 : 1, &cut_bytes);
    if (whole != cut || whole_bytes != cut_bytes)
        abort();
    return 0;
}
