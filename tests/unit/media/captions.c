#include "media/captions.h"
#include "media/finding.h"

#include "../unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n"

struct story {
    const char *story, *in, *out;
    const char *repairs; /* "code:line code:line*count" */
};

static void write_repairs(const struct caption_repairs *repairs, char *ret_text, size_t room)
{
    size_t used = 0, i;
    json_t *list = caption_repairs_json(repairs), *repair;
    ret_text[0] = '\0';
    json_array_foreach(list, i, repair)
    {
        json_int_t count = json_integer_value(json_object_get(repair, "count"));
        used += (size_t)snprintf(ret_text + used, room - used, "%s%s:%lld", i > 0 ? " " : "",
            json_string_value(json_object_get(repair, "code")),
            (long long)json_integer_value(json_object_get(repair, "line")));
        if (count > 1)
            used += (size_t)snprintf(ret_text + used, room - used, "*%lld", (long long)count);
    }
    json_decref(list);
}

static bool read_captions(
    const char *in, size_t count, struct captions *ret_captions, struct problem *problem)
{
    struct captions_file file
        = { .bytes = in, .count = count, .language = "en", .duration_ms = 18000000 };
    return captions_clean(&file, ret_captions, problem);
}

static void check(const struct story *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct captions captions;
        struct problem problem = { 0 };
        char repairs[500];
        if (!read_captions(cases[i].in, strlen(cases[i].in), &captions, &problem))
            fail_msg("%s: refused: %s", cases[i].story, problem.detail);
        if (strncmp(captions.vtt, HEAD, strlen(HEAD)) != 0
            || strcmp(captions.vtt + strlen(HEAD), cases[i].out) != 0)
            fail_msg("%s: got\n%s", cases[i].story, captions.vtt);
        write_repairs(&captions.repairs, repairs, sizeof repairs);
        if (strcmp(repairs, cases[i].repairs) != 0)
            fail_msg("%s: told '%s'", cases[i].story, repairs);
        assert_int_equal(captions.vtt_count, strlen(captions.vtt));
        captions_release(&captions);
    }
}

static void srt_becomes_vtt(void **state)
{
    (void)state;
    static const struct story cases[] = {
        { "plain",
            "1\n00:00:01,000 --> 00:00:02,500\nHello\n\n2\n00:00:03,000 --> "
            "00:00:04,000\nAgain\nand again\n",
            "00:00:01.000 --> 00:00:02.500\nHello\n\n00:00:03.000 --> 00:00:04.000\nAgain\nand "
            "again\n\n",
            "" },
        { "byte order mark and CR LF",
            "\xef\xbb\xbf"
            "1\r\n00:00:01,000 --> 00:00:02,000\r\nHello\r\n\r\n",
            "00:00:01.000 --> 00:00:02.000\nHello\n\n", "" },
        { "CR alone", "1\r00:00:01,000 --> 00:00:02,000\rHello\r",
            "00:00:01.000 --> 00:00:02.000\nHello\n\n", "line-ends:1*2" },
        { "hours and numbers missing", "00:01,5 --> 00:02,000\nHello\n",
            "00:00:01.500 --> 00:00:02.000\nHello\n\n",
            "hours-missing:1 fraction-short:1 number-missing:1" },
        { "seventy-five minutes", "75:00.000 --> 75:01.000\nHello\n",
            "01:15:00.000 --> 01:15:01.000\nHello\n\n", "header-missing:1" },
        { "no thousandths", "1\n00:00:01 --> 00:00:02\nHello\n",
            "00:00:01.000 --> 00:00:02.000\nHello\n\n", "fraction-short:2" },
        { "blank lines missing",
            "1\n00:00:01,000 --> 00:00:02,000\nOne\n2\n00:00:03,000 --> 00:00:04,000\nTwo\n",
            "00:00:01.000 --> 00:00:02.000\nOne\n\n00:00:03.000 --> 00:00:04.000\nTwo\n\n",
            "blank-line-missing:4" },
        { "a number that is text",
            "1\n00:00:01,000 --> 00:00:02,000\n1955\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo\n",
            "00:00:01.000 --> 00:00:02.000\n1955\n\n00:00:03.000 --> 00:00:04.000\nTwo\n\n", "" },
        { "a blank line inside",
            "1\n00:00:01,000 --> 00:00:02,000\nOne\n\nmore\n\n2\n00:00:03,000 --> "
            "00:00:04,000\nTwo\n",
            "00:00:01.000 --> 00:00:02.000\nOne\nmore\n\n00:00:03.000 --> 00:00:04.000\nTwo\n\n",
            "blank-line-inside:5" },
        { "old coordinates", "1\n00:00:01,000 --> 00:00:02,000 X1:10 X2:20 Y1:1 Y2:2\nHello\n",
            "00:00:01.000 --> 00:00:02.000\nHello\n\n", "setting-dropped:2*4" },
        { "ends before it begins", "1\n00:00:05,000 --> 00:00:03,000\nHello\n",
            "00:00:05.000 --> 00:00:07.000\nHello\n\n", "end-before-start:2" },
        { "out of order",
            "1\n00:00:05,000 --> 00:00:06,000\nB\n\n2\n00:00:01,000 --> 00:00:02,000\nA\n",
            "00:00:01.000 --> 00:00:02.000\nA\n\n00:00:05.000 --> 00:00:06.000\nB\n\n",
            "out-of-order:6" },
        { "overlapping",
            "1\n00:00:01,000 --> 00:00:09,000\nA\n\n2\n00:00:02,000 --> 00:00:03,000\nB\n",
            "00:00:01.000 --> 00:00:09.000\nA\n\n00:00:02.000 --> 00:00:03.000\nB\n\n", "" },
        { "an empty one is left out",
            "1\n00:00:01,000 --> 00:00:02,000\n\n2\n00:00:03,000 --> 00:00:04,000\nB\n",
            "00:00:03.000 --> 00:00:04.000\nB\n\n", "empty:2" },
        { "formatting",
            "1\n00:00:01,000 --> 00:00:02,000\n<font color=\"#ff0000\"><i>Hi</i></font> "
            "{\\an8}there\n",
            "00:00:01.000 --> 00:00:02.000\n<i>Hi</i> there\n\n", "" },
    };
    check(cases, COUNT_OF(cases));
}

