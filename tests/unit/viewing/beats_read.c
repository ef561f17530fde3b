/* The body of a heartbeat POST: strict about what is needed, forgiving about what only describes.
 */
#include "../unit.h"
#include "viewing/play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_text(const char *text, struct beat *beats, size_t *count, struct problem *problem)
{
    char grant[OFFLINE_GRANT_SIZE];
    return beats_read(text, strlen(text), beats, count, grant, problem);
}

static void a_full_beat_is_read(void **state)
{
    (void)state;
    struct beat beats[BEATS_MAX];
    size_t count = 0;
    struct problem problem = { 0 };
    assert_true(
        read_text("{\"beats\":[{\"seq\":7,\"from_ms\":1000,\"to_ms\":21000,\"rate\":2,"
                  "\"visible\":true,\"muted\":false,\"rendition\":\"240p\","
                  "\"language\":\"vi\",\"client_ts\":1764000000123.5,\"buffer\":{\"ms\":1}},"
                  "{\"seq\":8,\"from_ms\":21000,\"to_ms\":31000}],\"more\":1}",
            beats, &count, &problem));
    assert_int_equal(count, 2);
    assert_int_equal(beats[0].seq, 7);
    assert_int_equal(beats[0].from_ms, 1000);
    assert_int_equal(beats[0].to_ms, 21000);
    assert_int_equal(beats[0].rate_percent, 200);
    assert_int_equal(beats[0].visible, 1);
    assert_int_equal(beats[0].muted, 0);
    assert_string_equal(beats[0].rendition, "240p");
    assert_string_equal(beats[0].language, "vi");
    assert_int_equal(beats[0].client_at_ms, INT64_C(1764000000123));
    assert_int_equal(beats[1].rate_percent, -1);
    assert_int_equal(beats[1].visible, -1);
    assert_int_equal(beats[1].muted, -1);
    assert_string_equal(beats[1].rendition, "");
    assert_int_equal(beats[1].client_at_ms, -1);
}

static void no_beats_are_a_sign_of_life(void **state)
{
    (void)state;
    struct beat beats[BEATS_MAX];
    size_t count = 9;
    struct problem problem = { 0 };
    assert_true(read_text("{\"beats\":[]}", beats, &count, &problem));
    assert_int_equal(count, 0);
}

static void senseless_circumstances_lose_no_beat(void **state)
{
    (void)state;
    static const char *const members[] = { "\"rate\":-1", "\"rate\":\"fast\"", "\"rate\":1e300",
        "\"visible\":1", "\"visible\":\"yes\"", "\"muted\":[]", "\"rendition\":240",
        "\"rendition\":\"a name that is longer than any rendition\"", "\"language\":\"v\\ni\"",
        "\"language\":null", "\"client_ts\":-5", "\"client_ts\":1e40", "\"client_ts\":\"now\"" };
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        char text[256];
        (void)snprintf(text, sizeof text, "{\"beats\":[{\"seq\":0,\"from_ms\":5,\"to_ms\":9,%s}]}",
            members[i]);
        struct beat beats[BEATS_MAX];
        size_t count = 0;
        struct problem problem = { 0 };
        if (!read_text(text, beats, &count, &problem))
            fail_msg("%s lost the beat", members[i]);
        assert_int_equal(count, 1);
        assert_int_equal(beats[0].rate_percent, -1);
        assert_int_equal(beats[0].visible, -1);
        assert_int_equal(beats[0].muted, -1);
        assert_string_equal(beats[0].rendition, "");
        assert_string_equal(beats[0].language, "");
        assert_int_equal(beats[0].client_at_ms, -1);
    }
}

static void senseless_claims_are_kept_for_crediting_to_judge(void **state)
{
    (void)state;
    struct beat beats[BEATS_MAX];
    size_t count = 0;
    struct problem problem = { 0 };
    assert_true(read_text("{\"beats\":[{\"seq\":0,\"from_ms\":9,\"to_ms\":5},"
                          "{\"seq\":1,\"from_ms\":-9223372036854775808,"
                          "\"to_ms\":9223372036854775807}]}",
        beats, &count, &problem));
    assert_int_equal(count, 2);
    int64_t far = INT64_C(1) << 53;
    assert_true(beats[1].from_ms == -far && beats[1].to_ms == far);
    assert_false(beats[1].malformed);
}

