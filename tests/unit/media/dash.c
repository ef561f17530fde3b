#include "media/dash.h"

#include "../unit.h"
#include "ladder.h"

#include <stdlib.h>
#include <string.h>

static void a_manifest_says_the_same_as_the_playlists(void **state)
{
    (void)state;
    struct ladder ladder;
    struct media_offer offer;
    struct text out;
    ladder_make(&ladder);
    segment_table_append(&ladder.tables[LADDER_SOUND], 0, 12000, 2000);
    text_init(&out, 10000);
    media_offer_make(ladder.tables, LADDER_TABLES, "en", NULL, 0, &offer);
    dash_write_manifest(&offer, NULL, &out);
    // clang-format off
    assert_string_equal(out.bytes,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" profiles=\"urn:mpeg:dash:profile:isoff-live:2011\""
        " type=\"static\" mediaPresentationDuration=\"PT8.500S\" maxSegmentDuration=\"PT4.000S\""
        " minBufferTime=\"PT4.000S\">\n"
        " <Period id=\"0\" start=\"PT0S\">\n"
        "  <AdaptationSet id=\"0\" contentType=\"video\" mimeType=\"video/mp4\" segmentAlignment=\"true\" startWithSAP=\"1\">\n"
        "   <Representation id=\"240p\" bandwidth=\"96000\" codecs=\"avc1.42c00d\" width=\"426\" height=\"240\" sar=\"1:1\" frameRate=\"12500/1000\">\n"
        "    <SegmentTemplate timescale=\"90000\" initialization=\"$RepresentationID$/init.mp4\" media=\"$RepresentationID$/$Number$.m4s\" startNumber=\"0\">\n"
        "     <SegmentTimeline>\n      <S t=\"0\" d=\"360000\" r=\"1\"/>\n     </SegmentTimeline>\n    </SegmentTemplate>\n"
        "   </Representation>\n"
        "   <Representation id=\"720p\" bandwidth=\"1000000\" codecs=\"avc1.64001f\" width=\"1280\" height=\"720\" sar=\"1:1\" frameRate=\"25\">\n"
        "    <SegmentTemplate timescale=\"12800\" initialization=\"$RepresentationID$/init.mp4\" media=\"$RepresentationID$/$Number$.m4s\" startNumber=\"0\">\n"
        "     <SegmentTimeline>\n      <S t=\"0\" d=\"51200\" r=\"1\"/>\n     </SegmentTimeline>\n    </SegmentTemplate>\n"
        "   </Representation>\n"
        "   <Representation id=\"stills\" bandwidth=\"20000\" codecs=\"avc1.640015\" width=\"640\" height=\"360\" sar=\"1:1\" frameRate=\"500/1000\">\n"
        "    <SegmentTemplate timescale=\"90000\" initialization=\"$RepresentationID$/init.mp4\" media=\"$RepresentationID$/$Number$.m4s\" startNumber=\"0\">\n"
        "     <SegmentTimeline>\n      <S t=\"0\" d=\"360000\" r=\"1\"/>\n     </SegmentTimeline>\n    </SegmentTemplate>\n"
        "   </Representation>\n"
        "  </AdaptationSet>\n"
        "  <AdaptationSet id=\"1\" contentType=\"audio\" mimeType=\"audio/mp4\" lang=\"en\" startWithSAP=\"1\">\n"
        "   <Label>English</Label>\n   <Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"main\"/>\n"
        "   <Representation id=\"audio-low\" bandwidth=\"32000\" codecs=\"mp4a.40.2\" audioSamplingRate=\"24000\">\n"
        "    <AudioChannelConfiguration schemeIdUri=\"urn:mpeg:dash:23003:3:audio_channel_configuration:2011\" value=\"1\"/>\n"
        "    <SegmentTemplate timescale=\"24000\" initialization=\"$RepresentationID$/init.mp4\" media=\"$RepresentationID$/$Number$.m4s\" startNumber=\"0\">\n"
        "     <SegmentTimeline>\n      <S t=\"0\" d=\"96000\" r=\"1\"/>\n      <S d=\"12000\"/>\n     </SegmentTimeline>\n    </SegmentTemplate>\n"
        "   </Representation>\n"
        "   <Representation id=\"audio-high\" bandwidth=\"64000\" codecs=\"mp4a.40.2\" audioSamplingRate=\"48000\">\n"
        "    <AudioChannelConfiguration schemeIdUri=\"urn:mpeg:dash:23003:3:audio_channel_configuration:2011\" value=\"2\"/>\n"
        "    <SegmentTemplate timescale=\"48000\" initialization=\"$RepresentationID$/init.mp4\" media=\"$RepresentationID$/$Number$.m4s\" startNumber=\"0\">\n"
        "     <SegmentTimeline>\n      <S t=\"0\" d=\"192000\" r=\"1\"/>\n     </SegmentTimeline>\n    </SegmentTemplate>\n"
        "   </Representation>\n"
        "  </AdaptationSet>\n"
        "  <AdaptationSet id=\"2\" contentType=\"audio\" mimeType=\"audio/mp4\" lang=\"vi\" segmentAlignment=\"true\" startWithSAP=\"1\">\n"
        "   <Label>Tiếng Việt</Label>\n   <Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"dub\"/>\n"
        "   <SegmentTemplate timescale=\"24000\" initialization=\"$RepresentationID$/init.mp4\" media=\"$RepresentationID$/$Number$.m4s\" startNumber=\"0\">\n"
        "    <SegmentTimeline>\n     <S t=\"0\" d=\"96000\" r=\"1\"/>\n    </SegmentTimeline>\n   </SegmentTemplate>\n"
        "   <Representation id=\"audio-low-vi\" bandwidth=\"32000\" codecs=\"mp4a.40.2\" audioSamplingRate=\"24000\">\n"
        "    <AudioChannelConfiguration schemeIdUri=\"urn:mpeg:dash:23003:3:audio_channel_configuration:2011\" value=\"1\"/>\n"
        "   </Representation>\n"
        "  </AdaptationSet>\n"
        " </Period>\n</MPD>\n");
    // clang-format on
    text_release(&out);
    ladder_release(&ladder);
}

