#include "catalog_store.h"

static json_t *make_lecture(
    struct db_connection *connection, const void *data, struct problem *problem)
{
    return lecture_json(connection, data, "ja", problem);
}

static json_t *make_lectures(
    struct db_connection *connection, const void *data, struct problem *problem)
{
    (void)data;
    return lectures_json(connection, "ja", problem);
}

static void a_lecture_shows_its_newest_job_and_its_report(void **state)
{
    struct catalog *catalog = *state;
    char id[UUID_TEXT_SIZE], expected[2000];
    catalog_lecture(catalog, "Law", id);
    for (int i = 1; i <= 2; i++)
        catalog_sql(catalog,
            "INSERT INTO job (id, lecture_id, version, state, permille, reason, report, attempts,"
            " created_at_ms) VALUES ('j%d', '%s', 1, 'running', %d00, NULL, "
            "'{\"container\":\"j%d\"}', 1, %d)",
            i, id, i, i, i);
    catalog_sql(catalog, "UPDATE lecture SET created_at_ms = 5");
    (void)snprintf(expected, sizeof expected,
        "{\"id\":\"%s\",\"title\":\"Law\",\"description\":\"About it.\",\"text_language\":\"en\","
        "\"titles\":{\"en\":{\"title\":\"Law\",\"description\":\"About it.\"}},\"language\":\"en\","
        "\"state\":\"preparing\",\"published\":false,\"version\":null,\"version_at_ms\":null,"
        "\"duration_ms\":null,"
        "\"file_name\":\"law.mp4\",\"file\":null,\"provider\":null,\"provider_id\":null,"
        "\"captions\":[],\"chapters\":[],\"handouts\":[],"
        "\"job\":{\"id\":\"j2\",\"lecture_id\":\"%s\",\"state\":\"running\",\"permille\":200,"
        "\"reason\":null,\"report\":{\"container\":\"j2\"},\"version\":1,\"kind\":\"prepare\","
        "\"pass\":\"first\",\"priority\":0,\"speed_percent\":null,\"left_ms\":null,"
        "\"paused\":null},\"report\":{\"container\":\"j2\"},\"original_bytes\":null,"
        "\"created_at_ms\":5}",
        id, id);
    json_t *json = catalog_json(catalog, make_lecture, id);
    assert_json_equal(json, expected);
    json_decref(json);

    catalog_make_ready(catalog, id, 61000);
    json = catalog_json(catalog, make_lecture, id);
    assert_int_equal(json_integer_value(json_object_get(json, "version")), 1);
    assert_int_equal(json_integer_value(json_object_get(json, "duration_ms")), 61000);
    assert_json_equal(json_object_get(json, "report"), "{\"container\":\"mp4\"}");
    json_decref(json);
    assert_null(catalog_json(catalog, make_lecture, "nowhere"));
    assert_int_equal(catalog->problem.kind, PROBLEM_NOT_FOUND);
}

static void lectures_are_listed_newest_first(void **state)
{
    struct catalog *catalog = *state;
    char ids[3][UUID_TEXT_SIZE];
    for (int i = 0; i < 3; i++) {
        catalog_lecture(catalog, "Law", ids[i]);
        catalog_sql(catalog, "UPDATE lecture SET created_at_ms = %d WHERE id = '%s'", i, ids[i]);
    }
    json_t *lectures = catalog_json(catalog, make_lectures, NULL);
    assert_int_equal(json_array_size(lectures), 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(
            json_string_value(json_object_get(json_array_get(lectures, i), "id")), ids[2 - i]);
    json_decref(lectures);
}

static json_t *make_scoped(
    struct db_connection *connection, const void *data, struct problem *problem)
{
    return lectures_of_json(connection, data, "ja", problem);
}

static void staff_see_the_lectures_of_their_scope(void **state)
{
    struct catalog *catalog = *state;
    char program[UUID_TEXT_SIZE], ids[2][UUID_TEXT_SIZE];
    catalog_program(catalog, "Basics", program);
    for (int i = 0; i < 2; i++)
        catalog_lecture(catalog, "Law", ids[i]);
    struct catalog_change place
        = { .kind = ADD_PROGRAM_LECTURE, .object = program, .other = ids[1] };
    catalog_do(catalog, &place);
    catalog_sql(catalog, "INSERT INTO staff (id, email, name, role, password_hash, created_at_ms)"
                         " VALUES ('o', 'o@example.org', 'O', 'organizer', '-', 1)");
    catalog_sql(
        catalog, "INSERT INTO staff_program (staff_id, program_id) VALUES ('o', '%s')", program);
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
        json_t *lectures = catalog_json(catalog, make_scoped, &cases[i].caller);
        if (json_array_size(lectures) != cases[i].count)
            fail_msg("%s: %zu", cases[i].story, json_array_size(lectures));
        if (cases[i].count == 1) {
            const json_t *lecture = json_array_get(lectures, 0);
            assert_string_equal(json_string_value(json_object_get(lecture, "id")), ids[1]);
            assert_string_equal(json_string_value(json_object_get(lecture, "title")), "Law");
        }
        json_decref(lectures);
    }
}