static void a_line_that_cannot_be_read_keeps_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int64_t seq;
    } cases[] = {
        { "1", -1 },
        { "null", -1 },
        { "[]", -1 },
        { "{}", -1 },
        { "{\"from_ms\":0,\"to_ms\":1}", -1 },
        { "{\"seq\":-1,\"from_ms\":0,\"to_ms\":1}", -1 },
        { "{\"seq\":0.5,\"from_ms\":0,\"to_ms\":1}", -1 },
        { "{\"seq\":\"5\",\"from_ms\":0,\"to_ms\":1}", -1 },
        { "{\"seq\":9007199254740992,\"from_ms\":0,\"to_ms\":1}", -1 },
        { "{\"seq\":99999999999999999999,\"from_ms\":0,\"to_ms\":1}", -1 },
        { "{\"seq\":5,\"to_ms\":1}", 5 },
        { "{\"seq\":5,\"from_ms\":null,\"to_ms\":1}", 5 },
        { "{\"seq\":5,\"from_ms\":0.5,\"to_ms\":1}", 5 },
        { "{\"seq\":5,\"from_ms\":0,\"to_ms\":\"1\"}", 5 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[256];
        (void)snprintf(text, sizeof text,
            "{\"beats\":[{\"seq\":4,\"from_ms\":1,\"to_ms\":2},%s,{\"seq\":6,\"from_ms\":3,"
            "\"to_ms\":99999999999999999999}]}",
            cases[i].line);
        struct beat beats[BEATS_MAX];
        size_t count = 0;
        struct problem problem = { 0 };
        if (!read_text(text, beats, &count, &problem))
            fail_msg("%s lost the batch", cases[i].line);
        assert_int_equal(count, 3);
        assert_true(beats[0].seq == 4 && beats[0].to_ms == 2 && !beats[0].malformed);
        assert_true(beats[2].seq == 6 && beats[2].from_ms == 3 && !beats[2].malformed);
        assert_true(beats[1].malformed && beats[1].from_ms == 0 && beats[1].to_ms == 0);
        assert_int_equal(beats[1].seq, cases[i].seq);
    }
}

static void what_is_needed_is_asked_for_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum problem_kind kind;
        const char *field;
    } cases[] = {
        { "", PROBLEM_BAD_REQUEST, "" },
        { "[]", PROBLEM_BAD_REQUEST, "" },
        { "{\"beats\":[]", PROBLEM_BAD_REQUEST, "" },
        { "{\"beats\":[],\"beats\":[]}", PROBLEM_BAD_REQUEST, "" },
        { "{}", PROBLEM_INVALID_FIELD, "beats" },
        { "{\"beats\":{}}", PROBLEM_INVALID_FIELD, "beats" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct beat beats[BEATS_MAX];
        size_t count = 77;
        struct problem problem = { 0 };
        if (read_text(cases[i].text, beats, &count, &problem))
            fail_msg("%s was read", cases[i].text);
        assert_int_equal(problem.kind, cases[i].kind);
        assert_string_equal(problem.field, cases[i].field);
        assert_int_equal(count, 77);
    }
}

static void a_batch_has_a_largest_size(void **state)
{
    (void)state;
    for (int extra = 0; extra < 2; extra++) {
        struct text text;
        text_init(&text, 1 << 20);
        text_append_string(&text, "{\"beats\":[");
        for (int i = 0; i < BEATS_MAX + extra; i++)
            text_printf(&text, "%s{\"seq\":%d,\"from_ms\":0,\"to_ms\":1}", i > 0 ? "," : "", i);
        text_append_string(&text, "]}");
        struct beat beats[BEATS_MAX];
        size_t count = 0;
        struct problem problem = { 0 };
        char grant[OFFLINE_GRANT_SIZE];
        assert_int_equal(
            beats_read(text.bytes, text.length, beats, &count, grant, &problem), extra == 0);
        text_release(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_beat_is_read),
        cmocka_unit_test(no_beats_are_a_sign_of_life),
        cmocka_unit_test(senseless_circumstances_lose_no_beat),
        cmocka_unit_test(senseless_claims_are_kept_for_crediting_to_judge),
        cmocka_unit_test(a_line_that_cannot_be_read_keeps_its_place),
        cmocka_unit_test(what_is_needed_is_asked_for_by_name),
        cmocka_unit_test(a_batch_has_a_largest_size),
    };
    return cmocka_run_group_tests_name("beats_read", tests, NULL, NULL);
}
