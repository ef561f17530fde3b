/* Uploads in parts, with digests, without a length at first; and how many there may be. */
#include "catalog_uploads.h"

static void assert_sha256_of_talk(struct catalog *catalog, const char *lecture_id)
{
    char text[DIGEST_SHA256_TEXT_SIZE];
    size_t count;
    char *bytes = talk_bytes(&count);
    struct digest *digest = digest_new(DIGEST_SHA256);
    digest_add(digest, bytes, count);
    digest_sha256_text(digest, text);
    digest_free(digest);
    free(bytes);
    assert_int_equal(catalog_figure(catalog,
                         "SELECT COUNT(*) FROM lecture_file WHERE lecture_id = '%s' AND"
                         " version = 1 AND size_bytes = %zu AND sha256 = '%s'",
                         lecture_id, count, text),
        1);
}

static void the_digest_of_the_whole_is_kept_whoever_sent_what(void **state)
{
    struct catalog *catalog = *state;
    struct problem problem = { 0 };
    size_t count;
    char *bytes = talk_bytes(&count);
    static const struct {
        const char *story;
        bool restarts, loses;
    } cases[] = {
        { "in pieces", false, false },
        { "over a restart", true, false },
        { "a piece that was not acknowledged", false, true },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct server server = server_start(catalog);
        struct upload_facts facts = upload_make(&server, NULL, (int64_t)count);
        assert_true(upload_piece(&server, facts.id, 0, bytes, 5000, &facts, &problem));
        if (cases[i].restarts) {
            server_stop(&server);
            server = server_start(catalog);
        }
        if (cases[i].loses) {
            struct upload_writer *writer
                = upload_open(server.uploads, facts.id, NULL, 5000, &problem);
            assert_true(upload_write(writer, "not this", 8, &problem));
            upload_abandon(writer);
        }
        print_message("%s\n", cases[i].story);
        assert_true(
            upload_piece(&server, facts.id, 5000, bytes + 5000, count - 5000, &facts, &problem));
        assert_sha256_of_talk(catalog, facts.lecture_id);
        server_stop(&server);
    }
    free(bytes);
}

static void a_piece_with_another_digest_is_dropped(void **state)
{
    struct catalog *catalog = *state;
    struct server server = server_start(catalog);
    struct problem problem = { 0 };
    struct upload_checksum checksum;
    size_t count;
    char *bytes = talk_bytes(&count);
    struct upload_facts facts = upload_make(&server, NULL, (int64_t)count);
    catalog->settings.upload_unsynced_bytes_max = 65536; /* syncs in between acknowledge nothing */
    static const struct {
        const char *story, *field;
        bool kept;
    } cases[] = {
        { "damaged", "sha1 Lve95gjOVATpfV8EL5X4nxwjKHE=", false },
        { "as it was sent", NULL, true },
    };
    for (size_t i = 0; i < 2; i++) {
        int64_t acknowledged = -1;
        struct upload_writer *writer = upload_open(server.uploads, facts.id, NULL, 0, &problem);
        if (cases[i].field) {
            assert_true(upload_checksum_read(cases[i].field, &checksum, &problem));
        } else {
            struct digest *digest = digest_new(checksum.kind = DIGEST_SHA256);
            digest_add(digest, bytes, count);
            (void)digest_value(digest, checksum.value);
            digest_free(digest);
        }
        upload_expect(writer, &checksum);
        for (size_t at = 0; at < count; at += 10000)
            assert_true(upload_write(
                writer, bytes + at, count - at < 10000 ? count - at : 10000, &problem));
        assert_true(upload_find(server.uploads, facts.id, NULL, &facts, &problem));
        assert_int_equal(facts.offset_bytes, 0);
        assert_int_equal(upload_sync(writer, &acknowledged, &problem), cases[i].kept);
        assert_int_equal(problem.kind, cases[i].kept ? PROBLEM_NONE : PROBLEM_UPLOAD_CHECKSUM);
        problem_clear(&problem);
        assert_true(upload_close(writer, &facts, &problem));
        assert_int_equal(facts.offset_bytes, cases[i].kept ? (int64_t)count : 0);
    }
    assert_sha256_of_talk(catalog, facts.lecture_id);
    free(bytes);
    server_stop(&server);
}

