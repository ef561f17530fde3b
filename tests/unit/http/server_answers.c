#include "test_server.h"

#include "base/files.h"
#include "base/secure.h"
#include "http/file_body.h"
#include "http/static_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SEGMENT_BYTES = 500000 };
static struct test_server test;
static struct static_files *pages;
static char segment_path[100];

static void say_hello(struct exchange *exchange)
{
    exchange_add_field(exchange, "Set-Cookie", "a=b; Secure");
    exchange_send(exchange, 200, "text/html; charset=utf-8", "<p>hello", 8);
}

static void echo(struct exchange *exchange)
{
    exchange_send(exchange, 200, "text/plain", exchange->body, exchange->body_bytes);
}

static void show_request(struct exchange *exchange)
{
    const char *cookie = exchange_cookie(exchange, "sid");
    const char *name = exchange_query(exchange, "name");
    json_t *filler = json_array();
    for (int i = 0; i < 500; i++)
        json_array_append_new(filler, json_integer(i));
    exchange_send_json(exchange, 200,
        json_pack("{s:s, s:s?, s:s?, s:s, s:s, s:o}", "protocol", exchange->request.protocol,
            "cookie", cookie, "name", name, "parameter", exchange->parameters[0], "peer",
            exchange->request.peer, "filler", filler));
}

static void open_segment(struct exchange *exchange)
{
    exchange->state = media_map_open(segment_path, &exchange->problem);
}

static void send_segment(struct exchange *exchange)
{
    static const struct representation representation = { .content_type = "video/mp4",
        .etag = "\"v1\"",
        .last_modified_ms = INT64_C(784111777000),
        .ranges = true };
    struct body_file file = { exchange->state, 1000, SEGMENT_BYTES - 1000 };
    if (exchange->state)
        exchange_send_file(exchange, &representation, file);
    else
        exchange_send_problem(exchange, &exchange->problem);
}

static void get_segment(struct exchange *exchange)
{
    exchange_run_blocking(exchange, POOL_DISK, open_segment, send_segment);
}

static void say_not_found(struct exchange *exchange)
{
    assert_null(exchange->route);
    exchange_add_field(exchange, "Vary", "Accept");
    if (exchange_prefers_type(exchange, "text/html", "application/json")) {
        assert_true(static_files_answer_as(pages, exchange, 404, "/missing.html"));
        return;
    }
    assert_false(static_files_answer_as(pages, exchange, 404, "/none.html"));
    problem_set(&exchange->problem, PROBLEM_NOT_FOUND, "no route");
    exchange_send_problem(exchange, &exchange->problem);
}

static void get_page(struct exchange *exchange)
{
    if (static_files_answer(pages, exchange, exchange->request.path))
        return;
    problem_set(&exchange->problem, PROBLEM_NOT_FOUND, "no page");
    exchange_send_problem(exchange, &exchange->problem);
}

enum { ANYONE, MEMBER, MEMBER_BY_STORE };

static void look_up_caller(struct exchange *exchange)
{
    exchange->caller = exchange_cookie(exchange, "sid") ? exchange : NULL;
}

static void (*proceed_later)(struct exchange *exchange);

static void decide(struct exchange *exchange)
{
    if (exchange->caller) {
        proceed_later(exchange);
        return;
    }
    problem_set(&exchange->problem, PROBLEM_SIGN_IN_NEEDED, "no session");
    exchange_send_problem(exchange, &exchange->problem);
}

static void guard(struct exchange *exchange, void (*proceed)(struct exchange *exchange))
{
    proceed_later = proceed;
    if (exchange->route->caller == ANYONE) {
        proceed(exchange);
    } else if (exchange->route->caller == MEMBER_BY_STORE) {
        exchange_run_blocking(exchange, POOL_STORE, look_up_caller, decide);
    } else {
        look_up_caller(exchange);
        decide(exchange);
    }
}

// clang-format off
static const struct route routes[] = {
    { HTTP_GET,  "/",            ANYONE,          BODY_NONE,  0,    say_hello },
    { HTTP_POST, "/echo",        ANYONE,          BODY_WHOLE, 5000, echo },
    { HTTP_POST, "/member/echo", MEMBER,          BODY_WHOLE, 5000, echo },
    { HTTP_POST, "/stored/echo", MEMBER_BY_STORE, BODY_WHOLE, 5000, echo },
    { HTTP_GET,  "/show/{what}", ANYONE,          BODY_NONE,  0,    show_request },
    { HTTP_GET,  "/segment",     ANYONE,          BODY_NONE,  0,    get_segment },
    { HTTP_GET,  "/{page}",      ANYONE,          BODY_NONE,  0,    get_page },
};
// clang-format on

