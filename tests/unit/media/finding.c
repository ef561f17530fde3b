#include "media/finding.h"

#include "media/job_protocol.h"
#include "media/report.h"

#include "../unit.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static void sentences_are_made_of_parameters(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        struct finding finding;
        const char *sentence;
    } cases[] = {
        { "times are hours, minutes and seconds", { FINDING_CUT_OFF, { 2472999, 3723000 }, "" },
            "The file is cut off at 0:41:12 of 1:02:03." },
        { "short times have a decimal", { FINDING_SOUND_LATE, { 1550 }, "" },
            "The sound begins 1.6 s after the picture." },
        { "longer ones do not", { FINDING_KEY_FRAMES_FAR_APART, { 12300 }, "" },
            "Key frames are up to 12 s apart, too far to cut the video into short segments." },
        { "tenths may be negative", { FINDING_LOUDNESS, { -234, -160 }, "" },
            "The sound's loudness is -23.4 LUFS." },
        { "bits are counted in thousands", { FINDING_PICTURE_BITS_LOW, { 17600 }, "" },
            "The picture has only 18 kbit/s for its size." },
        { "a text", { FINDING_PICTURE_CODEC_UNKNOWN, { 0 }, "Cinepak" },
            "The picture is Cinepak, which this server cannot read." },
        { "languages", { FINDING_SEVERAL_SOUNDS, { 2 }, "en, ja" },
            "The file has several sound tracks (2): en, ja." },
        { "languages that the file does not name", { FINDING_SEVERAL_SOUNDS, { 2 }, "und" },
            "The file has several sound tracks (2): languages not named." },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char sentence[FINDING_SENTENCE_SIZE];
        finding_sentence(&cases[i].finding, sentence);
        if (strcmp(sentence, cases[i].sentence) != 0)
            fail_msg("%s: %s", cases[i].story, sentence);
    }
}

/* Each code is a code, has words, and its patterns name its own parameters only. */
static void the_table_holds_together(void **state)
{
    (void)state;
    for (int code = FINDING_NONE + 1; code < FINDING_COUNT; code++) {
        const struct finding_kind *kind = &finding_kinds[code];
        assert_non_null(kind->code);
        for (const char *at = kind->code; *at; at++)
            assert_true(islower((unsigned char)*at) || *at == '-');
        for (int other = FINDING_NONE + 1; other < code; other++)
            assert_string_not_equal(kind->code, finding_kinds[other].code);
        struct finding finding
            = { .code = (enum finding_code)code, .numbers = { 359999999, 359999999, 359999999 } };
        memset(finding.text, 'x', sizeof finding.text - 1);
        char sentence[FINDING_SENTENCE_SIZE];
        finding_sentence(&finding, sentence);
        assert_true(strlen(sentence) > 10 && !strpbrk(sentence, "{}"));
        for (const char *at = strchr(kind->sentence, '{'); at; at = strchr(at + 1, '{')) {
            char name[32];
            assert_int_equal(sscanf(at, "{%31[a-z_]", name), 1);
            bool known = kind->text && strcmp(kind->text, name) == 0;
            for (int i = 0; i < FINDING_NUMBERS_MAX && kind->numbers[i]; i++)
                known = known || strcmp(kind->numbers[i], name) == 0;
            if (!known)
                fail_msg("%s: {%s}", kind->code, name);
        }
    }
}

static void a_finding_survives_json(void **state)
{
    (void)state;
    for (int code = FINDING_NONE + 1; code < FINDING_COUNT; code++) {
        const struct finding_kind *kind = &finding_kinds[code];
        struct finding finding = { .code = (enum finding_code)code }, read;
        struct problem problem = { 0 };
        for (int i = 0; i < FINDING_NUMBERS_MAX && kind->numbers[i]; i++)
            finding.numbers[i] = -7 * (i + 1);
        if (kind->text)
            finding = finding_with(finding, "en, ja");
        json_t *json = finding_to_json(&finding);
        assert_true(finding_from_json(json, &read, &problem));
        assert_memory_equal(&read, &finding, sizeof read);
        json_decref(json);
    }
}

