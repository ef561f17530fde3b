#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/texts.h"

static const char here[] = "{\"a\": {"
                           "\"en\": {\"title\": \"Law\", \"description\": \"About law.\"},"
                           "\"zh-Hant\": {\"title\": \"FA\", \"description\": \"\"},"
                           "\"zh\": {\"title\": \"fa\", \"description\": \"\"},"
                           "\"pt-PT\": {\"title\": \"Lei PT\", \"description\": \"\"},"
                           "\"pt-BR\": {\"title\": \"Lei BR\", \"description\": \"\"},"
                           "\"vi\": {\"title\": \"Luat\", \"description\": \"\"}}}";

static void the_nearest_language_is_picked(void **state)
{
    (void)state;
    static const struct {
        const char *story, *asked, *own, *expected;
    } cases[] = {
        { "the same", "vi", "en", "vi" },
        { "the same, other case", "ZH-HANT", "en", "zh-Hant" },
        { "its primary subtag", "zh-TW", "en", "zh" },
        { "a relative", "pt", "en", "pt-BR" },
        { "a relative with a region", "pt-AO", "en", "pt-BR" },
        { "the object's own", "mn", "vi", "vi" },
        { "a longer language is no relative", "vie", "en", "en" },
        { "a shorter one neither", "z", "en", "en" },
        { "any, the first by alphabet", "mn", "ja", "en" },
        { "nothing asked", NULL, "vi", "vi" },
        { "nothing known", NULL, NULL, "en" },
        { "not a tag", "", "vi", "vi" },
    };
    json_t *texts = json_loads(here, 0, NULL);
    assert_non_null(texts);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text_picked picked = texts_pick(texts, "a", cases[i].asked, cases[i].own);
        if (strcmp(picked.language, cases[i].expected) != 0)
            fail_msg("%s: %s", cases[i].story, picked.language);
    }
    json_decref(texts);
}

static void an_object_without_texts_has_empty_ones(void **state)
{
    (void)state;
    json_t *texts = json_loads(here, 0, NULL);
    struct text_picked picked = texts_pick(texts, "b", "en", "en");
    assert_string_equal(picked.title, "");
    assert_string_equal(picked.description, "");
    json_t *none = texts_json(texts, "b"), *some = texts_json(texts, "a");
    assert_int_equal(json_object_size(none), 0);
    assert_int_equal(json_object_size(some), 6);
    json_decref(none);
    json_decref(some);
    json_decref(texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_language_is_picked),
        cmocka_unit_test(an_object_without_texts_has_empty_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
