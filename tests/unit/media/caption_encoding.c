#include "media/caption_encoding.h"
#include "media/finding.h"

#include "../unit.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/ucnv.h>

#define FRAME_OPEN "1\n00:00:01,000 --> 00:00:04,000\n"

/* Sentences as lectures have them, and the encodings that people save them in. */
static const struct {
    const char *language, *text;
    const char *encodings[6];
} sentences[] = {
    { "mn", "Мэндээ харилцана уу. Өнөөдөр бид хоол хүнсний аюулгүй байдлын тухай ярилцана.",
        { "UTF-8", "UTF-16LE", "UTF-16BE" } },
    { "ru", "Здравствуйте, уважаемые коллеги. Сегодня мы поговорим об управлении рисками.",
        { "UTF-8", "windows-1251", "KOI8-R", "IBM866", "ISO-8859-5", "UTF-16LE" } },
    { "ru", "Сегодня мы поговорим о рисках", { "windows-1251", "KOI8-R", "IBM866", "ISO-8859-5" } },
    { "bg", "Добър ден, колеги. Днес ще говорим за безопасността на храните.",
        { "UTF-8", "windows-1251" } },
    { "uk", "Добрий день. Сьогодні ми поговоримо про якість їжі та її безпеку.",
        { "UTF-8", "windows-1251" } },
    { "ja", "皆さん、こんにちは。今日は食品の安全についてお話しします。アイスクリームも出ます。",
        { "UTF-8", "Shift_JIS", "EUC-JP", "ISO-2022-JP", "UTF-16LE", "UTF-16BE" } },
    { "ja", "はい。", { "UTF-8", "Shift_JIS", "EUC-JP", "ISO-2022-JP" } },
    { "zh", "大家好，今天我们来谈谈食品安全和风险管理。", { "UTF-8", "GB18030" } },
    { "zh-Hant", "大家好，今天我們來談談食品安全和風險管理。", { "UTF-8", "Big5" } },
    { "zh-TW", "請各位同學打開課本第三頁。", { "Big5" } },
    { "ko", "안녕하세요. 오늘은 식품 안전에 대해 이야기하겠습니다.", { "UTF-8", "EUC-KR" } },
    { "vi", "Xin chào các bạn. Hôm nay chúng ta sẽ nói về an toàn thực phẩm và quản lý rủi ro.",
        { "UTF-8", "UTF-16LE" } },
    { "th", "สวัสดีครับ วันนี้เราจะพูดถึงความปลอดภัยของอาหาร", { "UTF-8", "windows-874" } },
    { "fr",
        "Bonjour à tous. Aujourd’hui, nous parlerons de la sécurité des aliments – c’est très « "
        "utile ».",
        { "UTF-8", "windows-1252" } },
    { "de", "Grüß Gott. Heute geht es um die Größe und das Maß der Lebensmittelüberwachung.",
        { "UTF-8", "windows-1252" } },
    { "es", "¿Qué es la inocuidad de los alimentos? Mañana lo veremos.", { "windows-1252" } },
    { "en", "It’s a café — nothing more…", { "UTF-8", "windows-1252" } },
    { "id", "Kafé itu buka.", { "windows-1252" } },
    { "pl", "Dzień dobry. Dziś będziemy mówić o bezpieczeństwie żywności.",
        { "UTF-8", "windows-1250" } },
    { "cs", "Dobrý den. Dnes budeme mluvit o bezpečnosti potravin a řízení rizik.",
        { "windows-1250" } },
    { "hu", "Jó napot kívánok! Ma az élelmiszerbiztonságról és a fűtésről beszélünk.",
        { "windows-1250" } },
    { "el", "Καλημέρα σας. Σήμερα θα μιλήσουμε για την ασφάλεια των τροφίμων.",
        { "UTF-8", "windows-1253" } },
    { "tr", "Günaydın. Bugün gıda güvenliği ve iş sağlığı hakkında konuşacağız.",
        { "UTF-8", "windows-1254" } },
    { "he", "שלום לכולם. היום נדבר על בטיחות מזון.", { "UTF-8", "windows-1255" } },
    { "ar", "مرحبا بكم. اليوم سنتحدث عن سلامة الغذاء.", { "UTF-8", "windows-1256" } },
    { "lt", "Laba diena. Šiandien kalbėsime apie maisto saugą ir žmonių sveikatą.",
        { "UTF-8", "windows-1257" } },
    { "hi", "नमस्ते। आज हम खाद्य सुरक्षा के बारे में बात करेंगे।", { "UTF-8", "UTF-16BE" } },
    { "kk", "Сәлеметсіз бе. Бүгін біз тағам қауіпсіздігі туралы сөйлесеміз.", { "UTF-8" } },
};

