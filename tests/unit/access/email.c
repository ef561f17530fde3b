#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "access/email.h"

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

static void a_mailbox_has_one_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *story, *typed, *expected; /* NULL: refused */
    } cases[] = {
        { "plain", "anh@example.org", "anh@example.org" },
        { "capitals", "Anh.Nguyen@Example.ORG", "anh.nguyen@example.org" },
        { "spaces around", "  anh@example.org ", "anh@example.org" },
        { "plus and symbols", "a+b_{c}@x-1.example", "a+b_{c}@x-1.example" },
        { "local part of 64", SIXTY "abcd@example.org", SIXTY "abcd@example.org" },
        { "local part of 65", SIXTY "abcde@example.org", NULL },
        { "empty", "", NULL },
        { "no at", "example.org", NULL },
        { "two ats", "a@b@example.org", NULL },
        { "no local part", "@example.org", NULL },
        { "no domain", "anh@", NULL },
        { "one label", "root@localhost", NULL },
        { "two dots", "a..b@example.org", NULL },
        { "dot first", ".a@example.org", NULL },
        { "dot last", "a.@example.org", NULL },
        { "empty label", "a@example..org", NULL },
        { "dot at the end", "a@example.org.", NULL },
        { "hyphen first", "a@-example.org", NULL },
        { "label of 64", "a@" SIXTY "abcd.org", NULL },
        { "address literal", "a@[127.0.0.1]", NULL },
        { "quoted", "\"a b\"@example.org", NULL },
        { "space inside", "a b@example.org", NULL },
        { "a header line", "a@example.org\r\nBcc: all@example.org", NULL },
        { "line feed at the end", "a@example.org\n", NULL },
        { "tab", "\ta@example.org", NULL },
        { "not ASCII", "an\xc3\xa9@example.org", NULL },
        { "domain not ASCII", "a@ex\xc3\xa9mple.org", NULL },
        { "look-alike of a dot", "a@example\xe3\x80\x82org", NULL },
        { "name and brackets", "Anh <anh@example.org>", NULL },
        { "254 characters", "a@" SIXTY "." SIXTY "." SIXTY "." SIXTY ".example",
            "a@" SIXTY "." SIXTY "." SIXTY "." SIXTY ".example" },
        { "255 characters", "abcd@" SIXTY "." SIXTY "." SIXTY "." SIXTY ".examples", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char email[EMAIL_SIZE] = "untouched";
        bool taken = email_normalise(cases[i].typed, email);
        if (taken != (cases[i].expected != NULL)
            || strcmp(email, taken ? cases[i].expected : "untouched") != 0)
            fail_msg("%s: %s", cases[i].story, email);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(a_mailbox_has_one_spelling) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
