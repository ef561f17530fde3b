#include "base/json.h"
#include "../unit.h"

#include <string.h>

static void only_a_bounded_object_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *story, *json;
        bool good;
    } cases[] = {
        { "an object", "{\"a\":1}", true },
        { "an empty object", "{}", true },
        { "nothing", "", false },
        { "an array", "[1]", false },
        { "a number", "1", false },
        { "two keys of one name", "{\"a\":1,\"a\":2}", false },
        { "something behind it", "{} x", false },
        { "bad UTF-8", "{\"a\":\"\xff\"}", false },
        { "a NUL in a string", "{\"a\":\"\\u0000\"}", false },
        { "a huge number", "{\"a\":99999999999999999999}", false },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct problem problem = { 0 };
        json_t *json = json_read_object(cases[i].json, strlen(cases[i].json), &problem);
        if ((json != NULL) != cases[i].good || problem_is_set(&problem) == cases[i].good)
            fail_msg("%s", cases[i].story);
        json_decref(json);
    }
}

static void depth_is_bounded(void **state)
{
    (void)state;
    for (int depth = 30; depth < 40; depth++) {
        struct text text;
        text_init(&text, 1000);
        text_append_string(&text, "{\"a\":");
        for (int i = 1; i < depth; i++)
            text_append_string(&text, "[");
        for (int i = 1; i < depth; i++)
            text_append_string(&text, "]");
        text_append_string(&text, "}");
        struct problem problem = { 0 };
        json_t *json = json_read_object(text.bytes, text.length, &problem);
        assert_int_equal(json != NULL, depth <= 32);
        json_decref(json);
        text_release(&text);
    }
}

static void a_wrong_member_is_named(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    static const char source[]
        = "{\"title\":\"Labour "
          "law\",\"lines\":\"a\\nb\",\"count\":7,\"half\":0.5,\"yes\":true,\"none\":null}";
    json_t *json = json_read_object(source, strlen(source), &problem);
    const char *line = "as it was", *lines = NULL;
    int64_t number = -1;
    bool yes = false;
    assert_true(json_get_line(json, "title", 20, &line, &problem));
    assert_string_equal(line, "Labour law");
    assert_true(json_get_int64(json, "count", 0, 10, &number, &problem));
    assert_int_equal(number, 7);
    assert_true(json_get_bool(json, "yes", &yes, &problem));
    assert_true(yes);
    assert_true(json_may_get_text(json, "lines", 10, &lines, &problem));
    assert_string_equal(lines, "a\nb");
    assert_true(json_may_get_int64(json, "none", 0, 10, &number, &problem));
    assert_int_equal(number, 7);
    assert_false(problem_is_set(&problem));

    assert_false(json_get_line(json, "lines", 20, &line, &problem));
    assert_int_equal(problem.kind, PROBLEM_INVALID_FIELD);
    assert_string_equal(problem.field, "lines");
    problem_clear(&problem);
    assert_false(json_get_int64(json, "half", 0, 10, &number, &problem));
    assert_string_equal(problem.field, "half");
    problem_clear(&problem);
    assert_false(json_get_int64(json, "count", 0, 6, &number, &problem));
    problem_clear(&problem);
    assert_false(json_get_line(json, "missing", 20, &line, &problem));
    assert_string_equal(problem.field, "missing");
    json_decref(json);
}

static void an_empty_line_is_told_as_empty(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    static const char source[] = "{\"none\":\"\",\"spaces\":\"  \",\"number\":7,\"long\":\"abcd\"}";
    json_t *json = json_read_object(source, strlen(source), &problem);
    static const struct {
        const char *key, *expected;
    } cases[] = {
        { "none", "'none' must not be empty" },
        { "spaces", "'spaces' must not be empty" },
        { "number", "'number' must be a line of text of at most 3 bytes" },
        { "long", "'long' must be a line of text of at most 3 bytes" },
        { "absent", "'absent' is missing" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *line = "as it was";
        assert_false(json_get_line(json, cases[i].key, 3, &line, &problem));
        assert_string_equal(problem.detail, cases[i].expected);
        assert_string_equal(line, "as it was");
        problem_clear(&problem);
    }
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_bounded_object_is_read),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(a_wrong_member_is_named),
        cmocka_unit_test(an_empty_line_is_told_as_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