static size_t encode(const char *encoding, const char *text, char *ret_bytes, size_t room)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t count = ucnv_convert(
        encoding, "UTF-8", ret_bytes, (int32_t)room, text, (int32_t)strlen(text), &status);
    if (U_FAILURE(status))
        fail_msg("%s: %s", encoding, u_errorName(status));
    return (size_t)count;
}

static void check(const char *language, const char *said, const char *expected_encoding,
    const char *bytes, size_t count, const char *expected)
{
    struct caption_bytes file = { bytes, count, language, said };
    struct caption_repairs repairs = { 0 };
    struct problem problem = { 0 };
    const char *encoding = NULL;
    char *text = NULL;
    size_t length = 0;
    if (!caption_decode(&file, &text, &length, &encoding, &repairs, &problem))
        fail_msg("%s in %s: %s", language, expected_encoding, problem.detail);
    if (strcmp(encoding, expected_encoding) != 0)
        fail_msg("%s in %s was taken for %s", language, expected_encoding, encoding);
    if (strcmp(text, expected) != 0)
        fail_msg("%s in %s became\n%s", language, expected_encoding, text);
    assert_int_equal(length, strlen(text));
    free(text);
}

static void sentences_are_read_in_the_encodings_of_their_language(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sentences); i++) {
        char text[1000], bytes[4000];
        (void)snprintf(text, sizeof text, FRAME_OPEN "%s\n", sentences[i].text);
        for (size_t k = 0; k < 6 && sentences[i].encodings[k]; k++) {
            const char *encoding = sentences[i].encodings[k];
            size_t count = encode(encoding, text, bytes, sizeof bytes);
            check(sentences[i].language, NULL, encoding, bytes, count, text);
            check(sentences[i].language, encoding, encoding, bytes, count, text);
        }
    }
}

static void marks_decide(void **state)
{
    (void)state;
    static const struct {
        const char *mark, *encoding;
    } marks[]
        = { { "\xef\xbb\xbf", "UTF-8" }, { "\xff\xfe", "UTF-16LE" }, { "\xfe\xff", "UTF-16BE" } };
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        char bytes[400];
        size_t mark = strlen(marks[i].mark);
        memcpy(bytes, marks[i].mark, mark);
        size_t count = encode(marks[i].encoding, "日本語 \xf0\x9f\x98\x80\n", bytes + mark, 300);
        check("ja", NULL, marks[i].encoding, bytes, mark + count, "日本語 \xf0\x9f\x98\x80\n");
        check(
            "ja", "Shift_JIS", marks[i].encoding, bytes, mark + count, "日本語 \xf0\x9f\x98\x80\n");
    }
}

static void vietnamese_tones_are_put_together(void **state)
{
    (void)state;
    /* windows-1258: e circumflex, then a combining dot below */
    static const char bytes[] = FRAME_OPEN "Vi\xea\xf2t Nam, c\xe1m \xf0n\n";
    check("vi", NULL, "windows-1258", bytes, sizeof bytes - 1,
        FRAME_OPEN "Việt Nam, cám \xc4\x91n\n");
}

static void letters_of_old_mongolian_fonts_are_mended(void **state)
{
    (void)state;
    /* windows-1251, with the letters 0xba and 0xbf that Ukrainian and not Mongolian has */
    static const char bytes[] = FRAME_OPEN "\xba\xed\xba\xba\xe4\xba\xf0 \xe3\xbf\xed\n\xaf\xea\n";
    struct caption_bytes file = { bytes, sizeof bytes - 1, "mn", NULL };
    struct caption_repairs repairs = { 0 };
    struct problem problem = { 0 };
    const char *encoding;
    char *text;
    size_t length;
    /* A word of nothing else has too few letters of the language to be sure; so it is named. */
    file.encoding = "windows-1251";
    assert_true(caption_decode(&file, &text, &length, &encoding, &repairs, &problem));
    assert_string_equal(text, FRAME_OPEN "өнөөдөр гүн\nҮк\n");
    assert_int_equal(repairs.count, 1);
    assert_int_equal(repairs.list[0].code, CAPTION_MONGOLIAN_LETTERS);
    assert_int_equal(repairs.list[0].line, 3);
    assert_int_equal(repairs.list[0].count, 6);
    free(text);
}

static void a_mongolian_sentence_in_windows_1251_is_found(void **state)
{
    (void)state;
    /* "Мэндээ. Өнөөдөр бид хоолны тухай ярина." with the old font's letters */
    char bytes[400];
    size_t count = encode("windows-1251",
        FRAME_OPEN "Мэндээ. Єнєєдєр бид хоол хїнсний тухай ярина.\n", bytes, sizeof bytes);
    check("mn", NULL, "windows-1251", bytes, count,
        FRAME_OPEN "Мэндээ. Өнөөдөр бид хоол хүнсний тухай ярина.\n");
}

