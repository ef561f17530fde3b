#include "media/playlist.h"

#include "../unit.h"
#include "ladder.h"

#include <stdlib.h>
#include <string.h>

static struct segment_table tables[2];

static int make_tables(void **state)
{
    (void)state;
    tables[0] = (struct segment_table){ .kind = RENDITION_VIDEO,
        .name = "video",
        .codecs = "avc1.4d400c",
        .timescale = 90000,
        .width = 640,
        .height = 360,
        .frames_per_second_milli = 29970,
        .init_bytes = 700,
        .independent = true };
    tables[1] = (struct segment_table){ .kind = RENDITION_AUDIO,
        .name = "audio",
        .codecs = "mp4a.40.2",
        .timescale = 44100,
        .sample_rate = 44100,
        .channels = 1,
        .original = true,
        .init_bytes = 600,
        .independent = true };
    segment_table_append(&tables[0], 0, 360000, 100000);
    segment_table_append(&tables[0], 0, 414000, 50000); /* 4.6 s */
    segment_table_append(&tables[1], 0, 176128, 20000); /* 3.993832199... s */
    segment_table_append(&tables[1], 0, 176128, 20000);
    segment_table_append(&tables[1], 0, 30720, 3000);
    return 0;
}

static int release_tables(void **state)
{
    (void)state;
    segment_table_release(&tables[0]);
    segment_table_release(&tables[1]);
    return 0;
}

static void a_media_playlist_is_exact(void **state)
{
    (void)state;
    struct text out;
    text_init(&out, 10000);
    playlist_write_media(&tables[1], media_target_seconds(tables, 2), &out);
    assert_string_equal(out.bytes,
        "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:5\n#EXT-X-MEDIA-SEQUENCE:0\n"
        "#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP:URI=\"init.mp4\"\n"
        "#EXTINF:3.993832,\n0.m4s\n#EXTINF:3.993832,\n1.m4s\n#EXTINF:0.696599,\n2.m4s\n"
        "#EXT-X-ENDLIST\n");
    text_release(&out);
}

static void the_sum_of_extinf_is_the_duration(void **state)
{
    (void)state;
    struct segment_table table = tables[1];
    table.segments = NULL;
    table.count = 0;
    int64_t ticks = 0, sum_us = 0;
    for (int i = 0; i < 5000; i++, ticks += 176128)
        segment_table_append(&table, 0, 176128, 1000);
    struct text out;
    text_init(&out, 1 << 20);
    playlist_write_media(&table, 4, &out);
    for (const char *at = out.bytes; (at = strstr(at, "#EXTINF:")); at++) {
        char *end;
        int64_t seconds = strtoll(at + 8, &end, 10);
        sum_us += seconds * 1000000 + strtoll(end + 1, NULL, 10);
    }
    int64_t expected_us = (int64_t)((double)ticks / 44100 * 1e6 + 0.5);
    assert_true(llabs(sum_us - expected_us) <= 1);
    text_release(&out);
    segment_table_release(&table);
}

static void write_master(const struct segment_table *some, size_t count, const char *language,
    const char *const *captions, size_t caption_count, struct text *out)
{
    struct media_offer offer;
    media_offer_make(some, count, language, captions, caption_count, &offer);
    playlist_write_master(&offer, out);
}

static void a_master_of_old_names_all_that_players_ask_for(void **state)
{
    (void)state;
    static const char *const languages[] = { "ja", "vi" };
    struct text out;
    text_init(&out, 10000);
    write_master(tables, 2, NULL, languages, 2, &out);
    assert_string_equal(out.bytes,
        "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"low\",NAME=\"Original\",LANGUAGE=\"und\",DEFAULT=YES,"
        "AUTOSELECT=YES,CHANNELS=\"1\",URI=\"audio/playlist.m3u8\"\n"
        "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"captions\",NAME=\"日本語\",LANGUAGE=\"ja\",DEFAULT="
        "NO,"
        "AUTOSELECT=YES,FORCED=NO,URI=\"captions/ja/playlist.m3u8\"\n"
        "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"captions\",NAME=\"Tiếng "
        "Việt\",LANGUAGE=\"vi\",DEFAULT=NO,"
        "AUTOSELECT=YES,FORCED=NO,URI=\"captions/vi/playlist.m3u8\"\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=240062,AVERAGE-BANDWIDTH=179147,CODECS=\"avc1.4d400c,mp4a.40."
        "2\","
        "RESOLUTION=640x360,FRAME-RATE=29.970,VIDEO-RANGE=SDR,AUDIO=\"low\",SUBTITLES="
        "\"captions\"\n"
        "video/playlist.m3u8\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=40062,AVERAGE-BANDWIDTH=39612,CODECS=\"mp4a.40.2\",AUDIO="
        "\"low\",SUBTITLES=\"captions\"\naudio/playlist.m3u8\n");
    text_release(&out);
}

