#include "media/captions.h"

#include "../unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n"

struct story {
    const char *story, *in, *out;
    size_t repaired;
};

static void check(const struct story *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *vtt = NULL;
        size_t length = 0;
        struct captions_facts facts;
        struct problem problem = { 0 };
        if (!captions_to_vtt(cases[i].in, strlen(cases[i].in), &vtt, &length, &facts, &problem))
            fail_msg("%s: refused: %s", cases[i].story, problem.detail);
        if (strncmp(vtt, HEAD, strlen(HEAD)) != 0 || strcmp(vtt + strlen(HEAD), cases[i].out) != 0)
            fail_msg("%s: got\n%s", cases[i].story, vtt);
        if (facts.repaired_count != cases[i].repaired)
            fail_msg("%s: %zu repaired", cases[i].story, facts.repaired_count);
        assert_int_equal(length, strlen(vtt));
        free(vtt);
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
            0 },
        { "byte order mark and CR LF",
            "\xef\xbb\xbf"
            "1\r\n00:00:01,000 --> 00:00:02,000\r\nHello\r\n\r\n",
            "00:00:01.000 --> 00:00:02.000\nHello\n\n", 0 },
        { "CR alone", "1\r00:00:01,000 --> 00:00:02,000\rHello\r",
            "00:00:01.000 --> 00:00:02.000\nHello\n\n", 0 },
        { "hours and numbers missing", "00:01,5 --> 00:02,000\nHello\n",
            "00:00:01.500 --> 00:00:02.000\nHello\n\n", 0 },
        { "seventy-five minutes", "75:00.000 --> 75:01.000\nHello\n",
            "01:15:00.000 --> 01:15:01.000\nHello\n\n", 0 },
        { "no thousandths", "1\n00:00:01 --> 00:00:02\nHello\n",
            "00:00:01.000 --> 00:00:02.000\nHello\n\n", 0 },
        { "blank lines missing",
            "1\n00:00:01,000 --> 00:00:02,000\nOne\n2\n00:00:03,000 --> 00:00:04,000\nTwo\n",
            "00:00:01.000 --> 00:00:02.000\nOne\n\n00:00:03.000 --> 00:00:04.000\nTwo\n\n", 0 },
        { "a number that is text",
            "1\n00:00:01,000 --> 00:00:02,000\n1955\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo\n",
            "00:00:01.000 --> 00:00:02.000\n1955\n\n00:00:03.000 --> 00:00:04.000\nTwo\n\n", 0 },
        { "a blank line inside",
            "1\n00:00:01,000 --> 00:00:02,000\nOne\n\nmore\n\n2\n00:00:03,000 --> "
            "00:00:04,000\nTwo\n",
            "00:00:01.000 --> 00:00:02.000\nOne\nmore\n\n00:00:03.000 --> 00:00:04.000\nTwo\n\n",
            0 },
        { "old coordinates", "1\n00:00:01,000 --> 00:00:02,000 X1:10 X2:20 Y1:1 Y2:2\nHello\n",
            "00:00:01.000 --> 00:00:02.000\nHello\n\n", 0 },
        { "ends before it begins", "1\n00:00:05,000 --> 00:00:03,000\nHello\n",
            "00:00:05.000 --> 00:00:07.000\nHello\n\n", 1 },
        { "out of order",
            "1\n00:00:05,000 --> 00:00:06,000\nB\n\n2\n00:00:01,000 --> 00:00:02,000\nA\n",
            "00:00:01.000 --> 00:00:02.000\nA\n\n00:00:05.000 --> 00:00:06.000\nB\n\n", 1 },
        { "overlapping",
            "1\n00:00:01,000 --> 00:00:09,000\nA\n\n2\n00:00:02,000 --> 00:00:03,000\nB\n",
            "00:00:01.000 --> 00:00:09.000\nA\n\n00:00:02.000 --> 00:00:03.000\nB\n\n", 0 },
        { "an empty one is left out",
            "1\n00:00:01,000 --> 00:00:02,000\n\n2\n00:00:03,000 --> 00:00:04,000\nB\n",
            "00:00:03.000 --> 00:00:04.000\nB\n\n", 0 },
        { "formatting",
            "1\n00:00:01,000 --> 00:00:02,000\n<font color=\"#ff0000\"><i>Hi</i></font> "
            "{\\an8}there\n",
            "00:00:01.000 --> 00:00:02.000\n<i>Hi</i> there\n\n", 0 },
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
            "00:00:01.000 --> 00:00:02.000 align:start position:10%\nHello\n\n", 0 },
        { "another map of times is ours",
            "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n00:01.000 --> "
            "00:02.000\nHello\n",
            "00:00:01.000 --> 00:00:02.000\nHello\n\n", 0 },
        { "unknown settings",
            "WEBVTT\n\n00:01.000 --> 00:02.000 line:90% onclick:x \"y\" region:r\nHello\n",
            "00:00:01.000 --> 00:00:02.000 line:90%\nHello\n\n", 0 },
        { "voices and classes",
            "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ms. Tanaka><c.loud>Yes</c></v> <lang "
            "mn>Тийм</lang>\n",
            "00:00:01.000 --> 00:00:02.000\n<v Ms. Tanaka><c.loud>Yes</c></v> <lang "
            "mn>Тийм</lang>\n\n",
            0 },
        { "karaoke", "WEBVTT\n\n00:01.000 --> 00:03.000\nOne <00:00:02.000>two\n",
            "00:00:01.000 --> 00:00:03.000\nOne two\n\n", 0 },
        { "references", "WEBVTT\n\n00:01.000 --> 00:03.000\nA &amp; B & C &lt;d&gt; &copy;\n",
            "00:00:01.000 --> 00:00:03.000\nA &amp; B &amp; C &lt;d&gt; &amp;copy;\n\n", 0 },
        { "left open", "WEBVTT\n\n00:01.000 --> 00:03.000\n<b><i>Hi</b>\n",
            "00:00:01.000 --> 00:00:03.000\n<b><i>Hi</i></b>\n\n", 0 },
    };
    check(cases, COUNT_OF(cases));
}

