/*
 * An upload acknowledges only what is on the disk.  Our libraries' pwrite() and fdatasync() come here (ld --wrap), where
 * the file of one upload lies on a disk with a cache: what was written since its last fdatasync() is lost when the
 * power fails.  The store's own writes are SQLite's, and go past this (tests/unit/store/durability.c).
 */
#include "catalog_uploads.h"

#include <errno.h>

enum { LENGTH = 1 << 20, EVENTS_MAX = 64, UNSYNCED_BYTES_MAX = 65536 };

/* Shared with the process that dies. */
struct disk {
    ino_t inode; /* of the upload's file; 0: there is none */
    int64_t written_bytes, synced_bytes;
    char events[EVENTS_MAX]; /* w: written, s: synced, a: acknowledged */
    size_t event_count;
    int moments;          /* each write, and both sides of each sync */
    int power_fails_at;   /* of them; 0: never */
    bool refuses;         /* to sync */
    int64_t stored_bytes; /* the most that the store said of it when a sync began */
    int64_t acknowledged_bytes;
    char upload_id[UUID_TEXT_SIZE];
};
static struct disk *disk;

static struct server *watched; /* whose store is asked at each sync */

static void note(char event)
{
    assert_true(disk->event_count < EVENTS_MAX - 1);
    disk->events[disk->event_count++] = event;
}

static void let_power_fail(void)
{
    if (++disk->moments == disk->power_fails_at)
        (void)kill(getpid(), SIGKILL);
}

static bool is_upload(int fd)
{
    struct stat facts;
    return disk && disk->inode != 0 && fstat(fd, &facts) == 0 && facts.st_ino == disk->inode;
}

static void ask_store(void)
{
    struct upload_facts facts;
    struct problem problem = { 0 };
    if (watched && upload_find(watched->uploads, disk->upload_id, NULL, &facts, &problem)
        && facts.offset_bytes > disk->stored_bytes)
        disk->stored_bytes = facts.offset_bytes;
}

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
ssize_t __real_pwrite(int fd, const void *bytes, size_t count, off_t at);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t count, off_t at);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    ssize_t written = __real_pwrite(fd, bytes, count, at);
    if (is_upload(fd)) {
        note('w');
        disk->written_bytes = (int64_t)at + written;
        let_power_fail();
    }
    return written;
}

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int fd)
{
    if (!is_upload(fd))
        return __real_fdatasync(fd);
    ask_store();
    let_power_fail();
    if (disk->refuses) {
        errno = EIO;
        return -1;
    }
    note('s');
    disk->synced_bytes = disk->written_bytes;
    let_power_fail();
    return __real_fdatasync(fd);
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)

