/* The look at what came of a file so far: never harder than the look at the whole. */
#include "job_world.h"

#include "base/clock.h"
#include "media/early_look.h"
#include "media/finding.h"
#include "media/job_protocol.h"
#include "media/probe.h"

#include <dirent.h>
#include <libavutil/log.h>
#include <signal.h>

#define FOLDER LECTERN_SOURCE_DIR "/../shared/media-samples/"

static struct job_world world;

/* The beginning of a file, as a file of its own; the rest is cut off. */
static int beginning(const char *path, int64_t count)
{
    char name[200], *bytes;
    size_t size;
    struct problem problem = { 0 };
    assert_true(file_read_whole(path, 64 << 20, &bytes, &size, &problem));
    world_path(&world, "beginning", name);
    assert_true(file_write_whole(
        name, bytes, (int64_t)size < count ? size : (size_t)count, 0600, &problem));
    free(bytes);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static enum media_prospect look_at(const char *path, int64_t count, enum finding_code *ret_code)
{
    struct problem why = { 0 };
    int fd = beginning(path, count);
    enum media_prospect prospect = media_look_early(&world.settings, NULL, fd, &why);
    (void)close(fd);
    *ret_code = finding_of_problem(&why).code;
    assert_int_equal(why.kind == PROBLEM_MEDIA_REFUSED, prospect == MEDIA_HOPELESS);
    return prospect;
}

static bool whole_is_taken(const char *path)
{
    struct media_probe probe;
    struct problem problem = { 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool taken = media_probe_run(&probe, fd, &world.settings, NULL, &problem);
    media_probe_release(&probe);
    (void)close(fd);
    return taken;
}

/* Of each file that the whole look takes. */
static size_t look_at_beginnings(const char *path)
{
    static const int64_t counts[] = { 4096, 65536, 1 << 20, INT64_MAX };
    enum finding_code code;
    if (!whole_is_taken(path))
        return 0;
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        if (look_at(path, counts[i], &code) == MEDIA_HOPELESS)
            fail_msg("%s is refused after %lld bytes: %s", path, (long long)counts[i],
                finding_kinds[code].code);
    if (look_at(path, INT64_MAX, &code) != MEDIA_HOPEFUL)
        fail_msg("%s is taken as a whole, and gives no hope", path);
    return 1;
}

static void what_the_whole_is_taken_for_is_not_refused_early(void **state)
{
    (void)state;
    size_t count = 0;
    DIR *folder = opendir(FOLDER);
    const struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        char path[400];
        (void)snprintf(path, sizeof path, FOLDER "%s", entry->d_name);
        if (entry->d_name[0] != '.')
            count += look_at_beginnings(path);
    }
    if (folder)
        (void)closedir(folder);
    else
        print_message("skipped: the samples are not there\n");
    assert_true(!folder || count >= 10);
}

/* A file of 2 MiB that begins so. */
static void make_file(const char *name, const char *head, size_t count, int filler, char *ret_path)
{
    enum { SIZE = 2 << 20 };
    struct problem problem = { 0 };
    char *bytes = memory_alloc(SIZE);
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = filler >= 0 ? (char)filler : (char)((i * 2654435761u) >> 13);
    memcpy(bytes, head, count);
    world_path(&world, name, ret_path);
    assert_true(file_write_whole(ret_path, bytes, SIZE, 0600, &problem));
    free(bytes);
}

#define BEGINS(text) text, sizeof(text) - 1

static void what_is_no_lecture_shows_early(void **state)
{
    (void)state;
    static const struct {
        const char *story, *head;
        size_t count;
        int filler; /* -1: noise */
        int64_t came;
        enum media_prospect prospect;
        enum finding_code code;
    } cases[] = {
        { "a ZIP", BEGINS("PK\x03\x04"), -1, 4096, MEDIA_HOPELESS, FINDING_IS_ARCHIVE_OR_OFFICE },
        { "a ZIP, less of it", BEGINS("PK\x03\x04"), -1, 4095, MEDIA_UNDECIDED, FINDING_NONE },
        { "a PDF", BEGINS("%PDF-1.7\n"), -1, 65536, MEDIA_HOPELESS, FINDING_IS_DOCUMENT },
        { "a page", BEGINS("<!doctype html><title>x"), ' ', 65536, MEDIA_HOPELESS,
            FINDING_IS_WEB_PAGE },
        { "a playlist", BEGINS("#EXTM3U\nhttp://127.0.0.1:9/x.ts\n"), '\n', 65536, MEDIA_HOPELESS,
            FINDING_IS_PLAYLIST },
        { "noise", BEGINS("\x01"), -1, 65536, MEDIA_UNDECIDED, FINDING_NONE },
        { "more noise", BEGINS("\x01"), -1, 2 << 20, MEDIA_HOPELESS, FINDING_IS_UNKNOWN },
        { "an MP4 whose index comes last",
            BEGINS("\0\0\0\x18"
                   "ftypisom\0\0\0\0isommp42\x7f\0\0\0mdat"),
            -1, 2 << 20, MEDIA_UNDECIDED, FINDING_NONE },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char path[200];
        enum finding_code code;
        make_file("made", cases[i].head, cases[i].count, cases[i].filler, path);
        if (look_at(path, cases[i].came, &code) != cases[i].prospect || code != cases[i].code)
            fail_msg("%s: %s", cases[i].story, finding_kinds[code].code);
    }
}

static void what_nobody_can_read_shows_with_the_index(void **state)
{
    (void)state;
    enum finding_code code;
    size_t count;
    char command[400], path[200], *bytes;
    world_path(&world, "unknown.mp4", path);
    (void)snprintf(command, sizeof command,
        "ffmpeg -y -v error -f lavfi -i testsrc2=d=20:s=128x96 -c:v libx264 -movflags +faststart "
        "%s",
        path);
    if (world_run(&world, command) != 0) {
        print_message("skipped: there is no ffmpeg to make a file\n");
        skip();
    }
    world_read(path, &bytes, &count);
    for (char *at = bytes; (at = memmem(at, count - (size_t)(at - bytes), "avc1", 4));)
        memcpy(at, "zzz1", 4); /* a codec of nobody */
    world_write(&world, "unknown.mp4", bytes, count);
    free(bytes);
    assert_false(whole_is_taken(path));
    assert_int_equal(look_at(path, 20000, &code), MEDIA_HOPELESS);
    assert_int_equal(code, FINDING_TRACKS_UNREADABLE);
    assert_int_equal(look_at(path, 5000, &code), MEDIA_UNDECIDED);
}

/* --- children that do not do as they should ----------------------------------------------------- */

static void say(const char *words)
{
    (void)!write(JOB_REPORT_FD, words, strlen(words));
}

_Noreturn static void hang(void)
{
    char word;
    for (;;)
        (void)!read(JOB_GO_FD, &word, 1);
}

/* Files that begin with "TEST-" make this program's own child do this. */
static void misbehave(const char *name)
{
    if (strcmp(name, "TEST-HALF") == 0)
        say("{\"end\":");
    if (strcmp(name, "TEST-SAID") == 0)
        say("{\"end\":\"done\"}\n");
    if (strcmp(name, "TEST-NONSENSE") == 0)
        say("good morning\n");
    if (strcmp(name, "TEST-STOP") == 0)
        (void)raise(SIGSTOP);
    if (strcmp(name, "TEST-GONE") == 0)
        _exit(0);
    hang();
}

static void a_child_that_hangs_is_ended_by_its_limit(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum media_prospect prospect;
        int64_t limit_ms;
        bool waits; /* for the limit */
    } cases[] = {
        { "TEST-HANG", MEDIA_UNDECIDED, 200, true },
        { "TEST-HALF", MEDIA_UNDECIDED, 200, true },
        { "TEST-STOP", MEDIA_UNDECIDED, 200, true },
        { "TEST-SAID", MEDIA_HOPEFUL, 4000, true }, /* so long a busy machine takes to start it */
        { "TEST-NONSENSE", MEDIA_UNDECIDED, 60000, false },
        { "TEST-GONE", MEDIA_UNDECIDED, 60000, false },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char path[200];
        struct problem why = { 0 };
        world_write(&world, "act", cases[i].name, strlen(cases[i].name));
        world_path(&world, "act", path);
        world.settings.upload_look_ms = cases[i].limit_ms;
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        int64_t begun_ms = clock_steady_ms();
        enum media_prospect prospect = media_look_early(&world.settings, NULL, fd, &why);
        int64_t took_ms = clock_steady_ms() - begun_ms;
        (void)close(fd);
        if (prospect != cases[i].prospect || problem_is_set(&why) || took_ms > 30000
            || (cases[i].waits && took_ms < cases[i].limit_ms))
            fail_msg("%s: %d after %lld ms", cases[i].name, (int)prospect, (long long)took_ms);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    }
}

static int child(int argc, char **argv)
{
    char name[32] = "";
    (void)!pread(JOB_INPUT_FD, name, sizeof name - 1, 0);
    if (strncmp(name, "TEST-", 5) == 0)
        misbehave(name);
    return media_job_child(argc, argv);
}

static int open_world(void **state)
{
    (void)state;
    world_open(&world);
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_whole_is_taken_for_is_not_refused_early),
        cmocka_unit_test(what_is_no_lecture_shows_early),
        cmocka_unit_test(what_nobody_can_read_shows_with_the_index),
        cmocka_unit_test(a_child_that_hangs_is_ended_by_its_limit),
    };
    if (argc > 1 && strcmp(argv[1], "media-job") == 0)
        return child(argc, argv);
    av_log_set_level(AV_LOG_QUIET);
    return cmocka_run_group_tests(tests, open_world, close_world);
}