static void no_tag_becomes_a_script(void **state)
{
    (void)state;
    static const struct story cases[] = {
        { "script", "1\n00:00:01,000 --> 00:00:02,000\n<script>alert(1)</script>\n",
            "00:00:01.000 --> 00:00:02.000\n&lt;script&gt;alert(1)&lt;/script&gt;\n\n", 1 },
        { "picture with a handler",
            "1\n00:00:01,000 --> 00:00:02,000\n<img src=x onerror=alert(1)>\n",
            "00:00:01.000 --> 00:00:02.000\n&lt;img src=x onerror=alert(1)&gt;\n\n", 1 },
        { "a handler on a kept tag",
            "1\n00:00:01,000 --> 00:00:02,000\n<b onclick=alert(1)>x</b>\n",
            "00:00:01.000 --> 00:00:02.000\n<b>x</b>\n\n", 0 },
        { "markup in a voice", "1\n00:00:01,000 --> 00:00:02,000\n<v \"&\" onload=x>y</v>\n",
            "00:00:01.000 --> 00:00:02.000\n<v \"&amp;\" onload=x>y</v>\n\n", 0 },
        { "a language that is none", "1\n00:00:01,000 --> 00:00:02,000\n<lang \"><script>>y\n",
            "00:00:01.000 --> 00:00:02.000\n&lt;script&gt;&gt;y\n\n", 1 },
        { "nested brackets", "1\n00:00:01,000 --> 00:00:02,000\n<<b>script>\n",
            "00:00:01.000 --> 00:00:02.000\n&lt;<b>script&gt;</b>\n\n", 1 },
        { "an arrow in the text", "1\n00:00:01,000 --> 00:00:02,000\na -- > b < c\n",
            "00:00:01.000 --> 00:00:02.000\na -- &gt; b &lt; c\n\n", 1 },
        { "an arrow made of a class", "WEBVTT\n\n00:01.000 --> 00:02.000\n<c.x-->y</c>\n",
            "00:00:01.000 --> 00:00:02.000\n<c.x>y</c>\n\n", 0 },
        { "a line that would be blank, and end the cue",
            "1\n00:00:01,000 --> 00:00:02,000\na \n\x0e\nNOTE b\n",
            "00:00:01.000 --> 00:00:02.000\na\nNOTE b\n\n", 1 },
        { "an arrow in the text, whole", "1\n00:00:01,000 --> 00:00:02,000\nfrom A --> to B\n",
            "00:00:01.000 --> 00:00:02.000\nfrom A --&gt; to B\n\n", 0 },
        { "a control character", "1\n00:00:01,000 --> 00:00:02,000\na\x01\x1b[31mb\n",
            "00:00:01.000 --> 00:00:02.000\na[31mb\n\n", 1 },
    };
    check(cases, COUNT_OF(cases));
}