static void vtt_is_cleaned(void **state)
{
    (void)state;
    static const struct story cases[] = {
        { "header, notes, styles and names",
            "WEBVTT - a title\nKind: captions\n\nNOTE\nnot shown\n\nSTYLE\n::cue { color: red "
            "}\n\nREGION\nid:x\n\n"
            "intro\n00:01.000 --> 00:02.000 align:start position:10%\nHello\n\n",
            "00:00:01.000 --> 00:00:02.000 align:start position:10%\nHello\n\n", "" },
        { "another map of times is ours",
            "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n00:01.000 --> "
            "00:02.000\nHello\n",
            "00:00:01.000 --> 00:00:02.000\nHello\n\n", "" },
        { "unknown settings",
            "WEBVTT\n\n00:01.000 --> 00:02.000 line:90% onclick:x \"y\" region:r\nHello\n",
            "00:00:01.000 --> 00:00:02.000 line:90%\nHello\n\n", "setting-dropped:3*3" },
        { "voices and classes",
            "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ms. Tanaka><c.loud>Yes</c></v> <lang "
            "mn>Тийм</lang>\n",
            "00:00:01.000 --> 00:00:02.000\n<v Ms. Tanaka><c.loud>Yes</c></v> <lang "
            "mn>Тийм</lang>\n\n",
            "" },
        { "karaoke", "WEBVTT\n\n00:01.000 --> 00:03.000\nOne <00:00:02.000>two\n",
            "00:00:01.000 --> 00:00:03.000\nOne two\n\n", "" },
        { "references", "WEBVTT\n\n00:01.000 --> 00:03.000\nA &amp; B & C &lt;d&gt; &copy;\n",
            "00:00:01.000 --> 00:00:03.000\nA &amp; B &amp; C &lt;d&gt; &amp;copy;\n\n", "" },
        { "left open", "WEBVTT\n\n00:01.000 --> 00:03.000\n<b><i>Hi</b>\n",
            "00:00:01.000 --> 00:00:03.000\n<b><i>Hi</i></b>\n\n", "" },
    };
    check(cases, COUNT_OF(cases));
}