static void texts_are_changed_a_language_at_a_time(void **state)
{
    struct catalog *catalog = *state;
    char id[UUID_TEXT_SIZE];
    catalog_lecture(catalog, "Law", id);
    struct catalog_change title
        = { .kind = CHANGE_LECTURE_TEXT, .object = id, .title = "Labour law" };
    catalog_do(catalog, &title);
    struct catalog_change untitled
        = { .kind = CHANGE_LECTURE_TEXT, .object = id, .language = "ja", .description = "d" };
    assert_false(catalog_try(catalog, &untitled));
    assert_string_equal(catalog->problem.field, "title");
    struct catalog_change japanese = { .kind = CHANGE_LECTURE_TEXT,
        .object = id,
        .language = "ja-jp",
        .title = "労働法",
        .description = "" };
    catalog_do(catalog, &japanese);
    struct catalog_change described = {
        .kind = CHANGE_LECTURE_TEXT, .object = id, .language = "ja-JP", .description = "二つ目"
    };
    catalog_do(catalog, &described);
    json_t *json = catalog_json(catalog, make_lecture, id);
    assert_json_equal(json_object_get(json, "titles"),
        "{\"en\":{\"title\":\"Labour law\",\"description\":\"About it.\"},"
        "\"ja-JP\":{\"title\":\"労働法\",\"description\":\"二つ目\"}}");
    json_decref(json);
    struct catalog_change nowhere
        = { .kind = CHANGE_LECTURE_TEXT, .object = "nowhere", .language = "en", .title = "T" };
    assert_false(catalog_try(catalog, &nowhere));
    assert_int_equal(catalog->problem.kind, PROBLEM_NOT_FOUND);
    nowhere.language = NULL;
    assert_false(catalog_try(catalog, &nowhere));
    assert_int_equal(catalog->problem.kind, PROBLEM_NOT_FOUND);
}

static void only_a_ready_lecture_is_published(void **state)
{
    struct catalog *catalog = *state;
    char id[UUID_TEXT_SIZE];
    catalog_lecture(catalog, "Law", id);
    struct catalog_change publish = { .kind = PUBLISH, .object = id };
    assert_false(catalog_try(catalog, &publish));
    assert_int_equal(catalog->problem.kind, PROBLEM_CONFLICT);
    catalog_make_ready(catalog, id, 61000);
    catalog_do(catalog, &publish);
    catalog_do(catalog, &publish);
    assert_int_equal(catalog_figure(catalog, "SELECT published FROM lecture"), 1);
    publish.kind = UNPUBLISH;
    catalog_do(catalog, &publish);
    assert_int_equal(catalog_figure(catalog, "SELECT published FROM lecture"), 0);
    publish.object = "nowhere";
    assert_false(catalog_try(catalog, &publish));
    assert_int_equal(catalog->problem.kind, PROBLEM_NOT_FOUND);
}

