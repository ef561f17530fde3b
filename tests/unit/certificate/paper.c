/* The paper: every script of the world that participants come from, and whatever a name may hold. */
#include "certificate/paper.h"
#include "certificate/paper_words.h"

#include "../unit.h"

#include <stdio.h>
#include <string.h>

static struct settings settings;

static int set_up(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    settings_init(&settings);
    assert_true(settings_set(&settings, "public-url", "https://lectures.example.org", &problem));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    settings_release(&settings);
    return 0;
}

static struct certificate made_for(const char *name, const char *language)
{
    struct certificate certificate = { .id = "0123456789ABCDEFGHJKMNPQRS",
        .host = "An International Foundation",
        .program = "Labour law, and its history",
        .cohort = "A country team",
        .lecture_count = 12,
        .content_ms = 30000000,
        .completed_on = "2026-11-27",
        .issued_on = "2026-11-30",
        .issued_at_ms = INT64_C(1796000000000) };
    (void)snprintf(certificate.name, sizeof certificate.name, "%s", name);
    (void)snprintf(certificate.language, sizeof certificate.language, "%s", language);
    return certificate;
}

/* The PDF, for the caller to release, and how many letters no font has. */
static int drawn(const struct certificate *certificate, struct text *pdf)
{
    struct problem problem = { 0 };
    int missing = -1;
    text_init(pdf, PAPER_BYTES_MAX);
    if (!paper_draw(certificate, &settings, pdf, &missing, &problem))
        fail_msg("%s: %s", certificate->name, problem.detail);
    assert_memory_equal(pdf->bytes, "%PDF-", 5);
    assert_non_null(memmem(pdf->bytes, pdf->length, "/Count 1", 8));
    return missing;
}

static void every_script_has_its_letters(void **state)
{
    (void)state;
    static const struct {
        const char *story, *language, *name;
    } cases[] = {
        { "Vietnamese, marks upon marks", "vi", "Nguyễn Thị Ngọc Ẩn" },
        { "Mongolian", "mn", "Сүхбаатарын Энхтуяа Өөлд" },
        { "Mongolian of old", "mn-Mong", "ᠮᠣᠩᠭᠣᠯ" },
        { "Japanese", "ja", "渡邉 さくら・ジョン" },
        { "Urdu, from the right", "ur", "محمد علی جناح" },
        { "Khmer, letters below letters", "km", "ស្រីមុំ ភ្នំពេញ" },
        { "Bengali", "bn", "রবীন্দ্রনাথ শ্রেষ্ঠ" },
        { "Lao", "lo", "ສົມພອນ ວົງສາ" },
        { "Thai", "th", "สมชาย ใจดี" },
        { "Nepali", "ne", "लक्ष्मी श्रेष्ठ" },
        { "Sinhala", "si", "චන්ද්‍රිකා කුමාරතුංග" },
        { "Tamil", "ta", "முத்துலட்சுமி" },
        { "Burmese", "my", "အောင်ဆန်းစုကြည်" },
        { "Korean", "ko", "김민수" },
        { "Chinese", "zh-TW", "陳大文" },
        { "two at once", "en", "Lee 이 / ลี" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct certificate certificate = made_for(cases[i].name, cases[i].language);
        struct text pdf;
        int missing = drawn(&certificate, &pdf);
        if (missing != 0)
            fail_msg("%s: %d letters are missing", cases[i].story, missing);
        text_release(&pdf);
    }
}

static void a_letter_that_no_font_has_is_counted(void **state)
{
    (void)state;
    const struct certificate certificate = made_for("Nobody\uE123s \U000F0000", "en");
    struct text pdf;
    assert_int_equal(drawn(&certificate, &pdf), 2);
    text_release(&pdf);
}

static void whatever_a_name_holds_is_letters(void **state)
{
    (void)state;
    static const char *const names[] = { "<b>Bold</b> &amp; <span size='999999'>", "</not closed",
        "%s %n \\ ' \" ( ) << /JS (x) >>", "a", "\"><script>alert(1)</script>" };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct certificate certificate = made_for(names[i], "en");
        struct text pdf;
        assert_int_equal(drawn(&certificate, &pdf), 0);
        text_release(&pdf);
    }
}