static void no_tag_becomes_a_script(void **state)
{
    (void)state;
    static const struct story cases[] = {
        { "script", "1\n00:00:01,000 --> 00:00:02,000\n<script>alert(1)</script>\n",
            "00:00:01.000 --> 00:00:02.000\n&lt;script&gt;alert(1)&lt;/script&gt;\n\n",
            "text-cleaned:2" },
        { "picture with a handler",
            "1\n00:00:01,000 --> 00:00:02,000\n<img src=x onerror=alert(1)>\n",
            "00:00:01.000 --> 00:00:02.000\n&lt;img src=x onerror=alert(1)&gt;\n\n",
            "text-cleaned:2" },
        { "a handler on a kept tag",
            "1\n00:00:01,000 --> 00:00:02,000\n<b onclick=alert(1)>x</b>\n",
            "00:00:01.000 --> 00:00:02.000\n<b>x</b>\n\n", "" },
        { "markup in a voice", "1\n00:00:01,000 --> 00:00:02,000\n<v \"&\" onload=x>y</v>\n",
            "00:00:01.000 --> 00:00:02.000\n<v \"&amp;\" onload=x>y</v>\n\n", "" },
        { "a language that is none", "1\n00:00:01,000 --> 00:00:02,000\n<lang \"><script>>y\n",
            "00:00:01.000 --> 00:00:02.000\n&lt;script&gt;&gt;y\n\n", "text-cleaned:2" },
        { "nested brackets", "1\n00:00:01,000 --> 00:00:02,000\n<<b>script>\n",
            "00:00:01.000 --> 00:00:02.000\n&lt;<b>script&gt;</b>\n\n", "text-cleaned:2" },
        { "an arrow in the text", "1\n00:00:01,000 --> 00:00:02,000\na -- > b < c\n",
            "00:00:01.000 --> 00:00:02.000\na -- &gt; b &lt; c\n\n", "text-cleaned:2" },
        { "an arrow made of a class", "WEBVTT\n\n00:01.000 --> 00:02.000\n<c.x-->y</c>\n",
            "00:00:01.000 --> 00:00:02.000\n<c.x>y</c>\n\n", "" },
        { "a line that would be blank, and end the cue",
            "1\n00:00:01,000 --> 00:00:02,000\na \n\x0e\nNOTE b\n",
            "00:00:01.000 --> 00:00:02.000\na\nNOTE b\n\n", "text-cleaned:4 blank-line-inside:5" },
        { "an arrow in the text, whole", "1\n00:00:01,000 --> 00:00:02,000\nfrom A --> to B\n",
            "00:00:01.000 --> 00:00:02.000\nfrom A --&gt; to B\n\n", "" },
        { "a control character", "1\n00:00:01,000 --> 00:00:02,000\na\x01\x1b[31mb\n",
            "00:00:01.000 --> 00:00:02.000\na[31mb\n\n", "text-cleaned:3" },
    };
    check(cases, COUNT_OF(cases));
}

#define CUE_A "00:00:01.000 --> 00:00:02.000\nA\n\n"
#define CUE_B "00:00:03.000 --> 00:00:04.000\nB\n\n"