static void put_job(struct catalog *catalog, const char *lecture_id, const char *state)
{
    catalog_sql(catalog,
        "INSERT INTO job (id, lecture_id, version, state, permille, attempts, created_at_ms)"
        " VALUES ('job of %s', '%s', 1, '%s', 0, 1, 1)",
        lecture_id, lecture_id, state);
}

/* Rows in every table that may name a lecture without a version. */
static int64_t count_rows(struct catalog *catalog, const char *lecture_id)
{
    return catalog_figure(catalog,
        "SELECT (SELECT COUNT(*) FROM lecture WHERE id = '%s')"
        " + (SELECT COUNT(*) FROM lecture_text WHERE lecture_id = '%s')"
        " + (SELECT COUNT(*) FROM caption_track WHERE lecture_id = '%s')"
        " + (SELECT COUNT(*) FROM program_lecture WHERE lecture_id = '%s')"
        " + (SELECT COUNT(*) FROM upload WHERE lecture_id = '%s')"
        " + (SELECT COUNT(*) FROM job WHERE lecture_id = '%s')",
        lecture_id, lecture_id, lecture_id, lecture_id, lecture_id, lecture_id);
}

static void what_never_became_a_lecture_is_removed_with_all_that_names_it(void **state)
{
    struct catalog *catalog = *state;
    char program[UUID_TEXT_SIZE], ids[2][UUID_TEXT_SIZE];
    catalog_program(catalog, "Basics", program);
    for (int i = 0; i < 2; i++) {
        catalog_lecture(catalog, "Law", ids[i]);
        put_job(catalog, ids[i], "refused");
        catalog_sql(catalog, "UPDATE lecture SET state = 'refused' WHERE id = '%s'", ids[i]);
        catalog_sql(catalog,
            "INSERT INTO caption_track (lecture_id, language, cue_count, updated_at_ms)"
            " VALUES ('%s', 'mn', 3, 1)",
            ids[i]);
        catalog_sql(catalog,
            "INSERT INTO upload (id, length_bytes, offset_bytes, metadata, file_name, title,"
            " language, lecture_id, created_at_ms, expires_at_ms)"
            " VALUES ('upload %d', 5, 5, '', 'law.mp4', 'Law', 'en', '%s', 1, %lld)",
            i, ids[i], (long long)INT64_MAX);
    }
    struct catalog_change order = { .kind = SET_LECTURES,
        .object = program,
        .ids = (const char *[]){ ids[0], ids[1] },
        .count = 2 };
    catalog_do(catalog, &order);
    assert_int_equal(count_rows(catalog, ids[0]), 6);
    struct catalog_change removal = { .kind = REMOVE_LECTURE, .object = ids[0] };
    catalog_do(catalog, &removal);
    assert_int_equal(count_rows(catalog, ids[0]), 0);
    assert_int_equal(count_rows(catalog, ids[1]), 6);
    /* an upload without a lecture would be handed over again */
    assert_int_equal(
        catalog_figure(catalog, "SELECT COUNT(*) FROM upload WHERE lecture_id IS NULL"), 0);
    assert_false(catalog_try(catalog, &removal));
    assert_int_equal(catalog->problem.kind, PROBLEM_NOT_FOUND);
}

static void a_lecture_stays_while_it_is_prepared_and_once_it_was_ready(void **state)
{
    struct catalog *catalog = *state;
    static const struct {
        const char *job, *sentence; /* NULL: it goes */
        bool ready, published;
    } cases[] = {
        { "queued", "This lecture is still being prepared.", false, false },
        { "running", "This lecture is still being prepared.", false, false },
        { "refused", NULL, false, false },
        { "failed", NULL, false, false },
        { "cancelled", NULL, false, false },
        { "done", "A lecture that was ready once stays", true, false },
        { "done", "A lecture that was ready once stays", true, true },
        /* a further job of a lecture that is ready */
        { "refused", "A lecture that was ready once stays", true, true },
        { "running", "A lecture that was ready once stays", true, true },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char id[UUID_TEXT_SIZE];
        catalog_lecture(catalog, "Law", id);
        put_job(catalog, id, cases[i].job);
        if (cases[i].ready)
            catalog_make_ready(catalog, id, 61000);
        catalog_sql(catalog, "UPDATE lecture SET published = %d WHERE id = '%s'",
            (int)cases[i].published, id);
        int64_t before = count_rows(catalog, id);
        struct catalog_change removal = { .kind = REMOVE_LECTURE, .object = id };
        bool removed = catalog_try(catalog, &removal);
        if (removed != !cases[i].sentence || count_rows(catalog, id) != (removed ? 0 : before))
            fail_msg("%zu, %s: %s", i, cases[i].job, catalog->problem.detail);
        if (removed)
            continue;
        assert_int_equal(catalog->problem.kind, PROBLEM_CONFLICT);
        if (!strstr(problem_sentence(&catalog->problem), cases[i].sentence))
            fail_msg("%zu, %s: %s", i, cases[i].job, problem_sentence(&catalog->problem));
    }
}