static void long_words_stay_on_the_one_page(void **state)
{
    (void)state;
    struct certificate certificate = made_for("", "en");
    struct text pdf;
    memset(certificate.name, 'W', sizeof certificate.name - 1);
    memset(certificate.program, 'M', sizeof certificate.program - 1);
    memset(certificate.cohort, 'W', sizeof certificate.cohort - 1);
    memset(certificate.host, 'W', sizeof certificate.host - 1);
    assert_int_equal(drawn(&certificate, &pdf), 0);
    text_release(&pdf);
}

static void the_same_certificate_is_the_same_paper(void **state)
{
    (void)state;
    const struct certificate certificate = made_for("渡邉 さくら", "ja");
    struct text first, second;
    (void)drawn(&certificate, &first);
    (void)drawn(&certificate, &second);
    assert_int_equal(first.length, second.length);
    assert_memory_equal(first.bytes, second.bytes, first.length);
    text_release(&first);
    text_release(&second);
}

static void the_words_are_the_persons_where_there_are_some(void **state)
{
    (void)state;
    static const struct {
        const char *language, *expected;
    } cases[] = { { "ja", "ja" }, { "ja-JP", "ja" }, { "en-GB", "en" }, { "vi", "en" },
        { "jam", "en" }, { "", "en" } };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(paper_words_for(cases[i].language)->language, cases[i].expected);
}

static void hours_and_days_read_well(void **state)
{
    (void)state;
    static const struct {
        const char *language;
        int64_t lectures, content_ms;
        const char *expected;
    } cases[] = {
        { "en", 12, 30000000, "has completed all 12 lectures (8 hours 20 minutes) of the program" },
        { "en", 1, 61000, "has completed the lecture (1 minute) of the program" },
        { "en", 2, 3600000, "has completed all 2 lectures (1 hour) of the program" },
        { "en", 3, 0, "has completed all 3 lectures (1 minute) of the program" },
        { "ja", 12, 30000000, "次のプログラムの全講義12本(計8時間20分)を修了したことを証します" },
        { "ja", 1, 7200000, "次のプログラムの全講義1本(計2時間)を修了したことを証します" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[PAPER_WORDS_SIZE];
        paper_words_for(cases[i].language)->completed(cases[i].lectures, cases[i].content_ms, text);
        assert_string_equal(text, cases[i].expected);
    }
    char day[PAPER_DATE_SIZE];
    paper_words_for("en")->day("2026-11-02", day);
    assert_string_equal(day, "2 November 2026");
    paper_words_for("ja")->day("2026-11-02", day);
    assert_string_equal(day, "2026年11月2日");
}

static void every_language_has_all_words(void **state)
{
    (void)state;
    static const char *const languages[] = { "en", "ja" };
    for (size_t i = 0; i < COUNT_OF(languages); i++) {
        const struct paper_words *words = paper_words_for(languages[i]);
        const char *const each[] = { words->title, words->above, words->completed_on,
            words->issued_on, words->issued_by, words->number, words->record, words->check };
        for (size_t j = 0; j < COUNT_OF(each); j++)
            assert_true(each[j] && each[j][0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_script_has_its_letters),
        cmocka_unit_test(a_letter_that_no_font_has_is_counted),
        cmocka_unit_test(whatever_a_name_holds_is_letters),
        cmocka_unit_test(long_words_stay_on_the_one_page),
        cmocka_unit_test(the_same_certificate_is_the_same_paper),
        cmocka_unit_test(the_words_are_the_persons_where_there_are_some),
        cmocka_unit_test(hours_and_days_read_well),
        cmocka_unit_test(every_language_has_all_words),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
