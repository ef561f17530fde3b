#include "catalog/handout.h"

#include "../unit.h"

#include "catalog/chapter.h"

#include <stdlib.h>
#include <string.h>

static void a_name_and_its_first_bytes_must_agree(void **state)
{
    (void)state;
    static const struct {
        const char *name, *bytes, *type;
    } cases[] = {
        { "a.pdf", "%PDF-1.4", "application/pdf" },
        { "a.PDF", "junk before\n%PDF-1.4", "application/pdf" },
        { "a.b.docx", "PK\x03\x04",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
        { "a.ppt", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/vnd.ms-powerpoint" },
        { "a.txt", "any text, in any encoding: \xe9", "text/plain" },
        { "a.jpg", "\xff\xd8\xff\xe0", "image/jpeg" },
        { "a.pdf", "<html>", NULL },
        { "a.docx", "%PDF-1.4", NULL },
        { "a.doc", "PK\x03\x04", NULL },
        { "a.html", "<html>", NULL },
        { "a.svg", "<svg>", NULL },
        { "a", "%PDF-1.4", NULL },
        { ".pdf", "%PDF-1.4", NULL },
        { "a.pdf.exe", "%PDF-1.4", NULL },
        { "a.png", "", NULL },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *type = handout_type(cases[i].name, cases[i].bytes, strlen(cases[i].bytes));
        if (cases[i].type ? !type || strcmp(type, cases[i].type) != 0 : type != NULL)
            fail_msg("%s: %s", cases[i].name, type ? type : "none");
    }
    assert_null(handout_type("a.txt", "a\0b", 3));
}

static void a_list_of_chapters_is_read_line_by_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *expected; /* JSON; or the field that is refused */
    } cases[] = {
        { "", "[]" },
        { "0:00 Hello\n1:02:03 - There, too\r\n\n",
            "[{\"start_ms\":0,\"titles\":{\"mn\":\"Hello\"}},"
            "{\"start_ms\":3723000,\"titles\":{\"mn\":\"There, too\"}}]" },
        { "  00:01.500 Тийм  ", "[{\"start_ms\":1500,\"titles\":{\"mn\":\"Тийм\"}}]" },
        { "0:00 Hello\nThere\n", "line 2" },
        { "0:00\n", "line 1" },
        { "0:00Hello\n", "line 1" },
        { "1:99 Hello\n", "line 1" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct problem problem = { 0 };
        json_t *chapters = chapters_from_text(cases[i].text, strlen(cases[i].text), "mn", &problem);
        char *text = chapters ? json_dumps(chapters, JSON_COMPACT) : NULL;
        assert_string_equal(text ? text : problem.field, cases[i].expected);
        free(text);
        json_decref(chapters);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_and_its_first_bytes_must_agree),
        cmocka_unit_test(a_list_of_chapters_is_read_line_by_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
