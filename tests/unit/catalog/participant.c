#include "catalog_store.h"

#include "base/clock.h"

static json_t *make_participants(
    struct db_connection *connection, const void *data, struct problem *problem)
{
    return participants_json(connection, data, problem);
}

static json_t *make_providers(
    struct db_connection *connection, const void *data, struct problem *problem)
{
    (void)data;
    return providers_json(connection, problem);
}

static void what_was_typed_is_kept_in_one_spelling(void **state)
{
    struct catalog *catalog = *state;
    char program[UUID_TEXT_SIZE], cohort[UUID_TEXT_SIZE], expected[1000];
    catalog_program(catalog, "Basics", program);
    catalog_cohort(catalog, program, "2026-11-23", "2026-11-27", cohort);
    static const struct participant_fields whole
        = { "Nguyễn Thị Lan", "lan@example.org", "vn", "female", "Hanoi", "VI" };
    static const struct participant_fields least = { "Trần Văn Minh", "", NULL, "", NULL, "vi" };
    struct catalog_change first
        = { .kind = ADD_PARTICIPANT, .object = cohort, .participant = &whole };
    struct catalog_change second
        = { .kind = ADD_PARTICIPANT, .object = cohort, .participant = &least };
    catalog_do(catalog, &first);
    catalog_do(catalog, &second);
    (void)snprintf(expected, sizeof expected,
        "{\"id\":\"%s\",\"name\":\"Nguyễn Thị "
        "Lan\",\"email\":\"lan@example.org\",\"country\":\"VN\","
        "\"gender\":\"female\",\"group\":\"Hanoi\",\"language\":\"vi\","
        "\"invitation\":{\"state\":\"none\",\"issued_at_ms\":null,\"expires_at_ms\":null}}",
        first.id);
    json_t *people = catalog_json(catalog, make_participants, cohort);
    assert_int_equal(json_array_size(people), 2);
    size_t at
        = strcmp(json_string_value(json_object_get(json_array_get(people, 0), "id")), first.id) == 0
              ? 0
              : 1;
    assert_json_equal(json_array_get(people, at), expected);
    (void)snprintf(expected, sizeof expected,
        "{\"id\":\"%s\",\"name\":\"Trần Văn Minh\",\"email\":null,\"country\":null,\"gender\":null,"
        "\"group\":null,\"language\":\"vi\","
        "\"invitation\":{\"state\":\"none\",\"issued_at_ms\":null,\"expires_at_ms\":null}}",
        second.id);
    assert_json_equal(json_array_get(people, 1 - at), expected);
    json_decref(people);
}

static void what_is_wrong_with_a_participant_is_named(void **state)
{
    struct catalog *catalog = *state;
    char program[UUID_TEXT_SIZE], cohort[UUID_TEXT_SIZE];
    catalog_program(catalog, "Basics", program);
    catalog_cohort(catalog, program, "2026-11-23", "2026-11-27", cohort);
    static const struct {
        const char *story;
        struct participant_fields fields;
        const char *field;
    } cases[] = {
        { "no name", { .language = "vi" }, "name" },
        { "header in the name", { .name = "A\r\nBcc: x", .language = "vi" }, "name" },
        { "no language", { .name = "A" }, "language" },
        { "empty language", { .name = "A", .language = "" }, "language" },
        { "no such country", { .name = "A", .language = "vi", .country = "XX" }, "country" },
        { "a gender of one's own", { .name = "A", .language = "vi", .gender = "f" }, "gender" },
        { "no address", { .name = "A", .language = "vi", .email = "none" }, "email" },
        { "control in the group", { .name = "A", .language = "vi", .group = "\x01" }, "group" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct catalog_change change
            = { .kind = ADD_PARTICIPANT, .object = cohort, .participant = &cases[i].fields };
        if (catalog_try(catalog, &change) || strcmp(catalog->problem.field, cases[i].field) != 0)
            fail_msg("%s", cases[i].story);
    }
    static const struct participant_fields fine = { .name = "A", .language = "vi" };
    struct catalog_change nowhere
        = { .kind = ADD_PARTICIPANT, .object = "nowhere", .participant = &fine };
    assert_false(catalog_try(catalog, &nowhere));
    assert_int_equal(catalog->problem.kind, PROBLEM_NOT_FOUND);
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM participant"), 0);
}

static bool list_people(struct db_connection *connection, void *data, struct problem *problem)
{
    const char *const *cohort = data;
    json_t *people = participants_json(connection, *cohort, problem);
    json_decref(people);
    return people != NULL;
}

static void nobody_is_listed_of_no_cohort(void **state)
{
    struct catalog *catalog = *state;
    char program[UUID_TEXT_SIZE], cohort[UUID_TEXT_SIZE];
    catalog_program(catalog, "Basics", program);
    catalog_cohort(catalog, program, "2026-11-23", "2026-11-27", cohort);
    static const char *const wrong[] = { "nope", "", "01890000-0000-7000-8000-000000000000" };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *id = wrong[i];
        struct problem problem = { 0 };
        assert_false(db_read(catalog->db, list_people, &id, &problem));
        assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    }
    json_t *people = catalog_json(catalog, make_participants, cohort);
    assert_int_equal(json_array_size(people), 0);
    json_decref(people);
}

