/*
 * For tests that prepare real files: runs jobs whose children are this same test program (main() hands "media-job" on),
 * makes media with the ffmpeg program, and looks at what came out with eyes other than the packager's: the boxes are
 * read here, and ffmpeg plays the playlists.
 */
#ifndef LECTERN_TESTS_MEDIA_JOB_WORLD_H
#define LECTERN_TESTS_MEDIA_JOB_WORLD_H

#include "../unit.h"

#include "base/files.h"
#include "base/memory.h"
#include "media/h264.h"
#include "media/job.h"
#include "media/media_files.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct job_world {
    struct settings settings;
    char folder[64];  /* temporary, removed at the end */
    char version[80]; /* of the last job */
    struct media_result result;
    int cancel_at_permille; /* 0: never */
    int permille, probed;
};

static inline void world_open(struct job_world *world)
{
    *world = (struct job_world){ .folder = "/tmp/lectern-media-XXXXXX" };
    settings_init(&world->settings);
    assert_non_null(mkdtemp(world->folder));
    (void)snprintf(world->version, sizeof world->version, "%s/version", world->folder);
}

static inline void world_close(struct job_world *world)
{
    struct problem problem = { 0 };
    (void)folder_remove(world->folder, &problem);
    settings_release(&world->settings);
}

static inline void world_path(const struct job_world *world, const char *name, char ret_path[200])
{
    (void)snprintf(ret_path, 200, "%s/%s", world->folder, name);
}

/* --- other programs ------------------------------------------------------------------------------------ */

/* Words parted by spaces; what it says on standard error is in world/said.  Returns the exit code, 127 if it is not
 * there. */
static inline int world_run(const struct job_world *world, const char *command)
{
    char *words = memory_strdup(command), *list[100], *rest = words, said[200];
    size_t count = 0;
    for (char *word; count < 99 && (word = strsep(&rest, " "));)
        list[count++] = word;
    list[count] = NULL;
    world_path(world, "said", said);
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status = 0;
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    (void)posix_spawn_file_actions_addopen(&actions, 2, said, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    bool started = posix_spawnp(&pid, list[0], &actions, NULL, list, environ) == 0;
    (void)posix_spawn_file_actions_destroy(&actions);
    free(words);
    if (!started)
        return 127;
    (void)waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}

static inline void world_read(const char *path, char **ret_bytes, size_t *ret_count)
{
    struct problem problem = { 0 };
    if (!file_read_whole(path, 256 << 20, ret_bytes, ret_count, &problem))
        fail_msg("%s", problem.detail);
}

static inline void world_write(
    const struct job_world *world, const char *name, const void *bytes, size_t count)
{
    char path[200];
    world_path(world, name, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, count), count);
    (void)close(fd);
}

/* --- jobs ---------------------------------------------------------------------------------------------- */

static inline void world_on_probed(void *data, const struct media_report *report)
{
    struct job_world *world = data;
    (void)report;
    world->probed++;
}

static inline void world_on_progress(void *data, int permille)
{
    struct job_world *world = data;
    assert_true(permille >= world->permille && permille <= 1000);
    world->permille = permille;
}

static inline bool world_is_cancelled(void *data)
{
    const struct job_world *world = data;
    return world->cancel_at_permille > 0 && world->permille >= world->cancel_at_permille;
}

static inline void world_run_pass(
    struct job_world *world, const char *path, enum media_pass pass, const char *folder)
{
    struct problem problem = { 0 };
    assert_true(folder_remove(folder, &problem));
    assert_true(folder_make(folder, 0700, &problem));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        fail_msg("'%s' cannot be opened", path);
    world->permille = 0;
    struct media_job job = { .settings = &world->settings,
        .pass = pass,
        .input_fd = fd,
        .folder = folder,
        .published_folder = pass == MEDIA_PASS_FIRST ? NULL : world->version,
        .probed = world_on_probed,
        .progressed = world_on_progress,
        .cancelled = world_is_cancelled,
        .data = world };
    media_job_run(&job, &world->result);
    (void)close(fd);
}

/* The first pass, then the second where that made something. */
static inline void world_prepare(struct job_world *world, const char *path)
{
    char rest[100];
    struct problem problem = { 0 };
    world->probed = 0;
    world_run_pass(world, path, MEDIA_PASS_FIRST, world->version);
    if (world->result.outcome != MEDIA_READY)
        return;
    (void)snprintf(rest, sizeof rest, "%s/rest", world->folder);
    struct media_result first = world->result;
    world_run_pass(world, path, MEDIA_PASS_REST, rest);
    if (world->result.outcome != MEDIA_READY)
        fail_msg("%s (%s)", world->result.reason, world->result.detail);
    if (!media_job_adopt(rest, world->version, &problem))
        fail_msg("%s", problem.detail);
    world->result = first;
    world->probed--;
}

/* --- boxes --------------------------------------------------------------------------------------------- */

struct box {
    const uint8_t *body;
    size_t count;
    char type[5];
};