static void parts_become_one_file(void **state)
{
    struct catalog *catalog = *state;
    struct server server = server_start(catalog);
    struct problem problem = { 0 };
    size_t count;
    char concat[256], *bytes = talk_bytes(&count);
    make_staff(catalog, "a");
    const size_t third = count / 3;
    const struct upload_facts parts[3]
        = { part_make(&server, "a", bytes, third), part_make(&server, "a", bytes + third, third),
              part_make(&server, "a", bytes + 2 * third, count - 2 * third) };
    free(bytes);
    /* A whole part is no lecture. */
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM job"), 0);
    struct upload_facts facts, again;
    concat_of(parts, concat);
    assert_true(final_make(&server, "a", concat, &facts, &problem));
    assert_sha256_of_talk(catalog, facts.lecture_id);
    /* Who missed the answer asks again, and is told of the same. */
    assert_true(final_make(&server, "a", concat, &again, &problem));
    assert_string_equal(again.id, facts.id);
    assert_string_equal(again.lecture_id, facts.lecture_id);
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM job"), 1);
    assert_int_equal(count_entries(catalog, "uploads"), 0);
    assert_false(upload_find(server.uploads, parts[1].id, "a", &again, &problem));
    assert_int_equal(problem.kind, PROBLEM_UPLOAD_GONE);
    problem_clear(&problem);
    assert_null(upload_open(server.uploads, facts.id, "a", (int64_t)count, &problem));
    assert_int_equal(problem.kind, PROBLEM_UPLOAD_FINAL);
    char *field = upload_concat_field(server.uploads, facts.id, &problem);
    assert_string_equal(field, concat);
    free(field);
    server_stop(&server);
}

static void what_is_no_whole_part_of_ones_own_is_not_joined(void **state)
{
    struct catalog *catalog = *state;
    struct server server = server_start(catalog);
    struct problem problem = { 0 };
    make_staff(catalog, "a");
    make_staff(catalog, "b");
    const struct upload_wish wish = { .staff_id = "a", .length_bytes = 10, .concat = "partial" };
    struct upload_facts own = part_make(&server, "a", "0123", 4), facts;
    struct upload_facts others = part_make(&server, "b", "0123", 4);
    struct upload_facts whole = upload_make(&server, "a", 10), used[3], unfinished_part;
    assert_true(upload_create(server.uploads, &wish, &unfinished_part, &problem));
    for (size_t i = 0; i < 3; i++)
        used[i] = part_make(&server, "a", "0123", 4);
    char concat[256];
    concat_of(used, concat);
    assert_true(final_make(&server, "a", concat, &facts, &problem));
    const char *cases[]
        = { others.id, whole.id, unfinished_part.id, used[0].id, used[1].id, facts.id };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        problem_clear(&problem);
        (void)snprintf(
            concat, sizeof concat, "final;/api/v1/uploads/%s /api/v1/uploads/%s", own.id, cases[i]);
        assert_false(final_make(&server, "a", concat, &facts, &problem));
        assert_int_equal(problem.kind, PROBLEM_BAD_REQUEST);
    }
    problem_clear(&problem);
    (void)snprintf(concat, sizeof concat, "final;/api/v1/uploads/%s", own.id);
    catalog->settings.upload_bytes_max = 3;
    assert_false(final_make(&server, "a", concat, &facts, &problem));
    assert_int_equal(problem.kind, PROBLEM_BODY_TOO_LARGE);
    server_stop(&server);
}

