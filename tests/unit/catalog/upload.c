#include "catalog_uploads.h"

static void pieces_become_a_lecture(void **state)
{
    struct catalog *catalog = *state;
    struct server server = server_start(catalog);
    struct problem problem = { 0 };
    size_t count;
    char *bytes = talk_bytes(&count);
    make_staff(catalog, "a");
    struct upload_facts facts = upload_make(&server, "a", (int64_t)count);
    assert_string_equal(facts.staff_id, "a");
    assert_int_equal(facts.offset_bytes, 0);
    for (size_t at = 0; at < count;) {
        size_t piece = count - at < 5000 ? count - at : 5000;
        assert_true(
            upload_piece(&server, facts.id, (int64_t)at, bytes + at, piece, &facts, &problem));
        at += piece;
        assert_int_equal(facts.offset_bytes, at);
        assert_int_equal(facts.lecture_id[0] != '\0', at == count);
        assert_true(upload_find(server.uploads, facts.id, "a", &facts, &problem));
        assert_int_equal(facts.offset_bytes, at);
    }
    free(bytes);
    assert_int_equal(catalog_figure(catalog,
                         "SELECT COUNT(*) FROM lecture_text WHERE lecture_id = '%s' AND"
                         " language = 'vi' AND title = 'A talk'",
                         facts.lecture_id),
        1);
    assert_int_equal(catalog_figure(catalog,
                         "SELECT COUNT(*) FROM audit WHERE staff_id = 'a' AND"
                         " action = 'lecture-upload' AND object_id = '%s'",
                         facts.lecture_id),
        1);
    assert_int_equal(count_entries(catalog, "uploads"), 0);
    /* told again to whoever missed the answer */
    char lecture_id[UUID_TEXT_SIZE];
    memcpy(lecture_id, facts.lecture_id, sizeof lecture_id);
    assert_true(upload_piece(&server, facts.id, (int64_t)count, "", 0, &facts, &problem));
    assert_string_equal(facts.lecture_id, lecture_id);
    assert_true(upload_find(server.uploads, facts.id, NULL, &facts, &problem));
    assert_string_equal(facts.lecture_id, lecture_id);
    assert_string_equal(facts.metadata, "filename dGFsay5tcDQ=,title QSB0YWxr,language dmk=");

    for (int i = 0; i < 400; i++) {
        if (catalog_figure(catalog, "SELECT COUNT(*) FROM job WHERE state = 'done'") > 0)
            break;
        sleep_ms(25);
    }
    server_stop(&server);
    assert_only_ready_lectures(catalog, 1);
}

static void what_cannot_begin_is_refused(void **state)
{
    struct catalog *catalog = *state;
    struct server server = server_start(catalog);
    catalog->settings.upload_bytes_max = 1000;
    static const struct {
        const char *story;
        int64_t length_bytes;
        const char *metadata;
        enum problem_kind kind;
    } cases[] = {
        { "empty", 0, "", PROBLEM_INVALID_FIELD },
        { "negative", -2, "", PROBLEM_INVALID_FIELD },
        { "too large", 1001, "", PROBLEM_BODY_TOO_LARGE },
        { "metadata", 10, "title a-b_", PROBLEM_INVALID_FIELD },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct upload_facts facts;
        struct problem problem = { 0 };
        const struct upload_wish wish
            = { .length_bytes = cases[i].length_bytes, .metadata = cases[i].metadata };
        if (upload_create(server.uploads, &wish, &facts, &problem) || problem.kind != cases[i].kind)
            fail_msg("%s: %s", cases[i].story, problem.detail);
    }
    struct upload_facts facts;
    struct problem problem = { 0 };
    catalog->settings.upload_bytes_max = INT64_MAX;
    struct upload_wish wish = { .length_bytes = INT64_MAX / 2 };
    assert_false(upload_create(server.uploads, &wish, &facts, &problem));
    assert_int_equal(problem.kind, PROBLEM_STORAGE_FULL);
    assert_int_equal(count_entries(catalog, "uploads"), 0);
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM upload"), 0);
    server_stop(&server);
}