static void a_ladder_is_listed_for_players_in_its_order(void **state)
{
    (void)state;
    struct ladder ladder;
    struct text out;
    ladder_make(&ladder);
    text_init(&out, 10000);
    write_master(ladder.tables, LADDER_TABLES, "ja", NULL, 0, &out);
    assert_string_equal(out.bytes,
        "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"low\",NAME=\"日本語\",LANGUAGE=\"ja\",DEFAULT=YES,"
        "AUTOSELECT=YES,CHANNELS=\"1\",URI=\"audio-low/playlist.m3u8\"\n"
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"low\",NAME=\"Tiếng Việt\",LANGUAGE=\"vi\",DEFAULT=NO,"
        "AUTOSELECT=YES,CHANNELS=\"1\",URI=\"audio-low-vi/playlist.m3u8\"\n"
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"high\",NAME=\"日本語\",LANGUAGE=\"ja\",DEFAULT=YES,"
        "AUTOSELECT=YES,CHANNELS=\"2\",URI=\"audio-high/playlist.m3u8\"\n"
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"high\",NAME=\"Tiếng Việt\",LANGUAGE=\"vi\",DEFAULT=NO,"
        "AUTOSELECT=YES,CHANNELS=\"1\",URI=\"audio-low-vi/playlist.m3u8\"\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=128000,AVERAGE-BANDWIDTH=128000,CODECS=\"avc1.42c00d,mp4a.40."
        "2\",RESOLUTION=426x240,FRAME-RATE=12.500,VIDEO-RANGE=SDR,AUDIO=\"low\"\n"
        "240p/playlist.m3u8\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=1064000,AVERAGE-BANDWIDTH=1064000,CODECS=\"avc1.64001f,mp4a."
        "40.2\",RESOLUTION=1280x720,FRAME-RATE=25.000,VIDEO-RANGE=SDR,AUDIO=\"high\"\n"
        "720p/playlist.m3u8\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=52000,AVERAGE-BANDWIDTH=52000,CODECS=\"avc1.640015,mp4a.40."
        "2\",FRAME-RATE=0.500,VIDEO-RANGE=SDR,AUDIO=\"low\"\n"
        "stills/playlist.m3u8\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=32000,AVERAGE-BANDWIDTH=32000,CODECS=\"mp4a.40.2\",AUDIO="
        "\"low\"\naudio-low/playlist.m3u8\n"
        "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=24000,AVERAGE-BANDWIDTH=24000,CODECS=\"avc1.42c00d\","
        "RESOLUTION=426x240,VIDEO-RANGE=SDR,URI=\"240p/iframes.m3u8\"\n");
    text_release(&out);
    ladder_release(&ladder);
}

static void key_pictures_are_ranges_of_the_segments(void **state)
{
    (void)state;
    struct ladder ladder;
    struct text out;
    ladder_make(&ladder);
    text_init(&out, 10000);
    assert_true(playlist_has_key_pictures(&ladder.tables[LADDER_240P]));
    ladder.tables[LADDER_STILLS].segments[0].key_bytes = 5000;
    ladder.tables[LADDER_STILLS].segments[1].key_bytes = 5000;
    assert_false(playlist_has_key_pictures(&ladder.tables[LADDER_STILLS]));
    assert_false(playlist_has_key_pictures(&ladder.tables[LADDER_SOUND]));
    playlist_write_key_pictures(&ladder.tables[LADDER_240P], 4, &out);
    assert_string_equal(out.bytes,
        "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:0\n"
        "#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-I-FRAMES-ONLY\n#EXT-X-MAP:URI=\"init.mp4\"\n"
        "#EXTINF:4.000000,\n#EXT-X-BYTERANGE:12000@0\n0.m4s\n"
        "#EXTINF:4.000000,\n#EXT-X-BYTERANGE:12000@0\n1.m4s\n#EXT-X-ENDLIST\n");
    text_release(&out);
    ladder_release(&ladder);
}