static char segment_byte(size_t offset)
{
    return (char)('a' + offset * 7 % 26);
}

static void write_files(void)
{
    struct problem problem = { 0 };
    static char segment[SEGMENT_BYTES];
    char path[200], web[100];
    for (size_t i = 0; i < sizeof segment; i++)
        segment[i] = segment_byte(i);
    (void)snprintf(segment_path, sizeof segment_path, "%s/segment", test.folder);
    (void)snprintf(web, sizeof web, "%s/web", test.folder);
    assert_true(file_write_whole(segment_path, segment, sizeof segment, 0600, &problem));
    assert_true(folder_make(web, 0700, &problem));
    static const struct {
        const char *name, *text;
    } files[] = {
        { "index.html", "<p>page" },
        { "missing.html", "<p>nothing here" },
        { "missing.html.gz", "nothing in gzip" },
        { "app-5QXLT2KD.js", "plain script" },
        { "app-5QXLT2KD.js.br", "brotli" },
        { "app-5QXLT2KD.js.gz", "gzip" },
        { "lone.gz", "lone" },
        { ".hidden", "hidden" },
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", web, files[i].name);
        assert_true(file_write_whole(path, files[i].text, strlen(files[i].text), 0600, &problem));
    }
    pages = static_files_load(web, &problem);
    assert_non_null(pages);
}

static int start(void **state)
{
    (void)state;
    struct server_settings server_settings = { .routes = routes,
        .route_count = sizeof routes / sizeof routes[0],
        .guard = guard,
        .not_found = say_not_found,
        .plain_routes = routes,
        .plain_route_count = 1 };
    test_server_prepare(&test, NULL);
    write_files();
    test_server_run(&test, &server_settings);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    test_server_stop(&test);
    static_files_free(pages);
    media_map_forget(test.folder);
    return 0;
}

static const char *const protocols[] = { "--http1.1", "--http2" };

/* One request over both protocols: status, and what must and must not be in what came. */
struct story {
    const char *story;
    const char *path;
    const char *arguments[10];
    int status;
    const char *has[4];
    const char *has_not;
};

static void tell(const struct story *story, const char *protocol)
{
    char url[200];
    const char *arguments[16] = { protocol };
    size_t count = 1;
    (void)snprintf(url, sizeof url, "%s%s", test.url, story->path);
    for (size_t i = 0; story->arguments[i]; i++)
        arguments[count++] = story->arguments[i];
    arguments[count] = url;
    int exit_status;
    char *answer = test_curl(&test, arguments, &exit_status);
    if (exit_status != 0)
        fail_msg("%s %s: curl ended with %d", story->story, protocol, exit_status);
    const char *space = strchr(answer, ' ');
    int status = space ? (int)strtol(space + 1, NULL, 10) : 0;
    if (status != story->status)
        fail_msg("%s %s: %d\n%s", story->story, protocol, status, answer);
    for (size_t i = 0; i < 4 && story->has[i]; i++)
        if (!strcasestr(answer, story->has[i]))
            fail_msg("%s %s: no '%s' in\n%.1000s", story->story, protocol, story->has[i], answer);
    if (story->has_not && strcasestr(answer, story->has_not))
        fail_msg("%s %s: '%s' in\n%.1000s", story->story, protocol, story->has_not, answer);
    free(answer);
}

