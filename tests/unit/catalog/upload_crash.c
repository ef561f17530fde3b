/* A process that is ended at any moment of an upload: what was acknowledged is there, and the
 * lecture is made once. */
#include "catalog_uploads.h"

enum { LENGTH = 3000000 };

/* The byte at a place of the upload, which tells the place. */
static char byte_at(size_t place)
{
    return (char)((place * 2654435761u) >> 13);
}

static char *whole_upload(void)
{
    char *bytes = memory_alloc(LENGTH);
    for (size_t i = 0; i < LENGTH; i++)
        bytes[i] = byte_at(i);
    return bytes;
}

/* Sends what is missing in pieces of any size, and writes each acknowledged offset to the pipe. */
static void send_rest(struct catalog *catalog, const char *id, int acknowledged_fd)
{
    catalog_open(catalog);
    catalog->settings.upload_unsynced_bytes_max = 65536;
    struct server server = server_start(catalog);
    struct problem problem = { 0 };
    struct upload_facts facts;
    char *bytes = whole_upload();
    if (!upload_find(server.uploads, id, NULL, &facts, &problem))
        _exit(2);
    while (facts.lecture_id[0] == '\0') {
        struct upload_writer *writer
            = upload_open(server.uploads, id, NULL, facts.offset_bytes, &problem);
        if (!writer)
            _exit(3);
        int64_t at = facts.offset_bytes;
        for (int pieces = 0; pieces < 20 && at < LENGTH; pieces++) {
            int64_t piece = 1 + random() % 4000;
            if (piece > LENGTH - at)
                piece = LENGTH - at;
            if (!upload_write(writer, bytes + at, (size_t)piece, &problem))
                _exit(4);
            at += piece;
        }
        if (!upload_sync(writer, &at, &problem))
            _exit(5);
        if (write(acknowledged_fd, &at, sizeof at) != sizeof at)
            _exit(6);
        if (!upload_close(writer, &facts, &problem))
            _exit(7);
        sleep_ms(5); /* so that it takes some rounds */
    }
    _exit(0);
}

/* Lets it send for a while, kills it; the last offset that it acknowledged, or -1. */
static int64_t send_for(
    struct catalog *catalog, const char *id, long milliseconds, bool *ret_finished)
{
    int ends[2], status;
    int64_t offset, last = -1;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        srandom((unsigned)getpid());
        send_rest(catalog, id, ends[1]);
    }
    (void)close(ends[1]);
    sleep_ms(milliseconds);
    (void)kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    while (read(ends[0], &offset, sizeof offset) == sizeof offset)
        last = offset;
    (void)close(ends[0]);
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
        fail_msg("the sender failed at step %d", WEXITSTATUS(status));
    *ret_finished = WIFEXITED(status);
    return last;
}

static void assert_bytes_are_right(const char *path, int64_t count)
{
    char *bytes;
    size_t found;
    read_file(path, &bytes, &found);
    assert_true(found >= (size_t)count);
    for (size_t i = 0; i < (size_t)count; i++)
        if (bytes[i] != byte_at(i))
            fail_msg("byte %zu of %lld is wrong", i, (long long)count);
    free(bytes);
}

static void what_was_acknowledged_survives_a_kill_at_any_moment(void **state)
{
    struct catalog *catalog = *state;
    char path[PATH_MAX];
    struct problem problem = { 0 };
    bool finished = false;
    int rounds = 0;
    catalog_open(catalog);
    struct server server = server_start(catalog);
    struct upload_facts facts = upload_make(&server, NULL, LENGTH);
    server_stop(&server);
    catalog_close(catalog);
    (void)snprintf(path, sizeof path, "%s/uploads/%s.part", catalog->folder, facts.id);
    srandom(11);
    for (; !finished && rounds < 200; rounds++) {
        int64_t acknowledged = send_for(catalog, facts.id, 20 + random() % 120, &finished);
        catalog_open(catalog);
        server = server_start(catalog);
        struct upload_facts found;
        if (!upload_find(server.uploads, facts.id, NULL, &found, &problem))
            catalog_fail(&problem);
        assert_true(found.offset_bytes >= acknowledged);
        assert_true(found.offset_bytes >= facts.offset_bytes);
        finished = found.lecture_id[0] != '\0';
        if (!finished)
            assert_bytes_are_right(path, found.offset_bytes);
        facts = found;
        server_stop(&server);
        catalog_close(catalog);
    }
    print_message("%d rounds\n", rounds);
    assert_true(finished);
    assert_true(rounds > 3);
    catalog_open(catalog);
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM lecture"), 1);
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM job"), 1);
    assert_int_equal(count_entries(catalog, "uploads"), 0);
    catalog_close(catalog);
}