static void captions_and_small_pictures_are_sets_too(void **state)
{
    (void)state;
    static const struct thumbnails thumbnails
        = { .width = 160, .height = 90, .columns = 5, .rows = 4, .interval_ms = 2000, .count = 4 };
    static const char *const captions[] = { "ja" };
    struct ladder ladder;
    struct media_offer offer;
    struct text out;
    ladder_make(&ladder);
    text_init(&out, 10000);
    media_offer_make(&ladder.tables[LADDER_SOUND], 1, "en", captions, 1, &offer);
    dash_write_manifest(&offer, &thumbnails, &out);
    const char *from = strstr(out.bytes, "  <AdaptationSet id=\"1\"");
    assert_non_null(from);
    // clang-format off
    assert_string_equal(from,
        "  <AdaptationSet id=\"1\" contentType=\"text\" mimeType=\"text/vtt\" lang=\"ja\">\n"
        "   <Label>日本語</Label>\n   <Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"subtitle\"/>\n"
        "   <Representation id=\"captions-ja\" bandwidth=\"1000\">\n    <BaseURL>captions/ja.vtt</BaseURL>\n   </Representation>\n"
        "  </AdaptationSet>\n"
        "  <AdaptationSet id=\"2\" contentType=\"image\" mimeType=\"image/jpeg\">\n"
        "   <SegmentTemplate media=\"thumbnails-$Number$.jpg\" timescale=\"1000\" duration=\"40000\" startNumber=\"0\"/>\n"
        "   <Representation id=\"thumbnails\" bandwidth=\"5761\" width=\"800\" height=\"360\">\n"
        "    <EssentialProperty schemeIdUri=\"http://dashif.org/guidelines/thumbnail_tile\" value=\"5x4\"/>\n"
        "   </Representation>\n"
        "  </AdaptationSet>\n"
        " </Period>\n</MPD>\n");
    // clang-format on
    text_release(&out);
    ladder_release(&ladder);
}

static void hostile_words_stay_words(void **state)
{
    (void)state;
    static const char *const captions[] = { "<a&\">" };
    struct ladder ladder;
    struct media_offer offer;
    struct text out;
    ladder_make(&ladder);
    text_init(&out, 20000);
    media_offer_make(ladder.tables, LADDER_TABLES, "\"/><Evil x=\"&", captions, 1, &offer);
    dash_write_manifest(&offer, NULL, &out);
    assert_null(strstr(out.bytes, "<Evil"));
    assert_non_null(strstr(out.bytes, "lang=\"&quot;/&gt;&lt;Evil x=&quot;&amp;\""));
    assert_non_null(strstr(out.bytes, "captions/&lt;a&amp;&quot;&gt;.vtt"));
    text_release(&out);
    ladder_release(&ladder);
}

static void one_timeline_serves_pictures_of_the_same_ticks(void **state)
{
    (void)state;
    struct ladder ladder;
    struct media_offer offer;
    struct text out;
    size_t templates = 0;
    ladder_make(&ladder);
    text_init(&out, 20000);
    /* the stills and 240p */
    media_offer_make(&ladder.tables[LADDER_STILLS], 2, "en", NULL, 0, &offer);
    dash_write_manifest(&offer, NULL, &out);
    for (const char *at = out.bytes; (at = strstr(at, "<SegmentTemplate")); at++)
        templates++;
    assert_int_equal(templates, 1);
    assert_non_null(strstr(out.bytes, "startWithSAP=\"1\">\n   <SegmentTemplate"));
    text_release(&out);
    ladder_release(&ladder);
}

static void what_differs_is_not_said_to_be_aligned(void **state)
{
    (void)state;
    struct ladder ladder;
    struct media_offer offer;
    struct text out;
    ladder_make(&ladder);
    text_init(&out, 20000);
    ladder.tables[LADDER_240P].segments[0].duration_ticks += 180;
    ladder.tables[LADDER_240P].segments[1].start_ticks += 180;
    ladder.tables[LADDER_720P].independent = false;
    media_offer_make(ladder.tables, LADDER_STILLS + 2, "en", NULL, 0, &offer);
    dash_write_manifest(&offer, NULL, &out);
    assert_null(strstr(out.bytes, "segmentAlignment"));
    assert_null(strstr(out.bytes, "startWithSAP"));
    text_release(&out);
    ladder_release(&ladder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_manifest_says_the_same_as_the_playlists),
        cmocka_unit_test(captions_and_small_pictures_are_sets_too),
        cmocka_unit_test(hostile_words_stay_words),
        cmocka_unit_test(one_timeline_serves_pictures_of_the_same_ticks),
        cmocka_unit_test(what_differs_is_not_said_to_be_aligned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