static void a_refusal_is_told_in_words_and_for_programs(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    assert_false(finding_refuse(
        &problem, (struct finding){ .code = FINDING_CUT_OFF, .numbers = { 1000, 60000 } }));
    assert_int_equal(problem.kind, PROBLEM_MEDIA_REFUSED);
    assert_string_equal(
        problem.detail, "The file is cut off at 0:00:01 of 0:01:00. Send the whole file again.");
    assert_string_equal(problem.particulars,
        "{\"code\":\"cut-off\",\"severity\":\"problem\",\"held_ms\":1000,\"promised_ms\":60000}");
    struct finding read = finding_of_problem(&problem);
    assert_int_equal(read.code, FINDING_CUT_OFF);
    assert_int_equal(read.numbers[1], 60000);
    /* The first cause stays. */
    assert_false(finding_refuse(&problem, (struct finding){ .code = FINDING_NO_LENGTH }));
    assert_int_equal(finding_of_problem(&problem).code, FINDING_CUT_OFF);
}

static void other_problems_have_findings_too(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    assert_false(finding_refuse_field(&problem, "offset_ms",
        (struct finding){ .code = FINDING_INTERPRETER_OUTSIDE, .numbers = { 60000 } }));
    assert_int_equal(problem.kind, PROBLEM_INVALID_FIELD);
    assert_string_equal(problem.field, "offset_ms");
    assert_int_equal(finding_of_problem(&problem).numbers[0], 60000);
    /* The first cause stays, and so does its field. */
    assert_false(
        finding_refuse_field(&problem, "language", (struct finding){ .code = FINDING_DAMAGED }));
    assert_string_equal(problem.field, "offset_ms");
}

static void a_stranger_s_text_becomes_a_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        { "Invalid data", "Invalid data" },
        { "two\nlines", "two lines" },
        { "\xff\xfe", "" },
        { "   ", "" },
        { "012345678901234567890123456789012345678901234567890123456789012\xc3\xa4",
            "012345678901234567890123456789012345678901234567890123456789012" },
        { "01234567890123456789012345678901234567890123456789012345678901\xc3\xa4",
            "01234567890123456789012345678901234567890123456789012345678901" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(
            finding_with((struct finding){ .code = FINDING_DAMAGED }, cases[i].text).text,
            cases[i].expected);
}

/* What a child tells at once must fit into a line of its pipe. */
static void the_longest_report_fits_into_a_line(void **state)
{
    (void)state;
    struct media_report report = { .finding_count = MEDIA_FINDINGS_MAX };
    size_t longest[MEDIA_FINDINGS_MAX] = { 0 };
    for (int code = FINDING_NONE + 1; code < FINDING_COUNT; code++) {
        struct finding finding = { .code = (enum finding_code)code,
            .numbers = { INT64_C(1) << 53, INT64_C(1) << 53, INT64_C(1) << 53 } };
        memset(finding.text, 'x', sizeof finding.text - 1);
        json_t *json = finding_to_json(&finding);
        size_t size = json_dumpb(json, NULL, 0, JSON_COMPACT);
        json_decref(json);
        int place = 0;
        for (int i = 1; i < MEDIA_FINDINGS_MAX; i++)
            if (longest[i] < longest[place])
                place = i;
        if (size > longest[place]) {
            longest[place] = size;
            report.findings[place] = finding;
        }
    }
    json_t *json = media_report_to_json(&report);
    assert_true(json_dumpb(json, NULL, 0, JSON_COMPACT) < JOB_LINE_BYTES_MAX - 1000);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_are_made_of_parameters),
        cmocka_unit_test(the_table_holds_together),
        cmocka_unit_test(a_finding_survives_json),
        cmocka_unit_test(a_refusal_is_told_in_words_and_for_programs),
        cmocka_unit_test(other_problems_have_findings_too),
        cmocka_unit_test(a_stranger_s_text_becomes_a_line),
        cmocka_unit_test(the_longest_report_fits_into_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