static void what_is_wrong_is_mended_and_told(void **state)
{
    (void)state;
    // clang-format off
    static const struct story cases[] = {
        { "no header", "00:01.000 --> 00:02.000\nA\n\n00:03.000 --> 00:04.000\nB\n", CUE_A CUE_B, "header-missing:1" },
        { "no header, but a note", "NOTE x\n\n00:01.000 --> 00:02.000 align:start\nA\n",
            "00:00:01.000 --> 00:00:02.000 align:start\nA\n\n", "header-missing:1" },
        { "a header in small letters", "WebVTT\n\n00:01.000 --> 00:02.000\nA\n", CUE_A, "header-wrong:1" },
        { "a header below blank lines", "\n\nWEBVTT\n\n00:01.000 --> 00:02.000\nA\n", CUE_A, "header-wrong:3" },
        { "commas in WebVTT", "WEBVTT\n\n00:00:01,000 --> 00:00:02,000\nA\n\n00:03,000 --> 00:04,000\nB\n", CUE_A CUE_B,
            "comma-for-point:3*2" },
        { "points in SubRip", "1\n00:00:01.000 --> 00:00:02.000\nA\n\n2\n00:00:03.000 --> 00:00:04.000\nB\n", CUE_A CUE_B,
            "point-for-comma:2*2" },
        { "no hours in SubRip", "1\n00:01,000 --> 00:02,000\nA\n", CUE_A, "hours-missing:2" },
        { "an en dash", "1\n00:00:01,000 \xe2\x80\x93> 00:00:02,000\nA\n", CUE_A, "arrow-wrong:2" },
        { "a short arrow", "1\n00:00:01,000 -> 00:00:02,000\nA\n", CUE_A, "arrow-wrong:2" },
        { "a real arrow", "1\n00:00:01,000 \xe2\x86\x92 00:00:02,000\nA\n", CUE_A, "arrow-wrong:2" },
        { "numbers twice", "1\n00:00:01,000 --> 00:00:02,000\nA\n\n1\n00:00:03,000 --> 00:00:04,000\nB\n", CUE_A CUE_B,
            "number-wrong:5" },
        { "numbers from 0", "0\n00:00:01,000 --> 00:00:02,000\nA\n\n1\n00:00:03,000 --> 00:00:04,000\nB\n", CUE_A CUE_B, "" },
        { "a number apart from its times", "1\n\n00:00:01,000 --> 00:00:02,000\nA\n", CUE_A, "" },
        { "a number that is text behind a blank line", "1\n00:00:01,000 --> 00:00:02,000\n\n1955\nwas it\n",
            "00:00:01.000 --> 00:00:02.000\n1955\nwas it\n\n", "" },
        { "no blank line in WebVTT", "WEBVTT\n\n1\n00:01.000 --> 00:02.000\nA\n2\n00:03.000 --> 00:04.000\nB\n", CUE_A CUE_B,
            "blank-line-missing:6" },
        { "a short overlap", "1\n00:00:01,000 --> 00:00:03,200\nA\n\n2\n00:00:03,000 --> 00:00:04,000\nB\n",
            "00:00:01.000 --> 00:00:03.000\nA\n\n" CUE_B, "overlap-cut:2" },
        { "a short overlap of WebVTT is meant", "WEBVTT\n\n00:01.000 --> 00:03.200\nA\n\n00:03.000 --> 00:04.000\nB\n",
            "00:00:01.000 --> 00:00:03.200\nA\n\n" CUE_B, "" },
        { "prose before", "Captions by me\nand her\n\n1\n00:00:01,000 --> 00:00:02,000\nA\n", CUE_A, "text-outside:1" },
        { "a block without times", "WEBVTT\n\nfoo\nbar\nbaz\n\n00:01.000 --> 00:02.000\nA\n", CUE_A, "text-outside:3" },
        { "a cue behind the end", "1\n00:00:01,000 --> 00:00:02,000\nA\n\n2\n05:00:00,000 --> 05:00:01,000\nB\n", CUE_A,
            "beyond-end:6" },
        { "a cue across the end", "1\n04:59:59,000 --> 05:00:03,000\nA\n", "04:59:59.000 --> 05:00:00.000\nA\n\n", "cut-at-end:2" },
        { "a cue barely across the end", "1\n04:59:59,000 --> 05:00:00,300\nA\n", "04:59:59.000 --> 05:00:00.000\nA\n\n", "" },
        { "slightly backward", "1\n00:00:03,000 --> 00:00:04,000\nB\n\n2\n00:00:01,000 --> 00:00:02,000\nA\n", CUE_A CUE_B,
            "out-of-order:6" },
        { "Ctrl-Z", "1\n00:00:01,000 --> 00:00:02,000\nA\n\x1a", CUE_A, "trailing-garbage:3" },
    };
    // clang-format on
    check(cases, COUNT_OF(cases));
}

static void other_forms_are_read(void **state)
{
    (void)state;
    // clang-format off
    static const struct story cases[] = {
        { "SubViewer", "0:00:01.000,0:00:02.000\nA\n\n0:00:03.000,0:00:04.000\nB\n", CUE_A CUE_B, "" },
        { "Advanced SubStation",
            "[Script Info]\nTitle: x\n\n[V4+ Styles]\nFormat: Name\nStyle: Default\n\n[Events]\n"
            "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
            "Comment: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,hidden\n"
            "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,B\n"
            "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\pos(1,2)}{\\i1}A, a{\\i0}\\NB < C & D{\\p1}m 0 0 l 1 1{\\p0}\n",
            "00:00:01.000 --> 00:00:02.000\n<i>A, a</i>\nB &lt; C &amp; D\n\n" CUE_B, "" },
        { "SubStation with its fields in another order", "[Events]\nFormat: Start, End, Text\nDialogue: 0:00:01.00, 0:00:02.00,A\n",
            CUE_A, "" },
    };
    // clang-format on
    check(cases, COUNT_OF(cases));
}

static void refused(const char *in, size_t count, const char *word)
{
    struct captions captions;
    struct problem problem = { 0 };
    if (read_captions(in, count, &captions, &problem))
        fail_msg("taken, where '%s' was expected:\n%s", word, captions.vtt);
    assert_int_equal(problem.kind, PROBLEM_CAPTIONS_REFUSED);
    if (!strstr(problem.detail, word))
        fail_msg("'%s' is not in: %s", word, problem.detail);
    assert_int_not_equal(finding_of_problem(&problem).code, FINDING_NONE);
}