static void both_protocols_answer_alike(void **state)
{
    (void)state;
    static const struct story stories[] = {
        { "a page", "/", { 0 }, 200,
            { "\r\n\r\n<p>hello", "content-security-policy: default-src 'none'", "set-cookie: a=b",
                "request-id: " },
            "connection: close" },
        { "HEAD", "/", { "--head" }, 200, { "content-length: 8\r\n", "date: " }, "<p>" },
        { "a whole body", "/echo", { "--data", "some text" }, 200, { "\r\n\r\nsome text" }, NULL },
        { "a body in chunks", "/echo",
            { "--data", "some text", "-H", "Transfer-Encoding: chunked" }, 200,
            { "\r\n\r\nsome text" }, NULL },
        { "an empty body", "/echo", { "--data", "" }, 200, { "content-length: 0" }, NULL },
        { "a body where none is expected", "/", { "--request", "GET", "--data", "x" }, 413,
            { "\"code\":\"body-too-large\"" }, NULL },
        { "a guard that answers at once", "/member/echo", { "--data", "x" }, 401,
            { "\"code\":\"sign-in-needed\"", "application/problem+json",
                "cache-control: no-store" },
            NULL },
        { "a guard that lets in", "/member/echo", { "--data", "x", "-b", "sid=1" }, 200,
            { "\r\n\r\nx" }, NULL },
        { "a guard that asks the store", "/stored/echo", { "--data", "x", "-b", "sid=1" }, 200,
            { "\r\n\r\nx" }, NULL },
        { "a guard that asks and refuses", "/stored/echo", { "--data", "x" }, 401,
            { "sign-in-needed" }, NULL },
        { "what the request says", "/show/a%20b?name=%C3%A4", { "-b", "sid=7; x=y" }, 200,
            { "\"cookie\":\"7\"", "\"name\":\"\xc3\xa4\"", "\"parameter\":\"a b\"",
                "\"peer\":\"127.0.0.1\"" },
            "content-encoding" },
        { "JSON in gzip", "/show/x", { "--compressed" }, 200,
            { "content-encoding: gzip", "vary: accept-encoding", "498,499]" }, NULL },
        { "no such path", "/none", { 0 }, 404,
            { "\"type\":\"/problems/not-found\"", "\"request_id\":\"" }, NULL },
        { "another method", "/segment", { "--request", "DELETE" }, 405,
            { "allow: GET, HEAD, OPTIONS" }, NULL },
        { "OPTIONS", "/echo", { "--request", "OPTIONS" }, 204,
            { "allow: GET, HEAD, POST, OPTIONS" }, "content-length" },
        { "a method nobody knows", "/", { "--request", "BREW" }, 501, { "not-implemented" }, NULL },
        { "TRACE", "/", { "--request", "TRACE" }, 501, { "not-implemented" }, NULL },
        { "dots", "/a/../b", { "--path-as-is" }, 400, { "bad-request" }, NULL },
        { "an encoded NUL", "/a%00", { 0 }, 400, { "bad-request" }, NULL },
        { "an expectation", "/echo", { "--data", "x", "-H", "Expect: magic" }, 417,
            { "expectation-failed" }, NULL },
        { "a range", "/segment", { "--range", "0-3" }, 206,
            { "content-range: bytes 0-3/499000", "\r\n\r\ngnub", "etag: \"v1\"" }, NULL },
        { "a range from the end", "/segment", { "--range", "-1" }, 206,
            { "content-range: bytes 498999-498999/499000", "content-length: 1\r\n" }, NULL },
        { "two ranges", "/segment", { "--range", "0-1,4-5" }, 206,
            { "multipart/byteranges; boundary=", "content-range: bytes 4-5/499000\r\n\r\n" },
            NULL },
        { "a range outside", "/segment", { "--range", "499000-" }, 416,
            { "content-range: bytes */499000" }, NULL },
        { "a range for HEAD", "/segment", { "--head", "--range", "0-3" }, 200,
            { "content-length: 499000" }, NULL },
        { "an old If-Range", "/segment",
            { "--range", "0-3", "-H", "If-Range: \"v0\"", "-o", "/dev/null", "-D", "-" }, 200,
            { "content-length: 499000" }, NULL },
        { "unchanged", "/segment", { "-H", "If-None-Match: \"v1\"" }, 304, { "etag: \"v1\"" },
            "content-length" },
        { "unchanged since", "/segment",
            { "-H", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT" }, 304,
            { "last-modified: Sun, 06 Nov 1994 08:49:37 GMT" }, NULL },
        { "a condition that fails", "/segment", { "-H", "If-Match: \"v0\"" }, 412,
            { "precondition-failed" }, NULL },
        { "a static page", "/index.html", { 0 }, 200,
            { "cache-control: no-cache", "<p>page", "text/html" }, NULL },
        { "a folder's page", "/missing/", { 0 }, 404, { "not-found" }, NULL },
        { "a page of what is not there", "/a/b", { "-H", "Accept: text/html,*/*;q=0.8" }, 404,
            { "\r\n\r\n<p>nothing here", "text/html", "vary: accept\r\n",
                "content-security-policy:" },
            "etag" },
        { "the same in gzip", "/a/b", { "-H", "Accept: text/html", "-H", "Accept-Encoding: gzip" },
            404, { "\r\n\r\nnothing in gzip", "content-encoding: gzip", "vary: accept-encoding" },
            "etag" },
        { "the same with a condition and a range", "/a/b",
            { "-H", "Accept: text/html", "-H", "If-None-Match: *", "-H", "Range: bytes=0-1" }, 404,
            { "\r\n\r\n<p>nothing here" }, "content-range" },
        { "the same for HEAD", "/a/b", { "--head", "-H", "Accept: text/html" }, 404,
            { "content-length: 15\r\n", "text/html" }, "<p>" },
        { "a document of what is not there", "/a/b", { 0 }, 404,
            { "application/problem+json", "vary: accept\r\n" }, "<p>" },
        { "no route for a POST", "/a/b", { "--data", "x" }, 404, { "not-found" }, NULL },
        { "a script in brotli", "/app-5QXLT2KD.js", { "-H", "Accept-Encoding: gzip, br" }, 200,
            { "content-encoding: br", "immutable", "\r\n\r\nbrotli", "vary: accept-encoding" },
            NULL },
        { "a script in gzip", "/app-5QXLT2KD.js", { "-H", "Accept-Encoding: gzip" }, 200,
            { "content-encoding: gzip", "-gz\"", "\r\n\r\ngzip" }, NULL },
        { "a script as it is", "/app-5QXLT2KD.js", { "-H", "Accept-Encoding: br;q=0" }, 200,
            { "text/javascript", "\r\n\r\nplain script" }, "content-encoding" },
        { "a lone packed file", "/lone.gz", { "-H", "Accept-Encoding: gzip" }, 200,
            { "\r\n\r\nlone" }, "content-encoding" },
        { "a hidden file", "/.hidden", { 0 }, 404, { "not-found" }, NULL },
    };
    for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++)
        for (size_t j = 0; j < 2; j++)
            tell(&stories[i], protocols[j]);
}

