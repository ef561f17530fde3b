#include "catalog_store.h"

#include "base/clock.h"

static json_t *make_programs(
    struct db_connection *connection, const void *data, struct problem *problem)
{
    return programs_json(connection, data, "ja", problem);
}

static json_t *make_program(
    struct db_connection *connection, const void *data, struct problem *problem)
{
    return program_json(connection, data, "ja", problem);
}

static void a_program_has_texts_cohorts_and_lectures_in_order(void **state)
{
    struct catalog *catalog = *state;
    char program[UUID_TEXT_SIZE], cohort[UUID_TEXT_SIZE], law[UUID_TEXT_SIZE], talk[UUID_TEXT_SIZE];
    char person[UUID_TEXT_SIZE], expected[2000];
    catalog_program(catalog, "Basics", program);
    struct catalog_change japanese = { .kind = SET_PROGRAM_TEXT,
        .object = program,
        .language = "JA",
        .title = "基礎",
        .description = "労使関係" };
    catalog_do(catalog, &japanese);
    catalog_cohort(catalog, program, "2026-11-23", "2026-11-27", cohort);
    catalog_participant(catalog, cohort, "Bat", person);
    catalog_participant(catalog, cohort, "Saran", person);
    catalog_lecture(catalog, "Law", law);
    catalog_lecture(catalog, "Talk", talk);
    catalog_make_ready(catalog, talk, 61000);
    struct catalog_change order = {
        .kind = SET_LECTURES, .object = program, .ids = (const char *[]){ talk, law }, .count = 2
    };
    catalog_do(catalog, &order);

    (void)snprintf(expected, sizeof expected,
        "{\"id\":\"%s\",\"title\":\"基礎\",\"description\":\"労使関係\",\"text_language\":\"ja\","
        "\"titles\":{"
        "\"en\":{\"title\":\"Basics\",\"description\":\"\"},"
        "\"ja\":{\"title\":\"基礎\",\"description\":\"労使関係\"}},"
        "\"cohorts\":[{\"id\":\"%s\",\"name\":\"A team\",\"time_zone\":\"Asia/Ulaanbaatar\","
        "\"first_day\":\"2026-11-23\",\"last_day\":\"2026-11-27\",\"opens_at_ms\":1795363200000,"
        "\"closes_at_ms\":1795795200000,\"participant_count\":2}],"
        "\"lectures\":[{\"id\":\"%s\",\"title\":\"Talk\",\"text_language\":\"en\",\"state\":"
        "\"ready\",\"published\":false,"
        "\"duration_ms\":61000},{\"id\":\"%s\",\"title\":\"Law\",\"text_language\":\"en\","
        "\"state\":\"preparing\","
        "\"published\":false,\"duration_ms\":null}]}",
        program, cohort, talk, law);
    json_t *json = catalog_json(catalog, make_program, program);
    assert_json_equal(json, expected);
    json_decref(json);
}