static void send_talk(struct catalog *catalog)
{
    struct server server = server_start(catalog);
    struct problem problem = { 0 };
    size_t count;
    char *bytes = talk_bytes(&count);
    struct upload_facts facts = upload_make(&server, NULL, (int64_t)count);
    (void)upload_piece(&server, facts.id, 0, bytes, count, &facts, &problem);
    sleep_ms(20000);
}

static void begin_and_remove(struct catalog *catalog)
{
    struct server server = server_start(catalog);
    struct problem problem = { 0 };
    struct upload_facts facts = upload_make(&server, NULL, 10);
    (void)upload_remove(server.uploads, facts.id, NULL, &problem);
}

/* What the sender does next after a crash: from the offset that it is told. */
static void send_rest_of_talk(struct server *server)
{
    struct problem problem = { 0 };
    size_t count;
    char *bytes = talk_bytes(&count);
    json_t *list = unfinished(server, NULL);
    const json_t *upload = json_array_get(list, 0);
    if (upload) {
        const char *id = json_string_value(json_object_get(upload, "id"));
        size_t at = (size_t)json_integer_value(json_object_get(upload, "offset_bytes"));
        struct upload_facts facts;
        (void)upload_piece(server, id, (int64_t)at, bytes + at, count - at, &facts, &problem);
        catalog_fail(&problem);
        assert_string_not_equal(facts.lecture_id, "");
    }
    json_decref(list);
    free(bytes);
}

static void a_crash_between_any_two_steps_is_mended(void **state)
{
    static const struct {
        const char *failpoint;
        void (*story)(struct catalog *catalog);
        int lectures; /* that come of it */
    } cases[] = {
        { "upload-made", send_talk, 0 }, /* the sender was told of no upload */
        { "upload-synced", send_talk, 1 },
        { "upload-stored", send_talk, 1 },
        { "added-input", send_talk, 1 },
        { "added-rows", send_talk, 1 },
        { "upload-forgotten", begin_and_remove, 0 },
    };
    struct catalog *catalog = *state;
    int lectures = 0;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        die_at(catalog, cases[i].failpoint, cases[i].story);
        catalog_open(catalog);
        struct server server = server_start(catalog);
        send_rest_of_talk(&server);
        lectures += cases[i].lectures;
        for (int wait = 0; wait < 400; wait++) {
            if (catalog_figure(catalog, "SELECT COUNT(*) FROM job WHERE state = 'done'")
                == lectures)
                break;
            sleep_ms(25);
        }
        server_stop(&server);
        print_message("after %s\n", cases[i].failpoint);
        assert_only_ready_lectures(catalog, lectures);
        assert_int_equal(count_entries(catalog, "uploads"), 0);
        assert_int_equal(
            catalog_figure(catalog, "SELECT COUNT(*) FROM upload WHERE lecture_id IS NULL"), 0);
        assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM upload"), lectures);
        catalog_close(catalog);
    }
}

static void send_parts(struct catalog *catalog)
{
    struct server server = server_start(catalog);
    struct problem problem = { 0 };
    size_t count;
    char concat[256], *bytes = talk_bytes(&count);
    const size_t third = count / 3;
    const struct upload_facts parts[3]
        = { part_make(&server, NULL, bytes, third), part_make(&server, NULL, bytes + third, third),
              part_make(&server, NULL, bytes + 2 * third, count - 2 * third) };
    struct upload_facts facts;
    concat_of(parts, concat);
    (void)final_make(&server, NULL, concat, &facts, &problem);
    sleep_ms(20000);
}

static void a_crash_while_parts_are_joined_is_mended(void **state)
{
    static const char *const failpoints[] = { "upload-part-renamed", "upload-part-copied",
        "upload-part-joined", "added-input", "added-rows" };
    struct catalog *catalog = *state;
    for (int i = 0; i < (int)(sizeof failpoints / sizeof failpoints[0]); i++) {
        die_at(catalog, failpoints[i], send_parts);
        catalog_open(catalog);
        struct server server = server_start(catalog);
        print_message("after %s\n", failpoints[i]);
        for (int wait = 0; wait < 400; wait++) {
            if (catalog_figure(catalog, "SELECT COUNT(*) FROM job WHERE state = 'done'") > i)
                break;
            sleep_ms(25);
        }
        server_stop(&server);
        assert_only_ready_lectures(catalog, i + 1);
        assert_int_equal(count_entries(catalog, "uploads"), 0);
        /* The whole, in order: each lecture is of the same file. */
        assert_int_equal(
            catalog_figure(catalog, "SELECT COUNT(DISTINCT sha256) FROM lecture_file"), 1);
        catalog_close(catalog);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, catalog_set_up_closed, catalog_tear_down)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_acknowledged_survives_a_kill_at_any_moment),
        TEST(a_crash_between_any_two_steps_is_mended),
        TEST(a_crash_while_parts_are_joined_is_mended),
    };
    if (argc > 1 && strcmp(argv[1], "media-job") == 0)
        return media_job_child(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