static inline uint32_t box_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline bool box_next(const uint8_t **at, size_t *left, struct box *ret_box)
{
    if (*left < 8)
        return false;
    size_t size = box_u32(*at);
    assert_true(size >= 8 && size <= *left);
    *ret_box = (struct box){ *at + 8, size - 8, "" };
    memcpy(ret_box->type, *at + 4, 4);
    *at += size;
    *left -= size;
    return true;
}

static inline bool box_find(
    const uint8_t *bytes, size_t count, const char *type, struct box *ret_box)
{
    while (box_next(&bytes, &count, ret_box))
        if (strcmp(ret_box->type, type) == 0)
            return true;
    return false;
}

struct fragment {
    int64_t start_ticks, duration_ticks;
    size_t first_sample_bytes;
    struct box data;
};

/* ISO/IEC 14496-12 sections 8.8.7, 8.8.8 and 8.8.12 */
static inline struct fragment fragment_read(const uint8_t *bytes, size_t count)
{
    struct fragment fragment = { 0 };
    struct box moof, traf, tfhd, tfdt, trun;
    assert_true(box_find(bytes, count, "moof", &moof));
    assert_true(box_find(bytes, count, "mdat", &fragment.data));
    assert_true(box_find(moof.body, moof.count, "traf", &traf));
    assert_true(box_find(traf.body, traf.count, "tfhd", &tfhd));
    assert_true(box_find(traf.body, traf.count, "tfdt", &tfdt));
    assert_true(box_find(traf.body, traf.count, "trun", &trun));
    fragment.start_ticks
        = tfdt.body[0] == 1
              ? (int64_t)((uint64_t)box_u32(tfdt.body + 4) << 32 | box_u32(tfdt.body + 8))
              : (int64_t)box_u32(tfdt.body + 4);
    uint32_t flags = box_u32(tfhd.body) & 0xffffff, duration = 0, size = 0;
    const uint8_t *at = tfhd.body + 8 + ((flags & 1) ? 8 : 0) + ((flags & 2) ? 4 : 0);
    if (flags & 8)
        duration = box_u32(at);
    if (flags & 0x10)
        size = box_u32(at + ((flags & 8) ? 4 : 0));
    flags = box_u32(trun.body) & 0xffffff;
    uint32_t samples = box_u32(trun.body + 4);
    at = trun.body + 8 + ((flags & 1) ? 4 : 0) + ((flags & 4) ? 4 : 0);
    for (uint32_t i = 0; i < samples; i++) {
        if (flags & 0x100) {
            duration = box_u32(at);
            at += 4;
        }
        if (flags & 0x200) {
            size = box_u32(at);
            at += 4;
        }
        at += ((flags & 0x400) ? 4 : 0) + ((flags & 0x800) ? 4 : 0);
        fragment.duration_ticks += duration;
        if (i == 0)
            fragment.first_sample_bytes = size;
    }
    return fragment;
}

/* --- what came out ------------------------------------------------------------------------------------- */

static inline void check_rendition(const struct job_world *world, const struct segment_table *table)
{
    char path[200], *bytes;
    size_t count;
    struct box box;
    (void)snprintf(path, sizeof path, "%s/%s.cmaf", world->version, table->name);
    world_read(path, &bytes, &count);
    const uint8_t *packed = (const uint8_t *)bytes;
    assert_true(box_find(packed, table->init_bytes, "moov", &box));
    assert_false(box_find(packed, table->init_bytes, "moof", &box));
    int64_t ticks = table->segments[0].start_ticks;
    for (size_t i = 0; i < table->count; i++) {
        const struct segment *segment = &table->segments[i];
        struct fragment fragment
            = fragment_read(packed + segment->offset_bytes, segment->size_bytes);
        assert_int_equal(fragment.start_ticks, ticks);
        assert_int_equal(fragment.start_ticks, segment->start_ticks);
        assert_int_equal(fragment.duration_ticks, segment->duration_ticks);
        ticks += fragment.duration_ticks;
        if (rendition_has_pictures(table)) {
            assert_int_equal(segment->key_bytes, fragment.data.body
                                                     - (packed + segment->offset_bytes)
                                                     + (int64_t)fragment.first_sample_bytes);
            assert_true(h264_read_picture(
                fragment.data.body, fragment.first_sample_bytes, (struct h264_framing){ 4 })
                            .idr);
        }
    }
    assert_true(table->independent);
    free(bytes);
}

/* Players change from one to another at any cut. */
static inline void check_cuts(const struct media_version *version)
{
    const struct segment_table *first = media_version_rendition(version, 0);
    for (size_t i = 1; i < media_version_rendition_count(version); i++) {
        const struct segment_table *table = media_version_rendition(version, i);
        if (!rendition_has_pictures(table))
            continue;
        assert_int_equal(table->count, first->count);
        for (size_t k = 0; k < table->count; k++)
            assert_in_range(segment_start_ms(table, k) - segment_start_ms(first, k) + 1, 0, 2);
    }
}

