#include "media/media_files.h"

#include "../unit.h"

#include "base/files.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static char folder[64];

static void put_file(const char *name, const void *bytes, size_t count)
{
    char path[200];
    struct problem problem = { 0 };
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!file_write_whole(path, bytes, count, 0600, &problem))
        fail_msg("%s", problem.detail);
}

static void put_json(const char *name, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    put_file(name, text, strlen(text));
    free(text);
    json_decref(json);
}

static void put_rendition(enum rendition_kind kind, const char *name, size_t segments)
{
    struct segment_table table = { .kind = kind,
        .codecs = "avc1.64001f",
        .timescale = 1000,
        .width = 640,
        .height = 360,
        .sample_rate = 48000,
        .channels = 1,
        .init_bytes = 100,
        .independent = true };
    char packed[20000], file[64];
    memset(packed, 'x', sizeof packed);
    (void)snprintf(table.name, sizeof table.name, "%s", name);
    for (size_t i = 0; i < segments; i++) {
        segment_table_append(&table, 0, 4000, 1000 + i);
        table.segments[i].key_bytes = kind == RENDITION_VIDEO ? 300 : 0;
    }
    const struct segment *last = &table.segments[segments - 1];
    (void)snprintf(file, sizeof file, "%s.cmaf", name);
    put_file(file, packed, last->offset_bytes + last->size_bytes);
    (void)snprintf(file, sizeof file, "%s.json", name);
    put_json(file, segment_table_to_json(&table));
    segment_table_release(&table);
}