static void a_segment_comes_whole(void **state)
{
    (void)state;
    char url[100];
    (void)snprintf(url, sizeof url, "%s/segment", test.url);
    for (size_t i = 0; i < 2; i++) {
        int exit_status;
        const char *arguments[] = { protocols[i], url, url, NULL };
        char *answer = test_curl(&test, arguments, &exit_status);
        assert_int_equal(exit_status, 0);
        const char *body = strstr(answer, "\r\n\r\n");
        for (int round = 0; round < 2; round++) {
            assert_non_null(body);
            for (size_t at = 0; at < SEGMENT_BYTES - 1000; at++)
                if (body[4 + at] != segment_byte(at + 1000))
                    fail_msg("%s: byte %zu is wrong", protocols[i], at);
            body = strstr(body + 4 + SEGMENT_BYTES - 1000, "\r\n\r\n");
        }
        free(answer);
    }
}

static void a_body_that_is_too_large_is_told_so(void **state)
{
    (void)state;
    char url[100], path[100], data[110];
    struct problem problem = { 0 };
    static char large[300000];
    (void)snprintf(url, sizeof url, "%s/echo", test.url);
    (void)snprintf(path, sizeof path, "%s/large", test.folder);
    (void)snprintf(data, sizeof data, "@%s", path);
    assert_true(file_write_whole(path, large, sizeof large, 0600, &problem));
    static const char *const framings[] = { "Transfer-Encoding:", "Transfer-Encoding: chunked" };
    for (size_t i = 0; i < 4; i++) {
        const char *arguments[] = { protocols[i % 2], "-H", framings[i / 2], "-H",
            "Expect:", "--data-binary", data, url, NULL };
        int exit_status;
        char *answer = test_curl(&test, arguments, &exit_status);
        if (!strstr(answer, " 413") || !strstr(answer, "body-too-large"))
            fail_msg("%s, %s: %d %s", protocols[i % 2], framings[i / 2], exit_status, answer);
        free(answer);
    }
}

static void the_plain_listener_has_its_own_routes(void **state)
{
    (void)state;
    char url[100];
    static const char *const paths[] = { "/", "/echo" };
    static const char *const statuses[] = { "HTTP/1.1 200", "HTTP/1.1 404" };
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(
            url, sizeof url, "http://127.0.0.1:%d%s", server_plain_port(test.server), paths[i]);
        const char *arguments[] = { url, NULL };
        int exit_status;
        char *answer = test_curl(&test, arguments, &exit_status);
        assert_int_equal(exit_status, 0);
        assert_true(text_starts_with(answer, statuses[i]));
        assert_null(strstr(answer, "Strict-Transport-Security"));
        free(answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_protocols_answer_alike),
        cmocka_unit_test(a_segment_comes_whole),
        cmocka_unit_test(a_body_that_is_too_large_is_told_so),
        cmocka_unit_test(the_plain_listener_has_its_own_routes),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