/* Times are counted from now, in hours; 0: null. */
static void add_invitation(struct catalog *catalog, const char *participant, char letter,
    int created_hours, int expires_hours, int opened_hours, int revoked_hours)
{
    static const int64_t hour_ms = 3600000;
    int64_t now_ms = clock_now_ms();
    char opened[32] = "NULL", revoked[32] = "NULL";
    if (opened_hours != 0)
        (void)snprintf(opened, sizeof opened, "%lld", (long long)(now_ms + opened_hours * hour_ms));
    if (revoked_hours != 0)
        (void)snprintf(
            revoked, sizeof revoked, "%lld", (long long)(now_ms + revoked_hours * hour_ms));
    catalog_sql(catalog,
        "INSERT INTO invitation (id, participant_id, digest, created_at_ms, expires_at_ms, "
        "opened_at_ms,"
        " revoked_at_ms) VALUES ('%c', '%s', X'%02x%062x', %lld, %lld, %s, %s)",
        letter, participant, (unsigned)letter, 0U, (long long)(now_ms + created_hours * hour_ms),
        (long long)(now_ms + expires_hours * hour_ms), opened, revoked);
}

static void the_newest_link_tells_its_state(void **state)
{
    struct catalog *catalog = *state;
    char program[UUID_TEXT_SIZE], cohort[UUID_TEXT_SIZE], person[UUID_TEXT_SIZE];
    catalog_program(catalog, "Basics", program);
    catalog_cohort(catalog, program, "2026-11-23", "2026-11-27", cohort);
    catalog_participant(catalog, cohort, "Bat", person);
    static const struct {
        char letter;
        int created_hours, expires_hours, opened_hours, revoked_hours;
        const char *expected;
    } cases[] = {
        { 'a', -10, 10, 0, 0, "issued" },
        { 'b', -9, 10, -8, 0, "opened" },
        { 'c', -8, -1, -7, 0, "expired" },
        { 'd', -7, 10, -6, -5, "revoked" },
        { 'e', -6, -1, 0, -5, "revoked" },
        { 'f', -5, 10, 0, 0, "issued" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        add_invitation(catalog, person, cases[i].letter, cases[i].created_hours,
            cases[i].expires_hours, cases[i].opened_hours, cases[i].revoked_hours);
        json_t *people = catalog_json(catalog, make_participants, cohort);
        assert_int_equal(json_array_size(people), 1);
        const json_t *invitation = json_object_get(json_array_get(people, 0), "invitation");
        assert_string_equal(
            json_string_value(json_object_get(invitation, "state")), cases[i].expected);
        assert_true(json_is_integer(json_object_get(invitation, "issued_at_ms")));
        json_decref(people);
    }
}

static void a_provider_has_a_name_of_its_own(void **state)
{
    struct catalog *catalog = *state;
    struct catalog_change jilaf
        = { .kind = ADD_PROVIDER, .title = "Productivity Center", .other = "jp" };
    struct catalog_change other = { .kind = ADD_PROVIDER, .title = "Other", .other = "" };
    struct catalog_change wrong = { .kind = ADD_PROVIDER, .title = "Wrong", .other = "JPN" };
    catalog_do(catalog, &jilaf);
    catalog_do(catalog, &other);
    assert_false(catalog_try(catalog, &jilaf));
    assert_int_equal(catalog->problem.kind, PROBLEM_CONFLICT);
    assert_string_equal(
        problem_sentence(&catalog->problem), "There is a provider of this name already.");
    assert_false(catalog_try(catalog, &wrong));
    assert_string_equal(catalog->problem.field, "country");
    json_t *providers = catalog_json(catalog, make_providers, NULL);
    assert_int_equal(json_array_size(providers), 2);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(providers, 1), "country")), "JP");
    assert_true(json_is_null(json_object_get(json_array_get(providers, 0), "country")));
    json_decref(providers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            what_was_typed_is_kept_in_one_spelling, catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            what_is_wrong_with_a_participant_is_named, catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            nobody_is_listed_of_no_cohort, catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            the_newest_link_tells_its_state, catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            a_provider_has_a_name_of_its_own, catalog_set_up, catalog_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