static void nobody_begins_more_than_the_bounds(void **state)
{
    struct catalog *catalog = *state;
    struct server server = server_start(catalog);
    make_staff(catalog, "a");
    make_staff(catalog, "b");
    (void)upload_make(&server, "a", 500);
    (void)upload_make(&server, "a", 500);
    static const struct {
        const char *story, *staff_id;
        int64_t count_max, person_bytes_max, total_bytes_max, length_bytes;
        bool begun;
    } cases[] = {
        { "too many", "a", 2, 10000, 10000, 1, false },
        { "another's are not counted", "b", 2, 10000, 10000, 1, true },
        { "too much for one", "a", 9, 1100, 10000, 101, false },
        { "the rest", "a", 9, 1100, 10000, 100, true },
        { "too much for all", "b", 9, 10000, 1200, 100, false },
        { "nobody's is of all", NULL, 1, 1, 1200, 100, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct problem problem = { 0 };
        struct upload_facts facts;
        const struct upload_wish wish
            = { .staff_id = cases[i].staff_id, .length_bytes = cases[i].length_bytes };
        catalog->settings.upload_person_count_max = cases[i].count_max;
        catalog->settings.upload_person_bytes_max = cases[i].person_bytes_max;
        catalog->settings.upload_total_bytes_max = cases[i].total_bytes_max;
        print_message("%s\n", cases[i].story);
        assert_int_equal(upload_create(server.uploads, &wish, &facts, &problem), cases[i].begun);
        assert_int_equal(problem.kind, cases[i].begun ? PROBLEM_NONE : PROBLEM_UPLOAD_QUOTA);
    }
    struct problem problem = { 0 };
    json_t *answer = uploads_json(server.uploads, "a", &problem);
    const json_t *limits = json_object_get(answer, "limits");
    assert_int_equal(json_integer_value(json_object_get(limits, "bytes_left")), 0);
    json_decref(answer);
    server_stop(&server);
}

static void a_length_may_come_later_and_then_holds(void **state)
{
    struct catalog *catalog = *state;
    struct server server = server_start(catalog);
    struct problem problem = { 0 };
    struct upload_facts facts = upload_make(&server, NULL, UPLOAD_LENGTH_UNKNOWN), found;
    assert_true(upload_piece(&server, facts.id, 0, "0123", 4, &found, &problem));
    assert_int_equal(found.length_bytes, UPLOAD_LENGTH_UNKNOWN);
    struct upload_writer *writer = upload_open(server.uploads, facts.id, NULL, 4, &problem);
    static const struct {
        int64_t length_bytes;
        enum problem_kind kind;
    } cases[] = {
        { 3, PROBLEM_INVALID_FIELD },
        { INT64_MAX, PROBLEM_BODY_TOO_LARGE },
        { 8, PROBLEM_NONE },
        { 8, PROBLEM_NONE },
        { 9, PROBLEM_CONFLICT },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        problem_clear(&problem);
        (void)upload_set_length(writer, cases[i].length_bytes, &problem);
        assert_int_equal(problem.kind, cases[i].kind);
    }
    problem_clear(&problem);
    assert_true(upload_write(writer, "4567", 4, &problem));
    int64_t acknowledged;
    assert_true(upload_sync(writer, &acknowledged, &problem));
    assert_true(upload_close(writer, &found, &problem));
    assert_string_not_equal(found.lecture_id, "");
    server_stop(&server);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, catalog_set_up, catalog_tear_down)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(the_digest_of_the_whole_is_kept_whoever_sent_what),
        TEST(a_piece_with_another_digest_is_dropped),
        TEST(parts_become_one_file),
        TEST(what_is_no_whole_part_of_ones_own_is_not_joined),
        TEST(nobody_begins_more_than_the_bounds),
        TEST(a_length_may_come_later_and_then_holds),
    };
    if (argc > 1 && strcmp(argv[1], "media-job") == 0)
        return media_job_child(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