static int make_folder(void **state)
{
    (void)state;
    struct media_report report = { .container = "mov", .duration_ms = 12000 };
    struct problem problem = { 0 };
    char captions[80];
    (void)snprintf(folder, sizeof folder, "/tmp/lectern-version-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(captions, sizeof captions, "%s/captions", folder);
    assert_true(folder_make(captions, 0700, &problem));
    put_json("report.json", media_report_to_json(&report));
    put_rendition(RENDITION_AUDIO, "audio", 2);
    put_rendition(RENDITION_VIDEO, "video", 12);
    put_rendition(RENDITION_STILLS, "stills", 2);
    put_file("poster.jpg", "\xff\xd8poster", 8);
    put_file("thumbnails-0.jpg", "\xff\xd8one", 5);
    put_file("thumbnails-1.jpg", "\xff\xd8three", 7);
    put_json("thumbnails.json", json_pack("{s:i, s:i, s:i, s:i, s:i, s:i}", "width", 160, "height",
                                    90, "columns", 2, "rows", 2, "interval_ms", 10000, "count", 5));
    put_file("captions/vi.vtt", "WEBVTT\n\n", 8);
    put_file("captions/ja.vtt", "WEBVTT\n\n1\n", 10);
    put_file("captions/notes.txt", "x", 1);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    return folder_remove(folder, &problem) ? 0 : -1;
}

static struct media_version *open_version(void)
{
    struct problem problem = { 0 };
    struct media_version *version = media_version_open(folder, &problem);
    if (!version)
        fail_msg("%s", problem.detail);
    return version;
}

static void each_name_means_its_object(void **state)
{
    (void)state;
    struct media_version *version = open_version();
    static const struct {
        const char *name, *type;
        enum media_object_kind kind;
        bool immutable;
        uint64_t offset_bytes, size_bytes; /* of packed files */
        int64_t start_ms, end_ms;
    } cases[] = {
        { "master.m3u8", "application/vnd.apple.mpegurl", MEDIA_PLAYLIST, false, 0, 0, 0, 0 },
        { "manifest.mpd", "application/dash+xml", MEDIA_PLAYLIST, false, 0, 0, 0, 0 },
        { "video/playlist.m3u8", "application/vnd.apple.mpegurl", MEDIA_PLAYLIST, true, 0, 0, 0,
            0 },
        { "video/iframes.m3u8", "application/vnd.apple.mpegurl", MEDIA_PLAYLIST, true, 0, 0, 0, 0 },
        { "stills/playlist.m3u8", "application/vnd.apple.mpegurl", MEDIA_PLAYLIST, true, 0, 0, 0,
            0 },
        { "stills/init.mp4", "video/mp4", MEDIA_INIT, true, 0, 100, 0, 0 },
        { "video/init.mp4", "video/mp4", MEDIA_INIT, true, 0, 100, 0, 0 },
        { "video/0.m4s", "video/mp4", MEDIA_SEGMENT, true, 100, 1000, 0, 4000 },
        { "video/1.m4s", "video/mp4", MEDIA_SEGMENT, true, 1100, 1001, 4000, 8000 },
        { "video/11.m4s", "video/mp4", MEDIA_SEGMENT, true, 11155, 1011, 44000, 48000 },
        { "audio/init.mp4", "audio/mp4", MEDIA_INIT, true, 0, 100, 0, 0 },
        { "audio/1.m4s", "audio/mp4", MEDIA_SEGMENT, true, 1100, 1001, 4000, 8000 },
        { "captions/ja.vtt", "text/vtt; charset=utf-8", MEDIA_CAPTIONS, false, 0, 0, 0, 0 },
        { "captions/ja/playlist.m3u8", "application/vnd.apple.mpegurl", MEDIA_PLAYLIST, false, 0, 0,
            0, 0 },
        { "captions/ja/0.vtt", "text/vtt; charset=utf-8", MEDIA_CAPTIONS, false, 0, 0, 0, 0 },
        { "captions/ja/1.vtt", "text/vtt; charset=utf-8", MEDIA_CAPTIONS, false, 0, 0, 0, 0 },
        { "poster.jpg", "image/jpeg", MEDIA_IMAGE, true, 0, 8, 0, 0 },
        { "thumbnails.vtt", "text/vtt; charset=utf-8", MEDIA_CAPTIONS, true, 0, 0, 0, 0 },
        { "thumbnails-0.jpg", "image/jpeg", MEDIA_IMAGE, true, 0, 5, 0, 0 },
        { "thumbnails-1.jpg", "image/jpeg", MEDIA_IMAGE, true, 0, 7, 0, 0 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char etag[MEDIA_ETAG_SIZE];
        struct media_object object;
        if (!media_version_find(version, cases[i].name, etag, &object))
            fail_msg("not found: %s", cases[i].name);
        assert_int_equal(object.kind, cases[i].kind);
        assert_string_equal(object.content_type, cases[i].type);
        assert_int_equal(object.immutable, cases[i].immutable);
        assert_int_equal(object.offset_bytes, cases[i].offset_bytes);
        assert_int_equal(object.size_bytes, cases[i].size_bytes);
        assert_int_equal(object.start_ms, cases[i].start_ms);
        assert_int_equal(object.end_ms, cases[i].end_ms);
        assert_true(object.etag[0] == '"' && object.etag[strlen(object.etag) - 1] == '"');
        assert_int_equal(object.bytes != NULL, object.path == NULL);
    }
    media_version_release(version);
}

static void no_other_name_means_anything(void **state)
{
    (void)state;
    struct media_version *version = open_version();
    static const char *const names[] = { "", "/", "master.m3u8/", "/master.m3u8", "video", "video/",
        "video/12.m4s", "video/01.m4s", "video/00.m4s", "video/-1.m4s", "video/+1.m4s",
        "video/1.m4s/", "video/1.m4s.gz", "video/.m4s", "video/99999999999999999999.m4s", "video/1",
        "video//1.m4s", "video/../audio/init.mp4", "video.cmaf", "video.json", "report.json",
        "../report.json", "captions", "captions/", "captions/.vtt", "captions/en.vtt",
        "captions/ja", "captions/ja/", "captions/ja/2.vtt", "captions/ja/00.vtt",
        "captions/ja/.vtt", "captions/ja/0.m4s", "captions/notes.txt", "captions/../report.json",
        "video/init.mp4%00", "VIDEO/init.mp4", "stills/iframes.m3u8", "audio/iframes.m3u8",
        "manifest.mpd/", "poster", "poster.jpg/", "thumbnails", "thumbnails.json",
        "thumbnails-.jpg", "thumbnails-2.jpg", "thumbnails-00.jpg", "thumbnails-0.jpg/",
        "thumbnails0.jpg" };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char etag[MEDIA_ETAG_SIZE];
        struct media_object object;
        if (media_version_find(version, names[i], etag, &object))
            fail_msg("found: '%s'", names[i]);
    }
    media_version_release(version);
}

static void video_comes_first_and_captions_are_in_order(void **state)
{
    (void)state;
    struct media_version *version = open_version();
    assert_int_equal(media_version_rendition_count(version), 3);
    assert_string_equal(media_version_rendition(version, 0)->name, "video");
    assert_string_equal(media_version_rendition(version, 1)->name, "stills");
    assert_string_equal(media_version_rendition(version, 2)->name, "audio");
    assert_int_equal(media_version_duration_ms(version), 48000);
    assert_int_equal(media_version_caption_count(version), 2);
    assert_string_equal(media_version_caption_language(version, 0), "ja");
    assert_string_equal(media_version_caption_language(version, 1), "vi");
    media_version_release(version);
}

static void gzip_holds_the_same_bytes(void **state)
{
    (void)state;
    struct media_version *version = open_version();
    char etag[MEDIA_ETAG_SIZE], out[4096];
    struct media_object object;
    assert_true(media_version_find(version, "video/playlist.m3u8", etag, &object));
    assert_non_null(object.gzip_bytes);
    assert_true(object.gzip_count < object.count);
    z_stream stream = { .next_in = (Bytef *)(uintptr_t)object.gzip_bytes,
        .avail_in = (uInt)object.gzip_count,
        .next_out = (Bytef *)out,
        .avail_out = sizeof out };
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.total_out, object.count);
    assert_memory_equal(out, object.bytes, object.count);
    (void)inflateEnd(&stream);
    assert_true(media_version_find(version, "captions/ja.vtt", etag, &object));
    assert_null(object.gzip_bytes); /* too small to gain */
    media_version_release(version);
}