static void what_is_wrong_with_a_lecture_is_named(void **state)
{
    struct catalog *catalog = *state;
    static const struct {
        const char *story;
        struct lecture_fields fields;
        const char *field;
    } cases[] = {
        { "no language", { .title = "T", .file_name = "a.mp4" }, "language" },
        { "no title", { .language = "en", .file_name = "a.mp4" }, "title" },
        { "no file name", { .language = "en", .title = "T" }, "file_name" },
        { "control in the file name", { .language = "en", .title = "T", .file_name = "a\nb" },
            "file_name" },
        { "no such provider",
            { .language = "en", .title = "T", .file_name = "a", .provider_id = "x" }, "provider" },
        { "no text", { .language = "en", .title = "T", .file_name = "a", .description = "\xff" },
            "description" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct catalog_change change = { .kind = ADD_LECTURE, .lecture = &cases[i].fields };
        if (catalog_try(catalog, &change) || strcmp(catalog->problem.field, cases[i].field) != 0)
            fail_msg("%s", cases[i].story);
    }
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM lecture"), 0);
}

static json_t *me_in(struct db_connection *connection, const struct catalog *catalog,
    const char *language, struct problem *problem)
{
    struct caller caller = { .role = CALLER_PARTICIPANT };
    struct db_rows *rows = db_query(connection, "SELECT id FROM participant", "");
    if (db_next(rows))
        (void)snprintf(caller.participant_id, UUID_TEXT_SIZE, "%s", db_text(rows, 0));
    if (!db_end(rows, problem))
        return NULL;
    return participant_program_json(connection, &catalog->settings, &caller, language, problem);
}

static json_t *make_me(struct db_connection *connection, const void *data, struct problem *problem)
{
    return me_in(connection, data, "ja", problem);
}

static json_t *make_me_by_record(
    struct db_connection *connection, const void *data, struct problem *problem)
{
    return me_in(connection, data, NULL, problem);
}

static const char *program_title(const json_t *me)
{
    return json_string_value(json_object_get(json_object_get(me, "program"), "title"));
}

static void titles_go_by_the_participant_s_record_unless_asked(void **state)
{
    struct catalog *catalog = *state;
    char program[UUID_TEXT_SIZE], cohort[UUID_TEXT_SIZE], person[UUID_TEXT_SIZE];
    catalog_program(catalog, "Law", program);
    catalog_cohort(catalog, program, "2026-11-23", "2026-11-27", cohort);
    catalog_participant(catalog, cohort, "Bat", person); /* mn */
    json_t *me = catalog_json(catalog, make_me_by_record, catalog);
    assert_string_equal(program_title(me), "Law");
    json_decref(me);
    static const char *const texts[][2] = { { "mn", "Хууль" }, { "ja", "法律" } };
    for (size_t i = 0; i < 2; i++) {
        struct catalog_change text = { .kind = SET_PROGRAM_TEXT,
            .object = program,
            .language = texts[i][0],
            .title = texts[i][1],
            .description = "" };
        catalog_do(catalog, &text);
    }
    me = catalog_json(catalog, make_me_by_record, catalog);
    assert_string_equal(program_title(me), "Хууль");
    json_decref(me);
    me = catalog_json(catalog, make_me, catalog);
    assert_string_equal(program_title(me), "法律");
    json_decref(me);
}

static void a_participant_sees_what_is_published_in_their_program(void **state)
{
    struct catalog *catalog = *state;
    char program[UUID_TEXT_SIZE], cohort[UUID_TEXT_SIZE], person[UUID_TEXT_SIZE], expected[2000];
    char ids[4][UUID_TEXT_SIZE];
    assert_null(catalog_json(catalog, make_me, catalog));
    assert_int_equal(catalog->problem.kind, PROBLEM_NOT_FOUND);
    catalog_program(catalog, "Basics", program);
    catalog_cohort(catalog, program, "2026-11-23", "2026-11-27", cohort);
    catalog_participant(catalog, cohort, "Bat", person);
    static const char *const titles[] = { "Shown", "Unpublished", "Preparing", "Elsewhere" };
    for (size_t i = 0; i < 4; i++)
        catalog_lecture(catalog, titles[i], ids[i]);
    for (size_t i = 0; i < 4; i++)
        if (i != 2)
            catalog_make_ready(catalog, ids[i], 61000);
    for (size_t i = 0; i < 4; i++)
        if (i == 0 || i == 3)
            catalog_sql(catalog, "UPDATE lecture SET published = 1 WHERE id = '%s'", ids[i]);
    struct catalog_change provider = { .kind = ADD_PROVIDER, .title = "Centre" };
    catalog_do(catalog, &provider);
    struct catalog_change given = { .kind = SET_PROVIDER, .object = ids[0], .other = provider.id };
    catalog_do(catalog, &given);
    catalog_sql(catalog,
        "INSERT INTO caption_track (lecture_id, language, cue_count, updated_at_ms)"
        " VALUES ('%s', 'mn', 3, 1), ('%s', 'en', 3, 1)",
        ids[0], ids[0]);
    struct catalog_change order = { .kind = SET_LECTURES,
        .object = program,
        .ids = (const char *[]){ ids[2], ids[1], ids[0] },
        .count = 3 };
    catalog_do(catalog, &order);
    (void)snprintf(expected, sizeof expected,
        "{\"id\":\"%s\",\"name\":\"Bat\",\"language\":\"mn\","
        "\"program\":{\"id\":\"%s\",\"title\":\"Basics\",\"description\":\"\",\"text_language\":"
        "\"en\"},"
        "\"cohort\":{\"id\":\"%s\",\"name\":\"A team\",\"time_zone\":\"Asia/Ulaanbaatar\","
        "\"first_day\":\"2026-11-23\",\"last_day\":\"2026-11-27\",\"opens_at_ms\":1795363200000,"
        "\"closes_at_ms\":1795795200000,\"open_until_ms\":1797004800000},"
        "\"lectures\":[{\"id\":\"%s\",\"version\":1,\"title\":\"Shown\",\"description\":\"About "
        "it.\","
        "\"text_language\":\"en\",\"language\":\"en\",\"provider\":\"Centre\",\"duration_ms\":"
        "61000,\"captions\":[\"en\","
        "\"mn\"],"
        "\"chapters\":[],\"handouts\":[],\"required\":true,\"ready\":true}]}",
        person, program, cohort, ids[0]);
    json_t *json = catalog_json(catalog, make_me, catalog);
    catalog_fail(&catalog->problem);
    assert_json_equal(json, expected);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_lecture_shows_its_newest_job_and_its_report, catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            lectures_are_listed_newest_first, catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            staff_see_the_lectures_of_their_scope, catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            texts_are_changed_a_language_at_a_time, catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            only_a_ready_lecture_is_published, catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            what_never_became_a_lecture_is_removed_with_all_that_names_it, catalog_set_up,
            catalog_tear_down),
        cmocka_unit_test_setup_teardown(a_lecture_stays_while_it_is_prepared_and_once_it_was_ready,
            catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            what_is_wrong_with_a_lecture_is_named, catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            titles_go_by_the_participant_s_record_unless_asked, catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(a_participant_sees_what_is_published_in_their_program,
            catalog_set_up, catalog_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