static void an_upload_goes_on_only_where_it_stands(void **state)
{
    struct catalog *catalog = *state;
    struct server server = server_start(catalog);
    struct problem problem = { 0 };
    struct upload_facts facts = upload_make(&server, NULL, 10);
    struct upload_facts closed;
    assert_true(upload_piece(&server, facts.id, 0, "01234", 5, &closed, &problem));
    static const int64_t wrong[] = { 0, 4, 6, 10, 11, -1, INT64_MAX };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        problem_clear(&problem);
        assert_false(upload_piece(&server, facts.id, wrong[i], "x", 1, &closed, &problem));
        assert_int_equal(problem.kind, PROBLEM_UPLOAD_OFFSET);
    }
    /* more than was announced: nothing of it is kept */
    problem_clear(&problem);
    assert_false(upload_piece(&server, facts.id, 5, "567890", 6, &closed, &problem));
    assert_int_equal(problem.kind, PROBLEM_BODY_TOO_LARGE);
    problem_clear(&problem);
    assert_true(upload_find(server.uploads, facts.id, NULL, &facts, &problem));
    assert_int_equal(facts.offset_bytes, 5);
    assert_true(upload_piece(&server, facts.id, 5, "56789", 5, &closed, &problem));
    assert_string_not_equal(closed.lecture_id, "");
    /* and nothing after its end */
    assert_false(upload_piece(&server, facts.id, 10, "x", 1, &closed, &problem));
    assert_int_equal(problem.kind, PROBLEM_BODY_TOO_LARGE);
    server_stop(&server);
}

static void what_is_not_acknowledged_is_not_promised(void **state)
{
    struct catalog *catalog = *state;
    struct server server = server_start(catalog);
    struct problem problem = { 0 };
    struct upload_facts facts = upload_make(&server, NULL, 1 << 20), found;
    static char zeros[300000];
    int64_t acknowledged = -1;
    catalog->settings.upload_unsynced_bytes_max = 65536;
    struct upload_writer *writer = upload_open(server.uploads, facts.id, NULL, 0, &problem);
    assert_non_null(writer);
    assert_true(upload_write(writer, zeros, 1000, &problem));
    assert_true(upload_find(server.uploads, facts.id, NULL, &found, &problem));
    assert_int_equal(found.offset_bytes, 0);
    /* past the bound for unsynced bytes it is made durable on the way */
    assert_true(upload_write(writer, zeros, 65536, &problem));
    assert_true(upload_find(server.uploads, facts.id, NULL, &found, &problem));
    assert_int_equal(found.offset_bytes, 66536);
    assert_true(upload_write(writer, zeros, 7, &problem));
    assert_true(upload_sync(writer, &acknowledged, &problem));
    assert_int_equal(acknowledged, 66543);
    assert_true(upload_close(writer, &found, &problem));
    assert_int_equal(found.offset_bytes, 66543);
    server_stop(&server);
}

/* The file system lost the end of the file: the offset is what is there. */
static void a_file_that_lost_bytes_goes_on_before_the_loss(void **state)
{
    struct catalog *catalog = *state;
    struct server server = server_start(catalog);
    struct problem problem = { 0 };
    struct upload_facts facts = upload_make(&server, NULL, 100), found;
    char path[PATH_MAX];
    assert_true(upload_piece(&server, facts.id, 0, "0123456789", 10, &found, &problem));
    (void)snprintf(path, sizeof path, "%s/uploads/%s.part", catalog->folder, facts.id);
    assert_int_equal(truncate(path, 4), 0);
    assert_true(upload_find(server.uploads, facts.id, NULL, &found, &problem));
    assert_int_equal(found.offset_bytes, 4);
    assert_true(upload_piece(&server, facts.id, 4, "456789", 6, &found, &problem));
    assert_int_equal(found.offset_bytes, 10);
    assert_int_equal(unlink(path), 0);
    assert_false(upload_find(server.uploads, facts.id, NULL, &found, &problem));
    assert_int_equal(problem.kind, PROBLEM_UPLOAD_GONE);
    server_stop(&server);
}