static void etags_differ_where_bytes_do(void **state)
{
    (void)state;
    static const char *const names[]
        = { "master.m3u8", "manifest.mpd", "video/iframes.m3u8", "poster.jpg", "thumbnails-0.jpg",
              "video/playlist.m3u8", "audio/playlist.m3u8", "video/init.mp4", "audio/init.mp4",
              "video/0.m4s", "video/1.m4s", "audio/0.m4s", "captions/ja.vtt", "captions/vi.vtt" };
    char etags[COUNT_OF(names)][MEDIA_ETAG_SIZE], buffer[MEDIA_ETAG_SIZE];
    struct media_object object;
    struct media_version *version = open_version();
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_true(media_version_find(version, names[i], buffer, &object));
        (void)snprintf(etags[i], MEDIA_ETAG_SIZE, "%s", object.etag);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(etags[i], etags[k]);
    }
    media_version_release(version);
    /* captions that change by one byte of the same length, at the same second */
    put_file("captions/ja.vtt", "WEBVTT\n\n2\n", 10);
    version = open_version();
    assert_true(media_version_find(version, "captions/ja.vtt", buffer, &object));
    assert_string_not_equal(object.etag, etags[12]);
    assert_true(media_version_find(version, "video/1.m4s", buffer, &object));
    assert_string_equal(object.etag, etags[10]);
    media_version_release(version);
}

static const char *find_text(
    const struct media_version *version, const char *name, char ret_etag[MEDIA_ETAG_SIZE])
{
    char buffer[MEDIA_ETAG_SIZE];
    struct media_object object;
    if (!media_version_find(version, name, buffer, &object))
        fail_msg("not found: %s", name);
    (void)snprintf(ret_etag, MEDIA_ETAG_SIZE, "%s", object.etag);
    return object.bytes;
}