static void utf16_is_converted(void **state)
{
    (void)state;
    static const char text[] = "1\n00:00:01,000 --> 00:00:02,000\nA\n";
    char wide[2][200];
    size_t count = 0;
    wide[0][count] = '\xff', wide[1][count++] = '\xfe';
    wide[0][count] = '\xfe', wide[1][count++] = '\xff';
    for (const char *at = text; *at; at++) {
        wide[0][count] = *at, wide[1][count++] = 0;
        wide[0][count] = 0, wide[1][count++] = *at;
    }
    /* U+1F600 as a pair, in place of the last line's end */
    static const unsigned char pair[] = { 0xd8, 0x3d, 0xde, 0x00 };
    count -= 2;
    for (size_t i = 0; i < 4; i++) {
        wide[1][count + i] = (char)pair[i];
        wide[0][count + (i ^ 1)] = (char)pair[i];
    }
    count += 4;
    for (int i = 0; i < 2; i++) {
        char *vtt;
        size_t length;
        struct captions_facts facts;
        struct problem problem = { 0 };
        if (!captions_to_vtt(wide[i], count, &vtt, &length, &facts, &problem))
            fail_msg("%s", problem.detail);
        assert_string_equal(vtt, HEAD "00:00:01.000 --> 00:00:02.000\nA\xf0\x9f\x98\x80\n\n");
        free(vtt);
    }
}

static void refused(const char *in, size_t count, const char *word)
{
    char *vtt = NULL;
    size_t length;
    struct captions_facts facts;
    struct problem problem = { 0 };
    if (captions_to_vtt(in, count, &vtt, &length, &facts, &problem))
        fail_msg("taken, where '%s' was expected:\n%s", word, vtt);
    assert_int_equal(problem.kind, PROBLEM_CAPTIONS_REFUSED);
    if (!strstr(problem.detail, word))
        fail_msg("'%s' is not in: %s", word, problem.detail);
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
        { "1\n00:00:01,000 --> 00:00:02,000\nA\nB\xe9"
          "C\n",
            "Line 4 is not text" },
        { "1\n00:00:01,000 --> 00:00:02,000\r\nA\r\n\xed\xa0\x80\r\n", "Line 4 is not text" },
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
    char *vtt;
    size_t length;
    struct captions_facts facts;
    struct problem problem = { 0 };
    assert_true(captions_to_vtt(in, sizeof in - 1, &vtt, &length, &facts, &problem));
    assert_int_equal(facts.cue_count, 3);
    assert_int_equal(facts.last_end_ms, 9000);
    assert_int_equal(facts.repaired_count, 1);
    free(vtt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(srt_becomes_vtt),
        cmocka_unit_test(vtt_is_cleaned),
        cmocka_unit_test(no_tag_becomes_a_script),
        cmocka_unit_test(utf16_is_converted),
        cmocka_unit_test(what_cannot_be_read_is_refused_by_its_line),
        cmocka_unit_test(sizes_are_bounded),
        cmocka_unit_test(facts_tell_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