static void sound_alone_is_a_variant_of_each_grade(void **state)
{
    (void)state;
    struct ladder ladder;
    struct text out;
    text_init(&out, 10000);
    write_master(&tables[1], 1, NULL, NULL, 0, &out);
    assert_string_equal(out.bytes,
        "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=40062,AVERAGE-BANDWIDTH=39612,CODECS=\"mp4a.40.2\"\n"
        "audio/playlist.m3u8\n");
    text_clear(&out);
    ladder_make(&ladder);
    write_master(&ladder.tables[LADDER_SOUND], 2, NULL, NULL, 0, &out);
    assert_string_equal(out.bytes,
        "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=32000,AVERAGE-BANDWIDTH=32000,CODECS=\"mp4a.40.2\"\n"
        "audio-low/playlist.m3u8\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=64000,AVERAGE-BANDWIDTH=64000,CODECS=\"mp4a.40.2\"\n"
        "audio-high/playlist.m3u8\n");
    text_release(&out);
    ladder_release(&ladder);
}

static void a_silent_picture_names_no_sound(void **state)
{
    (void)state;
    struct text out;
    text_init(&out, 10000);
    write_master(tables, 1, "en", NULL, 0, &out);
    assert_string_equal(out.bytes,
        "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=200000,AVERAGE-BANDWIDTH=139535,CODECS=\"avc1.4d400c\","
        "RESOLUTION=640x360,FRAME-RATE=29.970,VIDEO-RANGE=SDR\nvideo/playlist.m3u8\n");
    text_release(&out);
}

static void independence_is_claimed_only_where_it_holds(void **state)
{
    (void)state;
    struct segment_table table = tables[0];
    struct text out;
    text_init(&out, 10000);
    table.independent = false;
    write_master(&table, 1, NULL, NULL, 0, &out);
    playlist_write_media(&table, 5, &out);
    assert_null(strstr(out.bytes, "INDEPENDENT"));
    text_release(&out);
}

static void captions_are_cut_every_thirty_seconds(void **state)
{
    (void)state;
    static const struct {
        int64_t duration_ms;
        const char *text;
    } cases[] = {
        { 64400, "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:30\n#EXT-X-MEDIA-SEQUENCE:0\n"
                 "#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:30.000000,\n0.vtt\n#EXTINF:30.000000,\n1.vtt\n"
                 "#EXTINF:4.400000,\n2.vtt\n#EXT-X-ENDLIST\n" },
        { 12600, "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:13\n#EXT-X-MEDIA-SEQUENCE:0\n"
                 "#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:12.600000,\n0.vtt\n#EXT-X-ENDLIST\n" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct caption_segments segments;
        struct text out;
        text_init(&out, 10000);
        caption_segments_init(&segments, "WEBVTT\n\n", 8, cases[i].duration_ms);
        playlist_write_captions(&segments, &out);
        assert_string_equal(out.bytes, cases[i].text);
        caption_segments_release(&segments);
        text_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_media_playlist_is_exact),
        cmocka_unit_test(the_sum_of_extinf_is_the_duration),
        cmocka_unit_test(a_master_of_old_names_all_that_players_ask_for),
        cmocka_unit_test(a_ladder_is_listed_for_players_in_its_order),
        cmocka_unit_test(key_pictures_are_ranges_of_the_segments),
        cmocka_unit_test(sound_alone_is_a_variant_of_each_grade),
        cmocka_unit_test(a_silent_picture_names_no_sound),
        cmocka_unit_test(independence_is_claimed_only_where_it_holds),
        cmocka_unit_test(captions_are_cut_every_thirty_seconds),
    };
    return cmocka_run_group_tests(tests, make_tables, release_tables);
}