static void what_cannot_be_read_is_refused_by_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *in, *word;
    } cases[] = {
        { "", "not a caption file" },
        { "Dear colleagues,\n", "not a caption file" },
        { "WEBVTT\n\n", "no captions" },
        { "1\n00:00:01,000 --> 00:00:02,000\n\n", "no captions" },
        { "1\n00:00:01,000 --> 00:00:02,000\nA\n\n2\n00:00:61,000 --> 00:01:02,000\nB\n",
            "Line 6 " },
        { "1\n00:61:01,000 --> 01:02:02,000\nA\n", "Line 2 " },
        { "1\n00:00:01,000 -->\nA\n", "Line 2 " },
        { "1\n --> 00:00:01,000\nA\n", "Line 2 " },
        { "1\n00:00:01,000 --> soon\nA\n", "Line 2 " },
        { "1\n00:00:01,000 x --> 00:00:02,000\nA\n", "Line 2 " },
        { "1\n00:00:01,000 --> 00:00:02,0000\nA\n", "Line 2 " },
        { "1\n999:00:00,000 --> 999:00:01,000\nA\n", "Line 2 " },
        { "1\n99999999999:00:00,000 --> 1:0:1,000\nA\n", "Line 2 " },
        { "1\n00:00:01,000 --> 00:00:02,000\nA\nB\x81"
          "C\n",
            "Line 4 is not text" },
        { "1\n00:00:01,000 --> 00:00:02,000\r\nA\r\n\xff\x81\r\n", "Line 4 is not text" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        refused(cases[i].in, strlen(cases[i].in), cases[i].word);
    static const char nul[] = "1\n00:00:01,000 --> 00:00:02,000\nA\0B\n";
    refused(nul, sizeof nul - 1, "Line 3 is not text");
    static const char half[] = "\xff\xfe"
                               "1\0\n\0\x00\xd8";
    refused(half, sizeof half - 1, "Line 2 is not text");
    static const char odd[] = "\xff\xfe"
                              "1\0\n\0x";
    refused(odd, sizeof odd - 1, "Line 2 is not text");
}

static void sizes_are_bounded(void **state)
{
    (void)state;
    size_t count = 0, room = (size_t)(CAPTION_CUES_MAX + 1) * 48;
    char *many = malloc(room);
    assert_non_null(many);
    for (int i = 0; i <= CAPTION_CUES_MAX; i++)
        count += (size_t)snprintf(many + count, room - count,
            "%02d:%02d:%02d,000 --> 09:00:00,000\nA\n\n", i / 3600, i / 60 % 60, i % 60);
    refused(many, count, "at most 20000");
    count = (size_t)snprintf(many, room, "00:01.000 --> 00:02.000\n");
    for (int i = 0; i < 500; i++)
        count += (size_t)snprintf(many + count, room - count, "a line of text\n");
    refused(many, count, "at most 4096 bytes");
    free(many);
}

static void facts_tell_what_is_there(void **state)
{
    (void)state;
    static const char in[]
        = "1\n00:00:01,000 --> 00:00:09,000\nA\n\n2\n00:00:02,000 --> 00:00:03,000\nB\n\n"
          "3\n00:00:04,000 --> 00:00:01,000\nC\n";
    struct captions captions;
    struct problem problem = { 0 };
    assert_true(read_captions(in, sizeof in - 1, &captions, &problem));
    assert_int_equal(captions.cue_count, 3);
    assert_int_equal(captions.last_end_ms, 9000);
    assert_int_equal(captions.repairs.total, 1);
    assert_string_equal(captions.encoding, "UTF-8");
    assert_string_equal(captions.form, "subrip");
    json_t *told = caption_repairs_json(&captions.repairs);
    const json_t *first = json_array_get(told, 0);
    assert_string_equal(json_string_value(json_object_get(first, "code")), "end-before-start");
    assert_int_equal(json_integer_value(json_object_get(first, "line")), 10);
    assert_string_equal(json_string_value(json_object_get(first, "sentence")),
        "Line 10: this caption ended before it began, and is shown for two seconds.");
    json_decref(told);
    captions_release(&captions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(srt_becomes_vtt),
        cmocka_unit_test(vtt_is_cleaned),
        cmocka_unit_test(no_tag_becomes_a_script),
        cmocka_unit_test(what_is_wrong_is_mended_and_told),
        cmocka_unit_test(other_forms_are_read),
        cmocka_unit_test(what_cannot_be_read_is_refused_by_its_line),
        cmocka_unit_test(sizes_are_bounded),
        cmocka_unit_test(facts_tell_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
