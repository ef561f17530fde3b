#include "api/access_line.h"
#include "../unit.h"
#include "http/router.h"

#include <string.h>

#define PERSON "01890000-0000-7000-8000-000000000001"
#define LECTURE "01890000-0000-7000-8000-000000000002"

static const struct exchange_outcome outcome = { .status = 206,
    .body_bytes_sent = 1234,
    .complete = true,
    .last_byte_ms = 1795347351123, /* 2026-11-22T11:35:51.123Z */
    .first_byte_us = 2999,
    .last_byte_us = 40000 };

/* A request for this pattern; parameters as they are, already decoded. */
static void fill(struct access_record *record, const struct route *route, const char *first,
    const char *second, const char *third)
{
    struct exchange exchange = { .route = route, .parameters = { first, second, third } };
    exchange.request.protocol = "HTTP/2";
    exchange.request.path = "/secret";
    exchange.request.query = "token=secret";
    exchange.request.peer = "203.0.113.77";
    memcpy(exchange.request_id, "abcdefghjkmn00000000000001", REQUEST_ID_SIZE);
    *record = (struct access_record){ 0 };
    access_record_fill(record, &exchange, &outcome);
}

static void a_path_tells_of_lectures_and_of_no_person(void **state)
{
    (void)state;
    static const struct {
        const char *story, *pattern, *first, *second, *third, *told;
    } cases[] = {
        { "a segment", "/media/{lecture}/{version}/{file...}", LECTURE, "1", "video/12.m4s",
            "/media/" LECTURE "/1/video/12.m4s" },
        { "a person's record", "/api/v1/participants/{id}/lectures/{lecture}", PERSON, LECTURE,
            NULL, "/api/v1/participants/{id}/lectures/" LECTURE },
        { "a play session", "/api/v1/play/{play_session}/heartbeats", PERSON, NULL, NULL,
            "/api/v1/play/{play_session}/heartbeats" },
        { "no names at all", "/api/v1/me", NULL, NULL, NULL, "/api/v1/me" },
        { "quotes and lines", "/assets/{file}", "a\" 200 1\r\n\x1b[0m\\", NULL, NULL,
            "/assets/a%22%20200%201%0D%0A%1B%5B0m%5C" },
        { "what is no ASCII", "/assets/{file}", "\xc4\x90\xff%41", NULL, NULL,
            "/assets/%C4%90%FF%2541" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct route route = { .pattern = cases[i].pattern };
        struct access_record record;
        fill(&record, &route, cases[i].first, cases[i].second, cases[i].third);
        if (strcmp(record.path, cases[i].told) != 0)
            fail_msg("%s: %s", cases[i].story, record.path);
    }
}

static void a_path_without_a_route_is_not_told(void **state)
{
    (void)state;
    struct access_record record;
    fill(&record, NULL, NULL, NULL, NULL);
    assert_string_equal(record.path, "-");
}

static void a_long_path_is_cut_between_its_encoded_bytes(void **state)
{
    (void)state;
    static char name[2 * ACCESS_PATH_SIZE];
    struct route route = { .pattern = "/assets/{file}" };
    struct access_record record;
    for (size_t shift = 0; shift < 3; shift++) {
        memset(name, '"', sizeof name - 1);
        memset(name, 'a', shift);
        fill(&record, &route, name, NULL, NULL);
        size_t length = strlen(record.path);
        assert_true(length < ACCESS_PATH_SIZE && length > ACCESS_PATH_SIZE - 5);
        assert_string_equal(record.path + length - 3, "%22");
    }
}

static void addresses_are_told_as_far_as_wanted(void **state)
{
    (void)state;
    static const struct {
        const char *peer;
        enum access_addresses addresses;
        const char *told;
    } cases[] = {
        { "203.0.113.77", ACCESS_ADDRESS_NETWORK, "203.0.113.0" },
        { "203.0.113.77", ACCESS_ADDRESS_FULL, "203.0.113.77" },
        { "203.0.113.77", ACCESS_ADDRESS_NONE, "-" },
        { "2001:db8:1:2:3:4:5:6", ACCESS_ADDRESS_NETWORK, "2001:db8:1::" },
        { "2001:db8:1:2:3:4:5:6", ACCESS_ADDRESS_FULL, "2001:db8:1:2:3:4:5:6" },
        { "::1", ACCESS_ADDRESS_NETWORK, "::" },
        { "", ACCESS_ADDRESS_NETWORK, "-" },
        { "unknown\" x", ACCESS_ADDRESS_FULL, "-" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char told[ACCESS_PEER_SIZE];
        access_mask_peer(cases[i].peer, cases[i].addresses, told);
        if (strcmp(told, cases[i].told) != 0)
            fail_msg("%s: %s", cases[i].peer, told);
    }
}

static void common_lines_are_as_other_servers_write_them(void **state)
{
    (void)state;
    struct route route = { .pattern = "/media/{lecture}/{version}/{file...}" };
    struct access_record record;
    struct text line;
    text_init(&line, ACCESS_LINE_MAX);
    fill(&record, &route, "l", "1", "a.m4s");
    access_line_common(&record, ACCESS_ADDRESS_NETWORK, &line);
    assert_string_equal(line.bytes, "203.0.113.0 - - [22/Nov/2026:11:35:51 +0000] "
                                    "\"GET /media/l/1/a.m4s HTTP/2.0\" 206 1234\n");
    text_clear(&line);
    record.protocol[0] = '\0';
    record.outcome.status = 0;
    record.outcome.body_bytes_sent = 0;
    access_line_common(&record, ACCESS_ADDRESS_NONE, &line);
    assert_string_equal(line.bytes, "- - - [22/Nov/2026:11:35:51 +0000] \"-\" 000 -\n");
    text_release(&line);
}

static void json_lines_hold_what_there_is(void **state)
{
    (void)state;
    struct route route = { .pattern = "/assets/{file}" };
    struct access_record record;
    struct text line;
    text_init(&line, ACCESS_LINE_MAX);
    fill(&record, &route, "a\"b", NULL, NULL);
    access_line_json(&record, ACCESS_ADDRESS_NONE, &line);
    assert_string_equal(line.bytes,
        "{\"time\":\"2026-11-22T11:35:51.123Z\",\"request_id\":\"abcdefghjkmn00000000000001\","
        "\"method\":\"GET\",\"path\":\"/assets/a%22b\",\"protocol\":\"HTTP/2\",\"status\":206,"
        "\"bytes\":1234,\"first_byte_ms\":2,\"last_byte_ms\":40,\"whole\":true}\n");
    text_clear(&line);
    record.protocol[0] = '\0';
    record.outcome.complete = false;
    problem_set(&record.problem, PROBLEM_BAD_REQUEST, "\"");
    access_line_json(&record, ACCESS_ADDRESS_FULL, &line);
    assert_string_equal(line.bytes,
        "{\"time\":\"2026-11-22T11:35:51.123Z\",\"request_id\":\"abcdefghjkmn00000000000001\","
        "\"peer\":\"203.0.113.77\",\"status\":206,\"bytes\":1234,\"first_byte_ms\":2,"
        "\"last_byte_ms\":40,\"whole\":false,\"code\":\"bad-request\"}\n");
    text_release(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_tells_of_lectures_and_of_no_person),
        cmocka_unit_test(a_path_without_a_route_is_not_told),
        cmocka_unit_test(a_long_path_is_cut_between_its_encoded_bytes),
        cmocka_unit_test(addresses_are_told_as_far_as_wanted),
        cmocka_unit_test(common_lines_are_as_other_servers_write_them),
        cmocka_unit_test(json_lines_hold_what_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