static void a_version_that_grew_has_a_new_master_and_manifest(void **state)
{
    (void)state;
    char master[MEDIA_ETAG_SIZE], manifest[MEDIA_ETAG_SIZE], playlist[MEDIA_ETAG_SIZE],
        etag[MEDIA_ETAG_SIZE];
    struct media_version *version = open_version();
    (void)find_text(version, "master.m3u8", master);
    (void)find_text(version, "manifest.mpd", manifest);
    (void)find_text(version, "video/playlist.m3u8", playlist);
    media_version_release(version);
    put_rendition(RENDITION_VIDEO, "720p", 12);
    version = open_version();
    assert_non_null(strstr(find_text(version, "master.m3u8", etag), "\n720p/playlist.m3u8\n"));
    assert_string_not_equal(etag, master);
    assert_non_null(
        strstr(find_text(version, "manifest.mpd", etag), "<Representation id=\"720p\""));
    assert_string_not_equal(etag, manifest);
    (void)find_text(version, "video/playlist.m3u8", etag);
    assert_string_equal(etag, playlist);
    media_version_release(version);
}

static void pictures_that_are_incomplete_are_not_offered(void **state)
{
    (void)state;
    static const struct {
        const char *story, *gone, *name;
    } cases[] = {
        { "no poster", "poster.jpg", "poster.jpg" },
        { "a sheet is missing", "thumbnails-1.jpg", "thumbnails-0.jpg" },
        { "nothing says how they lie", "thumbnails.json", "thumbnails.vtt" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char path[200], etag[MEDIA_ETAG_SIZE];
        struct media_object object;
        (void)snprintf(path, sizeof path, "%s/%s", folder, cases[i].gone);
        assert_int_equal(unlink(path), 0);
        struct media_version *version = open_version();
        if (media_version_find(version, cases[i].name, etag, &object))
            fail_msg("found: %s", cases[i].story);
        bool offered = strstr(find_text(version, "manifest.mpd", etag), "image/jpeg") != NULL;
        assert_int_equal(offered, i == 0);
        media_version_release(version);
        assert_int_equal(remove_folder(NULL), 0);
        assert_int_equal(make_folder(NULL), 0);
    }
}

static void a_version_lives_as_long_as_its_references(void **state)
{
    (void)state;
    struct media_version *version = open_version();
    struct media_version *second = media_version_retain(version);
    media_version_release(version);
    assert_int_equal(media_version_duration_ms(second), 48000);
    media_version_release(second);
    media_version_release(NULL);
}

static void a_folder_that_does_not_hold_is_not_opened(void **state)
{
    (void)state;
    static const struct {
        const char *story, *name, *bytes;
    } cases[] = {
        { "packed file of another length", "video.cmaf", "short" },
        { "table of another rendition", "audio.json", NULL },
        { "broken report", "report.json", "{" },
        { "broken table", "video.json", "{}" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct problem problem = { 0 };
        char path[200], *table = NULL;
        size_t count = 0;
        (void)snprintf(path, sizeof path, "%s/video.json", folder);
        if (!cases[i].bytes)
            assert_true(file_read_whole(path, 1 << 20, &table, &count, &problem));
        put_file(
            cases[i].name, table ? table : cases[i].bytes, table ? count : strlen(cases[i].bytes));
        if (media_version_open(folder, &problem) || !problem_is_set(&problem))
            fail_msg("opened: %s", cases[i].story);
        free(table);
        assert_int_equal(remove_folder(NULL), 0);
        assert_int_equal(make_folder(NULL), 0);
    }
    struct problem problem = { 0 };
    assert_null(media_version_open("/tmp/lectern-is-not-here", &problem));
    assert_true(problem_is_set(&problem));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_name_means_its_object, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(no_other_name_means_anything, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            video_comes_first_and_captions_are_in_order, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(gzip_holds_the_same_bytes, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(etags_differ_where_bytes_do, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            a_version_that_grew_has_a_new_master_and_manifest, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            pictures_that_are_incomplete_are_not_offered, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            a_version_lives_as_long_as_its_references, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            a_folder_that_does_not_hold_is_not_opened, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