static inline void put_object(
    const struct job_world *world, const struct media_version *version, const char *name)
{
    char path[300], etag[MEDIA_ETAG_SIZE];
    struct media_object object;
    struct problem problem = { 0 };
    if (!media_version_find(version, name, etag, &object))
        fail_msg("no '%s'", name);
    (void)snprintf(path, sizeof path, "%s/hls/%s", world->version, name);
    *strrchr(path, '/') = '\0';
    assert_true(folder_make(path, 0700, &problem));
    (void)snprintf(path, sizeof path, "%s/hls/%s", world->version, name);
    if (object.bytes) {
        assert_true(file_write_whole(path, object.bytes, object.count, 0600, &problem));
        return;
    }
    char *bytes;
    size_t count;
    world_read(object.path, &bytes, &count);
    assert_true(object.offset_bytes + object.size_bytes <= count);
    assert_true(
        file_write_whole(path, bytes + object.offset_bytes, object.size_bytes, 0600, &problem));
    free(bytes);
}

static inline void write_hls(const struct job_world *world, const struct media_version *version)
{
    char name[64];
    put_object(world, version, "master.m3u8");
    for (size_t i = 0; i < media_version_rendition_count(version); i++) {
        const struct segment_table *table = media_version_rendition(version, i);
        (void)snprintf(name, sizeof name, "%s/playlist.m3u8", table->name);
        put_object(world, version, name);
        (void)snprintf(name, sizeof name, "%s/init.mp4", table->name);
        put_object(world, version, name);
        for (size_t k = 0; k < table->count; k++) {
            (void)snprintf(name, sizeof name, "%s/%zu.m4s", table->name, k);
            put_object(world, version, name);
        }
    }
    for (size_t i = 0; i < media_version_caption_count(version); i++) {
        const char *language = media_version_caption_language(version, i);
        (void)snprintf(name, sizeof name, "captions/%s.vtt", language);
        put_object(world, version, name);
        (void)snprintf(name, sizeof name, "captions/%s/playlist.m3u8", language);
        put_object(world, version, name);
    }
}

/* ffmpeg plays all of it, and finds nothing to complain about.  Skipped with a word where there is no ffmpeg. */
static inline void check_plays(const struct job_world *world)
{
    char command[400], said[200], captions[100], *words;
    size_t count;
    /* ffmpeg 5.1 plays a master with captions, but warns that it leaves them out. */
    (void)snprintf(captions, sizeof captions, "%s/captions", world->version);
    (void)snprintf(command, sizeof command,
        "ffmpeg -v %s -xerror -allowed_extensions ALL -i %s/hls/master.m3u8 -map 0 "
        "-fps_mode passthrough -enc_time_base -1 -f null -",
        access(captions, F_OK) == 0 ? "error" : "warning", world->version);
    int code = world_run(world, command);
    if (code == 127) {
        print_message("skipped: there is no ffmpeg to play with\n");
        return;
    }
    world_path(world, "said", said);
    world_read(said, &words, &count);
    if (code != 0 || count > 0)
        fail_msg("ffmpeg ended with %d and said: %s", code, words);
    free(words);
}

/* A version that is ready: tables, playlists, fragments; duration as it should be, in either direction. */
static inline void check_tables(
    const struct job_world *world, int64_t duration_ms, int64_t tolerance_ms)
{
    struct problem problem = { 0 };
    if (world->result.outcome != MEDIA_READY)
        fail_msg("outcome %d: %s (%s)", (int)world->result.outcome, world->result.reason,
            world->result.detail);
    struct media_version *version = media_version_open(world->version, &problem);
    if (!version)
        fail_msg("%s", problem.detail);
    int64_t difference_ms = media_version_duration_ms(version) - duration_ms;
    if (llabs(difference_ms) > tolerance_ms)
        fail_msg("%lld ms, not %lld", (long long)media_version_duration_ms(version),
            (long long)duration_ms);
    assert_int_equal(media_version_duration_ms(version), world->result.report.duration_ms);
    for (size_t i = 0; i < media_version_rendition_count(version); i++)
        check_rendition(world, media_version_rendition(version, i));
    check_cuts(version);
    write_hls(world, version);
    media_version_release(version);
}

static inline void check_version(
    const struct job_world *world, int64_t duration_ms, int64_t tolerance_ms)
{
    check_tables(world, duration_ms, tolerance_ms);
    check_plays(world);
}

static inline void check_not_ready(
    const struct job_world *world, enum media_outcome outcome, const char *word)
{
    if (world->result.outcome != outcome || !strstr(world->result.reason, word))
        fail_msg("outcome %d: %s (%s)", (int)world->result.outcome, world->result.reason,
            world->result.detail);
    char path[200];
    (void)snprintf(path, sizeof path, "%s/report.json", world->version);
    assert_int_not_equal(access(path, F_OK), 0);
}

#endif