static void an_upload_is_its_persons_alone(void **state)
{
    struct catalog *catalog = *state;
    struct server server = server_start(catalog);
    make_staff(catalog, "a");
    make_staff(catalog, "b");
    struct upload_facts facts = upload_make(&server, "a", 10), found;
    static const struct {
        const char *story, *staff_id;
        bool known;
    } cases[]
        = { { "the same", "a", true }, { "an admin", NULL, true }, { "another", "b", false } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct problem problem = { 0 };
        struct upload_writer *writer;
        if (upload_find(server.uploads, facts.id, cases[i].staff_id, &found, &problem)
            != cases[i].known)
            fail_msg("%s may look", cases[i].story);
        writer = upload_open(server.uploads, facts.id, cases[i].staff_id, 0, &problem);
        if ((writer != NULL) != cases[i].known)
            fail_msg("%s may write", cases[i].story);
        if (writer)
            (void)upload_close(writer, &found, &problem);
        json_t *list = unfinished(&server, cases[i].staff_id);
        assert_int_equal(json_array_size(list), cases[i].known ? 1 : 0);
        json_decref(list);
    }
    struct problem problem = { 0 };
    assert_false(upload_remove(server.uploads, facts.id, "b", &problem));
    assert_int_equal(problem.kind, PROBLEM_UPLOAD_GONE);
    problem_clear(&problem);
    assert_true(upload_remove(server.uploads, facts.id, "a", &problem));
    assert_false(upload_remove(server.uploads, facts.id, "a", &problem));
    assert_int_equal(problem.kind, PROBLEM_UPLOAD_GONE);
    assert_int_equal(count_entries(catalog, "uploads"), 0);
    server_stop(&server);
}

static void names_that_are_no_ids_lead_nowhere(void **state)
{
    struct catalog *catalog = *state;
    struct server server = server_start(catalog);
    static const char *const names[] = { "", "..", "../lectern.db", "x.part",
        "00000000-0000-7000-8000-000000000000", "00000000-0000-7000-8000-000000000000/../x" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct problem problem = { 0 };
        struct upload_facts facts;
        assert_false(upload_find(server.uploads, names[i], NULL, &facts, &problem));
        assert_int_equal(problem.kind, PROBLEM_UPLOAD_GONE);
        problem_clear(&problem);
        assert_null(upload_open(server.uploads, names[i], NULL, 0, &problem));
        assert_int_equal(problem.kind, PROBLEM_UPLOAD_GONE);
        problem_clear(&problem);
        assert_false(upload_remove(server.uploads, names[i], NULL, &problem));
        assert_int_equal(problem.kind, PROBLEM_UPLOAD_GONE);
    }
    server_stop(&server);
}

struct patch {
    struct server *server;
    const char *id;
    int64_t offset_bytes;
    struct upload_writer *writer;
    struct problem problem;
};

static void *open_in_thread(void *data)
{
    struct patch *patch = data;
    patch->writer = upload_open(
        patch->server->uploads, patch->id, NULL, patch->offset_bytes, &patch->problem);
    return NULL;
}

static void the_newer_connection_takes_over(void **state)
{
    struct catalog *catalog = *state;
    struct server server = server_start(catalog);
    struct problem problem = { 0 };
    struct upload_facts facts = upload_make(&server, NULL, 100), found;
    int64_t acknowledged;
    pthread_t thread;
    struct upload_writer *first = upload_open(server.uploads, facts.id, NULL, 0, &problem);
    assert_true(upload_write(first, "01234", 5, &problem));
    assert_false(upload_must_let_go(first));
    struct patch second = { .server = &server, .id = facts.id, .offset_bytes = 5 };
    assert_int_equal(pthread_create(&thread, NULL, open_in_thread, &second), 0);
    for (int i = 0; i < 100 && !upload_must_let_go(first); i++)
        sleep_ms(10);
    assert_true(upload_must_let_go(first));
    assert_true(upload_sync(first, &acknowledged, &problem));
    assert_int_equal(acknowledged, 5);
    assert_true(upload_close(first, &found, &problem));
    (void)pthread_join(thread, NULL);
    catalog_fail(&second.problem);
    assert_non_null(second.writer);
    assert_false(upload_must_let_go(second.writer));
    assert_true(upload_close(second.writer, &found, &problem));
    server_stop(&server);
}