static void names_are_read_in_any_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *said, *encoding;
    } cases[] = {
        { "utf-8", "UTF-8" },
        { "shift-jis", "Shift_JIS" },
        { "SJIS", "Shift_JIS" },
        { "cp1251", "windows-1251" },
        { "Windows1251", "windows-1251" },
        { "gbk", "GB18030" },
        { "TIS-620", "windows-874" },
        { "latin1", "windows-1252" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check("en", cases[i].said, cases[i].encoding, "abc\n", 4, "abc\n");
    for (size_t i = 0; i < caption_encoding_count; i++)
        if (strncmp(caption_encoding_names[i], "UTF-16", 6) != 0)
            check("en", caption_encoding_names[i], caption_encoding_names[i], "abc\n", 4, "abc\n");
}

static void refused(const char *language, const char *said, const char *bytes, size_t count,
    enum problem_kind kind, const char *word)
{
    struct caption_bytes file = { bytes, count, language, said };
    struct caption_repairs repairs = { 0 };
    struct problem problem = { 0 };
    const char *encoding;
    char *text = NULL;
    size_t length;
    if (caption_decode(&file, &text, &length, &encoding, &repairs, &problem))
        fail_msg("taken as %s, where '%s' was expected:\n%s", encoding, word, text);
    assert_int_equal(problem.kind, kind);
    if (!strstr(problem.detail, word))
        fail_msg("'%s' is not in: %s", word, problem.detail);
    if (problem.kind == PROBLEM_CAPTIONS_REFUSED)
        assert_int_not_equal(finding_of_problem(&problem).code, FINDING_NONE);
}

static void what_is_not_certain_is_refused(void **state)
{
    (void)state;
    char bytes[1000];
    size_t count;
    /* Japanese that is said to be English, or Hindi */
    count = encode("Shift_JIS", FRAME_OPEN "皆さん、こんにちは。食品の安全\n", bytes, sizeof bytes);
    refused("hi", NULL, bytes, count, PROBLEM_CAPTIONS_REFUSED, "Is the language right?");
    refused("ru", NULL, bytes, count, PROBLEM_CAPTIONS_REFUSED, "Is the language right?");
    refused("und", NULL, bytes, count, PROBLEM_CAPTIONS_REFUSED, "Line 3 is not text in UTF-8");
    refused("ja", "UTF-8", bytes, count, PROBLEM_CAPTIONS_REFUSED, "Line 3 is not text in UTF-8");
    refused("ja", "EUC-JP", bytes, count, PROBLEM_CAPTIONS_REFUSED, "Line 3 is not text in EUC-JP");
    refused("ja", "klingon", bytes, count, PROBLEM_INVALID_FIELD, "Shift_JIS");
    refused("ja", "UTF-7", bytes, count, PROBLEM_INVALID_FIELD, "Shift_JIS");
    /* UTF-8 with a letter cut in half is no legacy encoding. */
    static const char broken[] = FRAME_OPEN "皆さん、こんに\xe3\x81は。食品の安全\n";
    refused("ja", NULL, broken, sizeof broken - 1, PROBLEM_CAPTIONS_REFUSED,
        "Line 3 is not text in UTF-8");
    /* Two letters of windows-1251, and two of ISO-8859-5: nobody can tell. */
    static const char two[] = FRAME_OPEN "\xc2\xe5\n";
    refused("ru", NULL, two, sizeof two - 1, PROBLEM_CAPTIONS_REFUSED, "Say which");
}

static void garbage_at_the_end_is_left_out(void **state)
{
    (void)state;
    static const char bytes[] = "a\nb\n\x1a\0\0\0";
    struct caption_bytes file = { bytes, sizeof bytes - 1, "en", NULL };
    struct caption_repairs repairs = { 0 };
    struct problem problem = { 0 };
    const char *encoding;
    char *text;
    size_t length;
    assert_true(caption_decode(&file, &text, &length, &encoding, &repairs, &problem));
    assert_string_equal(text, "a\nb\n");
    assert_int_equal(repairs.list[0].code, CAPTION_TRAILING_GARBAGE);
    assert_int_equal(repairs.list[0].line, 2);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_are_read_in_the_encodings_of_their_language),
        cmocka_unit_test(marks_decide),
        cmocka_unit_test(vietnamese_tones_are_put_together),
        cmocka_unit_test(letters_of_old_mongolian_fonts_are_mended),
        cmocka_unit_test(a_mongolian_sentence_in_windows_1251_is_found),
        cmocka_unit_test(names_are_read_in_any_spelling),
        cmocka_unit_test(what_is_not_certain_is_refused),
        cmocka_unit_test(garbage_at_the_end_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