static void staff_see_the_programs_of_their_scope(void **state)
{
    struct catalog *catalog = *state;
    char first[UUID_TEXT_SIZE], second[UUID_TEXT_SIZE], cohort[UUID_TEXT_SIZE];
    catalog_program(catalog, "First", first);
    catalog_program(catalog, "Second", second);
    catalog_cohort(catalog, first, "2026-11-23", "2026-11-27", cohort);
    catalog_sql(catalog, "INSERT INTO staff (id, email, name, role, password_hash, created_at_ms)"
                         " VALUES ('o', 'o@example.org', 'O', 'organizer', '-', 1)");
    catalog_sql(
        catalog, "INSERT INTO staff_program (staff_id, program_id) VALUES ('o', '%s')", second);

    static const struct {
        const char *story;
        struct caller caller;
        size_t count;
    } cases[] = {
        { "admin", { .role = CALLER_ADMIN, .staff_id = "a" }, 2 },
        { "organizer", { .role = CALLER_ORGANIZER, .staff_id = "o" }, 1 },
        { "organizer of nothing", { .role = CALLER_ORGANIZER, .staff_id = "p" }, 0 },
        { "participant", { .role = CALLER_PARTICIPANT }, 0 },
        { "anyone", { .role = CALLER_ANYONE }, 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *programs = catalog_json(catalog, make_programs, &cases[i].caller);
        if (json_array_size(programs) != cases[i].count)
            fail_msg("%s: %zu", cases[i].story, json_array_size(programs));
        if (cases[i].count == 1)
            assert_string_equal(
                json_string_value(json_object_get(json_array_get(programs, 0), "id")), second);
        json_decref(programs);
    }
}

static void a_list_of_lectures_is_replaced_whole_or_not_at_all(void **state)
{
    struct catalog *catalog = *state;
    char program[UUID_TEXT_SIZE], a[UUID_TEXT_SIZE], b[UUID_TEXT_SIZE];
    catalog_program(catalog, "Basics", program);
    catalog_lecture(catalog, "A", a);
    catalog_lecture(catalog, "B", b);
    struct catalog_change change
        = { .kind = SET_LECTURES, .object = program, .ids = (const char *[]){ a, b }, .count = 2 };
    catalog_do(catalog, &change);

    static const char unknown[] = "00000000-0000-7000-8000-000000000000";
    change.ids = (const char *[]){ b, unknown };
    assert_false(catalog_try(catalog, &change));
    assert_string_equal(catalog->problem.field, "lectures");
    change.ids = (const char *[]){ b, b };
    assert_false(catalog_try(catalog, &change));
    change.ids = (const char *[]){ b, "'; DROP TABLE lecture; --" };
    assert_false(catalog_try(catalog, &change));
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM program_lecture"), 2);

    change.ids = (const char *[]){ b };
    change.count = 1;
    catalog_do(catalog, &change);
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM program_lecture"), 1);
    change.count = 0;
    catalog_do(catalog, &change);
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM program_lecture"), 0);
    change.object = unknown;
    assert_false(catalog_try(catalog, &change));
    assert_int_equal(catalog->problem.kind, PROBLEM_NOT_FOUND);
}

static void a_lecture_is_appended_once(void **state)
{
    struct catalog *catalog = *state;
    char program[UUID_TEXT_SIZE], a[UUID_TEXT_SIZE], b[UUID_TEXT_SIZE];
    catalog_program(catalog, "Basics", program);
    catalog_lecture(catalog, "A", a);
    catalog_lecture(catalog, "B", b);
    const char *const order[] = { a, b, a, b };
    for (size_t i = 0; i < 4; i++) {
        struct catalog_change change
            = { .kind = ADD_PROGRAM_LECTURE, .object = program, .other = order[i] };
        catalog_do(catalog, &change);
    }
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM program_lecture"), 2);
    assert_int_equal(
        catalog_figure(catalog, "SELECT position FROM program_lecture WHERE lecture_id = '%s'", b),
        1);
}

static void what_is_wrong_with_a_program_is_named(void **state)
{
    struct catalog *catalog = *state;
    static const struct {
        const char *story, *language, *title, *description, *field;
    } cases[] = {
        { "no language", NULL, "T", "", "language" },
        { "a language's name", "english", "T", "", "language" },
        { "no title", "en", NULL, "", "title" },
        { "empty title", "en", " ", "", "title" },
        { "line break in the title", "en", "a\nb", "", "title" },
        { "escape in the description", "en", "T", "a\x1b", "description" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct catalog_change change = { .kind = ADD_PROGRAM,
            .language = cases[i].language,
            .title = cases[i].title,
            .description = cases[i].description };
        if (catalog_try(catalog, &change) || strcmp(catalog->problem.field, cases[i].field) != 0)
            fail_msg("%s", cases[i].story);
    }
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM program"), 0);
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM program_text"), 0);
}

static void what_is_wrong_with_a_cohort_is_named(void **state)
{
    struct catalog *catalog = *state;
    char program[UUID_TEXT_SIZE];
    catalog_program(catalog, "Basics", program);
    static const struct {
        const char *story;
        struct cohort_fields fields;
        const char *field;
    } cases[] = {
        { "one day", { "T", "UTC", "2026-11-23", "2026-11-23", 90, 30000, 200 }, NULL },
        { "no name", { NULL, "UTC", "2026-11-23", "2026-11-27", 90, 30000, 200 }, "name" },
        { "no zone", { "T", NULL, "2026-11-23", "2026-11-27", 90, 30000, 200 }, "time_zone" },
        { "no such zone", { "T", "Asia/Hanoi", "2026-11-23", "2026-11-27", 90, 30000, 200 },
            "time_zone" },
        { "no such day", { "T", "UTC", "2026-02-30", "2026-11-27", 90, 30000, 200 }, "first_day" },
        { "no last day", { "T", "UTC", "2026-11-23", NULL, 90, 30000, 200 }, "last_day" },
        { "ends before it begins", { "T", "UTC", "2026-11-23", "2026-11-22", 90, 30000, 200 },
            "last_day" },
        { "no threshold", { "T", "UTC", "2026-11-23", "2026-11-27", 0, 30000, 200 },
            "threshold_percent" },
        { "over the whole", { "T", "UTC", "2026-11-23", "2026-11-27", 101, 30000, 200 },
            "threshold_percent" },
        { "negative gap", { "T", "UTC", "2026-11-23", "2026-11-27", 90, -1, 200 }, "gap_ms_max" },
        { "slower than real", { "T", "UTC", "2026-11-23", "2026-11-27", 90, 0, 99 },
            "rate_cap_percent" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct catalog_change change
            = { .kind = ADD_COHORT, .object = program, .cohort = &cases[i].fields };
        bool added = catalog_try(catalog, &change);
        if (added != !cases[i].field
            || (!added && strcmp(catalog->problem.field, cases[i].field) != 0))
            fail_msg("%s: %s %s", cases[i].story, catalog->problem.field, catalog->problem.detail);
    }
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM cohort"), 1);
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM completion_rule"), 1);
    struct catalog_change nowhere
        = { .kind = ADD_COHORT, .object = "nowhere", .cohort = &cases[0].fields };
    assert_false(catalog_try(catalog, &nowhere));
    assert_int_equal(catalog->problem.kind, PROBLEM_NOT_FOUND);
}

static void lectures_stay_open_for_the_days_of_grace(void **state)
{
    struct catalog *catalog = *state;
    assert_int_equal(
        cohort_open_until_ms(&catalog->settings, 1000), 1000 + INT64_C(14) * 24 * 3600 * 1000);
    catalog->settings.cohort_grace_days = 3650;
    assert_int_equal(
        cohort_open_until_ms(&catalog->settings, 1000), 1000 + INT64_C(3650) * 24 * 3600 * 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_program_has_texts_cohorts_and_lectures_in_order, catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            staff_see_the_programs_of_their_scope, catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            a_list_of_lectures_is_replaced_whole_or_not_at_all, catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            a_lecture_is_appended_once, catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            what_is_wrong_with_a_program_is_named, catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            what_is_wrong_with_a_cohort_is_named, catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            lectures_stay_open_for_the_days_of_grace, catalog_set_up, catalog_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