static void who_does_not_let_go_keeps_the_lock(void **state)
{
    struct catalog *catalog = *state;
    struct server server = server_start(catalog);
    struct problem problem = { 0 };
    struct upload_facts facts = upload_make(&server, NULL, 100), found;
    struct upload_facts other = upload_make(&server, NULL, 100);
    struct upload_writer *first = upload_open(server.uploads, facts.id, NULL, 0, &problem);
    assert_non_null(first);
    /* another upload is another lock */
    assert_true(upload_piece(&server, other.id, 0, "x", 1, &found, &problem));
    assert_null(upload_open(server.uploads, facts.id, NULL, 0, &problem));
    assert_int_equal(problem.kind, PROBLEM_UPLOAD_LOCKED);
    problem_clear(&problem);
    assert_false(upload_remove(server.uploads, facts.id, NULL, &problem));
    assert_int_equal(problem.kind, PROBLEM_UPLOAD_LOCKED);
    problem_clear(&problem);
    /* nobody expires it either while it is in use */
    catalog_sql(catalog, "UPDATE upload SET expires_at_ms = 1 WHERE id = '%s'", facts.id);
    assert_true(uploads_expire(server.uploads, &problem));
    assert_int_equal(count_entries(catalog, "uploads"), 2);
    assert_true(upload_close(first, &found, &problem));
    assert_true(uploads_expire(server.uploads, &problem));
    assert_int_equal(count_entries(catalog, "uploads"), 1);
    server_stop(&server);
}

static void what_has_expired_is_gone(void **state)
{
    struct catalog *catalog = *state;
    struct server server = server_start(catalog);
    struct problem problem = { 0 };
    struct upload_facts facts = upload_make(&server, NULL, 100), found;
    struct upload_facts kept = upload_make(&server, NULL, 100);
    catalog_sql(catalog, "UPDATE upload SET expires_at_ms = 1 WHERE id = '%s'", facts.id);
    assert_false(upload_find(server.uploads, facts.id, NULL, &found, &problem));
    assert_int_equal(problem.kind, PROBLEM_UPLOAD_GONE);
    problem_clear(&problem);
    assert_null(upload_open(server.uploads, facts.id, NULL, 0, &problem));
    assert_int_equal(problem.kind, PROBLEM_UPLOAD_GONE);
    problem_clear(&problem);
    assert_true(uploads_expire(server.uploads, &problem));
    assert_int_equal(count_entries(catalog, "uploads"), 1);
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM upload"), 1);
    /* each sync gives more time */
    int64_t before = catalog_figure(catalog, "SELECT expires_at_ms FROM upload");
    catalog->settings.upload_expires_hours++;
    assert_true(upload_piece(&server, kept.id, 0, "x", 1, &found, &problem));
    assert_true(found.expires_at_ms >= before + 3600000);
    assert_int_equal(
        catalog_figure(catalog, "SELECT expires_at_ms FROM upload"), found.expires_at_ms);
    server_stop(&server);
}