static void clear_disk(int power_fails_at)
{
    if (!disk)
        disk = mmap(NULL, sizeof *disk, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(disk != MAP_FAILED);
    *disk = (struct disk){ .power_fails_at = power_fails_at };
}

static void path_of_upload(const struct catalog *catalog, char *ret_path)
{
    (void)snprintf(ret_path, PATH_MAX, "%s/uploads/%s.part", catalog->folder, disk->upload_id);
}

static void begin_upload(struct server *server)
{
    char path[PATH_MAX];
    struct stat facts;
    struct upload_facts upload = upload_make(server, NULL, LENGTH);
    memcpy(disk->upload_id, upload.id, UUID_TEXT_SIZE);
    path_of_upload(server->catalog, path);
    assert_int_equal(stat(path, &facts), 0);
    disk->inode = facts.st_ino;
    server->catalog->settings.upload_unsynced_bytes_max = UNSYNCED_BYTES_MAX;
}

/* Never 0, as what a disk has forgotten reads. */
static char byte_at(int64_t place)
{
    return (char)(1 + place % 251);
}

static bool write_piece(
    struct upload_writer *writer, int64_t at, size_t count, struct problem *problem)
{
    char *bytes = memory_alloc(count);
    for (size_t i = 0; i < count; i++)
        bytes[i] = byte_at(at + (int64_t)i);
    bool written = upload_write(writer, bytes, count, problem);
    free(bytes);
    return written;
}

static bool acknowledge(struct upload_writer *writer, struct problem *problem)
{
    if (!upload_sync(writer, &disk->acknowledged_bytes, problem))
        return false;
    note('a');
    return true;
}

static void what_is_acknowledged_was_synced_before(void **state)
{
    clear_disk(0);
    struct server server = server_start(*state);
    struct problem problem = { 0 };
    struct upload_facts facts;
    begin_upload(&server);
    watched = &server;
    struct upload_writer *writer = upload_open(server.uploads, disk->upload_id, NULL, 0, &problem);
    assert_non_null(writer);
    assert_true(write_piece(writer, 0, 1000, &problem));
    assert_true(write_piece(writer, 1000, 500, &problem));
    assert_true(acknowledge(writer, &problem));
    assert_int_equal(disk->acknowledged_bytes, 1500);
    assert_int_equal(disk->synced_bytes, 1500);
    /* Nothing new came: there is nothing to sync. */
    assert_true(acknowledge(writer, &problem));
    /* More than may be unsynced: a HEAD request beside this one is told of it, so it must be synced. */
    assert_true(write_piece(writer, 1500, UNSYNCED_BYTES_MAX, &problem));
    assert_true(upload_find(server.uploads, disk->upload_id, NULL, &facts, &problem));
    assert_int_equal(facts.offset_bytes, disk->synced_bytes);
    assert_true(write_piece(writer, 1500 + UNSYNCED_BYTES_MAX, 10, &problem));
    assert_int_equal(disk->stored_bytes, 1500); /* when the last sync began */
    assert_true(acknowledge(writer, &problem));
    assert_string_equal(disk->events, "wwsaawswsa");
    assert_int_equal(disk->acknowledged_bytes, disk->written_bytes);
    assert_int_equal(disk->stored_bytes, 1500 + UNSYNCED_BYTES_MAX);
    assert_true(upload_close(writer, &facts, &problem));
    watched = NULL;
    server_stop(&server);
}

static void what_the_disk_refuses_is_not_acknowledged(void **state)
{
    clear_disk(0);
    struct server server = server_start(*state);
    struct problem problem = { 0 };
    struct upload_facts facts;
    begin_upload(&server);
    struct upload_writer *writer = upload_open(server.uploads, disk->upload_id, NULL, 0, &problem);
    assert_non_null(writer);
    assert_true(write_piece(writer, 0, 1000, &problem));
    assert_true(acknowledge(writer, &problem));
    assert_true(write_piece(writer, 1000, 1000, &problem));
    disk->refuses = true;
    assert_false(acknowledge(writer, &problem));
    assert_int_equal(problem.kind, PROBLEM_STORAGE);
    assert_int_equal(disk->acknowledged_bytes, 1000);
    assert_true(upload_close(writer, &facts, &problem));
    assert_int_equal(facts.offset_bytes, 1000);
    problem_clear(&problem);
    assert_true(upload_find(server.uploads, disk->upload_id, NULL, &facts, &problem));
    assert_int_equal(facts.offset_bytes, 1000);
    server_stop(&server);
}

/* Three requests; the second is larger than what may be unsynced. */
static void send_some(struct catalog *catalog)
{
    static const size_t pieces[3][3]
        = { { 4000, 3000, 1 }, { 60000, 60000, 60000 }, { 1, 20000, 7 } };
    struct problem problem = { 0 };
    struct upload_facts facts;
    catalog_open(catalog);
    struct server server = server_start(catalog);
    begin_upload(&server);
    for (size_t i = 0; i < 3; i++) {
        int64_t at = disk->acknowledged_bytes;
        struct upload_writer *writer
            = upload_open(server.uploads, disk->upload_id, NULL, at, &problem);
        if (!writer)
            _exit(2);
        for (size_t j = 0; j < 3; j++) {
            if (!write_piece(writer, at, pieces[i][j], &problem))
                _exit(3);
            at += (int64_t)pieces[i][j];
        }
        if (!acknowledge(writer, &problem) || !upload_close(writer, &facts, &problem))
            _exit(4);
    }
    _exit(0);
}

/* What the cache held is gone: with the file's new length, or without. */
static void forget(const char *path, bool length_survives)
{
    assert_int_equal(truncate(path, disk->synced_bytes), 0);
    if (length_survives)
        assert_int_equal(truncate(path, disk->written_bytes), 0);
}

static void check_after_power_returned(struct catalog *catalog, const char *path)
{
    struct problem problem = { 0 };
    struct upload_facts facts;
    char *bytes;
    size_t count;
    catalog_open(catalog);
    struct server server = server_start(catalog);
    if (!upload_find(server.uploads, disk->upload_id, NULL, &facts, &problem))
        catalog_fail(&problem);
    if (facts.offset_bytes > disk->synced_bytes || facts.offset_bytes < disk->acknowledged_bytes)
        fail_msg("%s: at %lld, acknowledged %lld, synced %lld", disk->events,
            (long long)facts.offset_bytes, (long long)disk->acknowledged_bytes,
            (long long)disk->synced_bytes);
    read_file(path, &bytes, &count);
    for (int64_t i = 0; i < facts.offset_bytes; i++)
        assert_int_equal(bytes[i], byte_at(i));
    free(bytes);
    /* It goes on where it says. */
    struct upload_writer *writer
        = upload_open(server.uploads, disk->upload_id, NULL, facts.offset_bytes, &problem);
    assert_non_null(writer);
    upload_abandon(writer);
    assert_true(upload_remove(server.uploads, disk->upload_id, NULL, &problem));
    server_stop(&server);
    catalog_close(catalog);
}

static void what_was_acknowledged_survives_a_power_failure_at_any_moment(void **state)
{
    struct catalog *catalog = *state;
    char path[PATH_MAX];
    int status = -1;
    bool finished = false;
    for (int moment = 1; !finished; moment++) {
        clear_disk(moment);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            send_some(catalog);
        assert_int_equal(waitpid(child, &status, 0), child);
        finished = WIFEXITED(status);
        assert_int_equal(finished ? WEXITSTATUS(status) : 0, 0);
        path_of_upload(catalog, path);
        forget(path, moment % 2 == 0);
        check_after_power_returned(catalog, path);
        if (finished) {
            assert_string_equal(disk->events, "wwwsawwswsawwwsa");
            assert_int_equal(moment, disk->moments + 1);
        }
    }
    catalog_open(catalog);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            what_is_acknowledged_was_synced_before, catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            what_the_disk_refuses_is_not_acknowledged, catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            what_was_acknowledged_survives_a_power_failure_at_any_moment, catalog_set_up_closed,
            catalog_tear_down),
    };
    if (argc > 1 && strcmp(argv[1], "media-job") == 0)
        return media_job_child(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
