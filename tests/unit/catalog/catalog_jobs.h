/*
 * For tests that run jobs: the children are this same test program (main() hands "media-job" on),
 * the lecture is talk.mp4 (6 s, made with ffmpeg from its own test sources), and a fork can be
 * ended at a failpoint as by a power cut.
 */
#ifndef LECTERN_TESTS_CATALOG_JOBS_H
#define LECTERN_TESTS_CATALOG_JOBS_H

#include "catalog_store.h"

#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "catalog/failpoint.h"
#include "catalog/ingest.h"

static const char talk_path[] = LECTERN_SOURCE_DIR "/tests/unit/catalog/talk.mp4";

static inline void sleep_ms(long milliseconds)
{
    struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000 };
    (void)nanosleep(&time, NULL);
}

/* --- files ------------------------------------------------------------------------------------ */

static inline void read_file(const char *path, char **ret_bytes, size_t *ret_count)
{
    struct problem problem = { 0 };
    (void)file_read_whole(path, 64 << 20, ret_bytes, ret_count, &problem);
    catalog_fail(&problem);
}

/* data/name with these bytes; the path into PATH_MAX. */
static inline void put_file(const struct catalog *catalog, const char *name, const void *bytes,
    size_t count, char *ret_path)
{
    struct problem problem = { 0 };
    assert_true(snprintf(ret_path, PATH_MAX, "%s/%s", catalog->folder, name) < PATH_MAX);
    (void)file_write_whole(ret_path, bytes, count, 0640, &problem);
    catalog_fail(&problem);
}

static inline void put_talk(const struct catalog *catalog, const char *name, char *ret_path)
{
    char *bytes;
    size_t count;
    read_file(talk_path, &bytes, &count);
    put_file(catalog, name, bytes, count, ret_path);
    free(bytes);
}

static inline bool path_exists(const char *path)
{
    struct stat facts;
    return lstat(path, &facts) == 0;
}

/* Entries of data/name, at any depth; -1 when it is not there. */
static inline int count_entries(const struct catalog *catalog, const char *name)
{
    char folder[PATH_MAX];
    int count = -1;
    assert_true(snprintf(folder, sizeof folder, "%s/%s", catalog->folder, name) < PATH_MAX);
    char *const roots[] = { folder, NULL };
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    const FTSENT *entry;
    while ((entry = fts_read(walk)))
        count += entry->fts_info != FTS_DP && entry->fts_info != FTS_NS ? 1 : 0;
    (void)fts_close(walk);
    return count;
}

/* --- jobs ------------------------------------------------------------------------------------- */

struct jobs {
    struct ingest *ingest;
    char lecture_id[UUID_TEXT_SIZE], job_id[UUID_TEXT_SIZE]; /* of the last one added */
};

static inline struct ingest *start_ingest(struct catalog *catalog)
{
    struct problem problem = { 0 };
    struct ingest *ingest = ingest_start(catalog->db, &catalog->settings, NULL, &problem);
    catalog_fail(&problem);
    return ingest;
}

static inline bool try_add(
    struct jobs *jobs, const char *path, bool take_over, struct problem *problem)
{
    struct lecture_fields fields = { "en", "A talk", "", NULL, "talk.mp4" };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    bool added = ingest_add_file(
        jobs->ingest, &fields, fd, path, take_over, NULL, jobs->lecture_id, jobs->job_id, problem);
    (void)close(fd);
    return added;
}

static inline void add_file(struct jobs *jobs, const char *path, bool take_over)
{
    struct problem problem = { 0 };
    (void)try_add(jobs, path, take_over, &problem);
    catalog_fail(&problem);
}

/* Waits for the end; the answer of ingest_wait(). */
static inline json_t *job_answer(struct jobs *jobs)
{
    struct problem problem = { 0 };
    json_t *json = NULL;
    (void)ingest_wait(jobs->ingest, jobs->job_id, NULL, NULL, &json, &problem);
    catalog_fail(&problem);
    return json;
}

static inline void assert_job_ends(struct jobs *jobs, const char *state)
{
    json_t *json = job_answer(jobs);
    if (strcmp(json_string_value(json_object_get(json, "state")), state) != 0)
        fail_msg("%s", json_dumps(json, JSON_INDENT(1)));
    json_decref(json);
}

/* What the store's rows explain below lectures/: of each version its folder and its lecture's, report, plan, poster,
 * thumbnails and their one sheet; two files of each rendition. */
static inline int known_entries(struct catalog *catalog)
{
    return (int)(7 * catalog_figure(catalog, "SELECT COUNT(*) FROM lecture_version")
                 + 2 * catalog_figure(catalog, "SELECT COUNT(*) FROM rendition"));
}

/* Exactly this many lectures, all of them ready and whole on disk; no file beside them. */
static inline void assert_only_ready_lectures(struct catalog *catalog, int count)
{
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM lecture"), count);
    assert_int_equal(
        catalog_figure(catalog, "SELECT COUNT(*) FROM lecture WHERE state = 'ready'"), count);
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM lecture_version"), count);
    assert_int_equal(
        catalog_figure(catalog, "SELECT COUNT(*) FROM job WHERE state = 'done'"), count);
    assert_true(catalog_figure(catalog, "SELECT COUNT(*) FROM rendition") >= 2 * count);
    assert_int_equal(count_entries(catalog, "incoming"), 0);
    assert_int_equal(count_entries(catalog, "originals"), 2 * count); /* a folder, and a file */
    assert_int_equal(count_entries(catalog, "drafts"), 0);
    assert_int_equal(count_entries(catalog, "lectures"), known_entries(catalog));
}

/* --- ends by force ---------------------------------------------------------------------------- */

static const char *failpoint_wanted;
static atomic_int failpoint_times; /* until it ends the process there */

#ifdef LECTERN_FAILPOINTS
void failpoint(const char *name)
{
    if (!failpoint_wanted || strcmp(failpoint_wanted, name) != 0
        || atomic_fetch_sub(&failpoint_times, 1) != 1)
        return;
    (void)kill(getpid(), SIGKILL);
    for (;;)
        (void)pause();
}
#endif

/* Runs the story in a process of its own, which must die when it comes to the failpoint so often. */
static inline void die_at_time(
    struct catalog *catalog, const char *name, int times, void (*story)(struct catalog *catalog))
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        failpoint_wanted = name;
        atomic_store(&failpoint_times, times);
        catalog_open(catalog);
        story(catalog);
        _exit(99);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        fail_msg("'%s' was not reached: status %d", name, status);
}

static inline void die_at(
    struct catalog *catalog, const char *name, void (*story)(struct catalog *catalog))
{
    die_at_time(catalog, name, 1, story);
}

#endif