/* The hand-over fails at first, as on a full disk: here because data/incoming is away. */
static void what_could_not_be_handed_over_is_tried_again(void **state)
{
    struct catalog *catalog = *state;
    struct server server = server_start(catalog);
    struct problem problem = { 0 };
    char incoming[PATH_MAX], aside[PATH_MAX];
    (void)snprintf(incoming, sizeof incoming, "%s/incoming", catalog->folder);
    (void)snprintf(aside, sizeof aside, "%s/aside", catalog->folder);
    struct upload_facts first = upload_make(&server, NULL, 3),
                        second = upload_make(&server, NULL, 3);
    struct upload_facts found;
    assert_int_equal(rename(incoming, aside), 0);
    assert_false(upload_piece(&server, first.id, 0, "abc", 3, &found, &problem));
    assert_int_equal(problem.kind, PROBLEM_STORAGE);
    problem_clear(&problem);
    assert_false(upload_piece(&server, second.id, 0, "abc", 3, &found, &problem));
    problem_clear(&problem);
    assert_false(uploads_expire(server.uploads, &problem));
    problem_clear(&problem);
    assert_true(upload_find(server.uploads, first.id, NULL, &found, &problem));
    assert_int_equal(found.offset_bytes, 3);
    assert_string_equal(found.lecture_id, "");
    assert_int_equal(rename(aside, incoming), 0);

    assert_true(upload_piece(&server, first.id, 3, "", 0, &found, &problem));
    assert_string_not_equal(found.lecture_id, "");
    assert_true(uploads_expire(server.uploads, &problem));
    assert_true(upload_find(server.uploads, second.id, NULL, &found, &problem));
    assert_string_not_equal(found.lecture_id, "");
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM lecture"), 2);
    assert_int_equal(count_entries(catalog, "uploads"), 0);
    server_stop(&server);
}

static void unfinished_uploads_are_listed(void **state)
{
    struct catalog *catalog = *state;
    struct server server = server_start(catalog);
    struct problem problem = { 0 };
    char expected[500];
    make_staff(catalog, "a");
    struct upload_facts facts = upload_make(&server, "a", 10), found;
    assert_true(upload_piece(&server, facts.id, 0, "0123", 4, &found, &problem));
    catalog_sql(catalog, "UPDATE upload SET created_at_ms = 5");
    (void)snprintf(expected, sizeof expected,
        "[{\"id\":\"%s\",\"kind\":\"whole\",\"becomes\":\"lecture\",\"file_name\":\"talk.mp4\","
        "\"title\":\"A "
        "talk\",\"length_bytes\":10,"
        "\"offset_bytes\":4,\"created_at_ms\":5,\"expires_at_ms\":%lld}]",
        facts.id, (long long)found.expires_at_ms);
    json_t *list = unfinished(&server, "a");
    assert_json_equal(list, expected);
    json_decref(list);
    assert_true(upload_piece(&server, facts.id, 4, "456789", 6, &found, &problem));
    list = unfinished(&server, "a");
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
    server_stop(&server);
}

/* Writes until it is asked to let go. */
static void *write_until_asked(void *data)
{
    struct upload_writer *writer = data;
    struct upload_facts facts;
    struct problem problem = { 0 };
    int64_t acknowledged;
    while (!upload_must_let_go(writer))
        sleep_ms(1);
    assert_true(upload_write(writer, "0123", 4, &problem));
    assert_true(upload_sync(writer, &acknowledged, &problem));
    assert_true(upload_close(writer, &facts, &problem));
    return NULL;
}

static void a_pause_ends_writers_at_what_is_acknowledged(void **state)
{
    struct catalog *catalog = *state;
    struct server server = server_start(catalog);
    struct upload_facts facts = upload_make(&server, NULL, 10), closed;
    struct problem problem = { 0 };
    pthread_t thread;
    struct upload_writer *writer = upload_open(server.uploads, facts.id, NULL, 0, &problem);
    assert_non_null(writer);
    assert_false(uploads_pause(server.uploads, 20)); /* it does not know yet that it must */
    uploads_resume(server.uploads);
    assert_int_equal(pthread_create(&thread, NULL, write_until_asked, writer), 0);
    assert_true(uploads_pause(server.uploads, 10000));
    (void)pthread_join(thread, NULL);
    assert_false(upload_piece(&server, facts.id, 4, "4", 1, &closed, &problem));
    assert_int_equal(problem.kind, PROBLEM_BUSY);
    problem_clear(&problem);
    assert_true(upload_find(server.uploads, facts.id, NULL, &closed, &problem));
    assert_int_equal(closed.offset_bytes, 4);
    assert_true(upload_settle(server.uploads, facts.id, NULL, &closed, &problem));
    assert_int_equal(closed.offset_bytes, 4);
    /* Whoever opens beside it removes nothing, and can go on. */
    struct server beside = { .catalog = catalog };
    beside.uploads = uploads_open_beside(catalog->db, server.jobs.ingest, &catalog->settings);
    assert_true(upload_piece(&beside, facts.id, 4, "4", 1, &closed, &problem));
    uploads_free(beside.uploads);
    uploads_resume(server.uploads);
    assert_true(upload_piece(&server, facts.id, 5, "5", 1, &closed, &problem));
    server_stop(&server);
}

/* The child that looks at a file which begins so hangs. */
static const char hanging[] = "TEST-HANG";

static void an_upload_goes_on_when_the_look_at_it_hangs(void **state)
{
    struct catalog *catalog = *state;
    struct server server = server_start(catalog);
    struct problem problem = { 0 };
    struct upload_facts facts = upload_make(&server, NULL, 1000), closed;
    enum { SNIFFED = 4096 };
    static char bytes[SNIFFED];
    memcpy(bytes, hanging, sizeof hanging);
    int64_t acknowledged = -1;
    catalog->settings.upload_look_bytes = 500;
    catalog->settings.upload_look_ms = 200;
    struct upload_writer *writer = upload_open(server.uploads, facts.id, NULL, 0, &problem);
    assert_non_null(writer);
    assert_true(upload_write(writer, bytes, 600, &problem));
    assert_true(upload_look_due(writer));
    assert_true(upload_look(writer, &problem));
    assert_false(problem_is_set(&problem));
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* the child is gone */
    assert_false(upload_look_due(writer));            /* nor is it looked at so again */
    assert_true(upload_write(writer, bytes, 300, &problem));
    assert_true(upload_sync(writer, &acknowledged, &problem));
    assert_int_equal(acknowledged, 900);
    assert_true(upload_close(writer, &closed, &problem));
    /* Nor does it stand in the way of others. */
    facts = upload_make(&server, NULL, 10000);
    catalog->settings.upload_look_bytes = SNIFFED;
    catalog->settings.upload_look_ms = 60000;
    memset(bytes, 0, sizeof hanging);
    memcpy(bytes, "%PDF-1.7\n", 9);
    writer = upload_open(server.uploads, facts.id, NULL, 0, &problem);
    assert_non_null(writer);
    assert_true(upload_write(writer, bytes, SNIFFED, &problem));
    assert_false(upload_look(writer, &problem));
    assert_int_equal(problem.kind, PROBLEM_MEDIA_REFUSED);
    problem_clear(&problem);
    (void)upload_close(writer, &closed, &problem);
    server_stop(&server);
}

static int child(int argc, char **argv)
{
    enum { INPUT_FD = 3 };
    char head[sizeof hanging] = "";
    (void)!pread(INPUT_FD, head, sizeof head, 0);
    while (memcmp(head, hanging, sizeof hanging) == 0)
        sleep_ms(1000);
    return media_job_child(argc, argv);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, catalog_set_up, catalog_tear_down)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(pieces_become_a_lecture),
        TEST(what_cannot_begin_is_refused),
        TEST(an_upload_goes_on_only_where_it_stands),
        TEST(what_is_not_acknowledged_is_not_promised),
        TEST(a_file_that_lost_bytes_goes_on_before_the_loss),
        TEST(an_upload_is_its_persons_alone),
        TEST(names_that_are_no_ids_lead_nowhere),
        TEST(the_newer_connection_takes_over),
        TEST(who_does_not_let_go_keeps_the_lock),
        TEST(what_has_expired_is_gone),
        TEST(what_could_not_be_handed_over_is_tried_again),
        TEST(unfinished_uploads_are_listed),
        TEST(a_pause_ends_writers_at_what_is_acknowledged),
        TEST(an_upload_goes_on_when_the_look_at_it_hangs),
    };
    if (argc > 1 && strcmp(argv[1], "media-job") == 0)
        return child(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
