/* What a mail looks like on the line, and what never gets into one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mail/message.h"

static const struct mail_sender house = {
    .address = "lectern@example.org",
    .name = "Lectern",
    .message_id = "0190-1@example.org",
    .date_ms = INT64_C(1795348551000),
};

static const struct mail plain
    = { .key = "k", .to = "lan@example.vn", .subject = "Hello", .text = "One line.\n" };

static bool write_mail(const struct mail *mail, struct text *text, struct problem *problem)
{
    text_init(text, MAIL_MESSAGE_BYTES_MAX);
    return mail_write_message(mail, &house, text, problem);
}

static void a_plain_mail_is_what_anyone_would_type(void **state)
{
    (void)state;
    struct text text;
    struct problem problem = { 0 };
    assert_true(write_mail(&plain, &text, &problem));
    assert_string_equal(text.bytes, "Date: Sun, 22 Nov 2026 11:55:51 +0000\r\n"
                                    "From: Lectern <lectern@example.org>\r\n"
                                    "To: lan@example.vn\r\n"
                                    "Subject: Hello\r\n"
                                    "Message-ID: <0190-1@example.org>\r\n"
                                    "Auto-Submitted: auto-generated\r\n"
                                    "MIME-Version: 1.0\r\n"
                                    "Content-Type: text/plain; charset=utf-8\r\n"
                                    "Content-Transfer-Encoding: 7bit\r\n"
                                    "\r\n"
                                    "One line.\r\n");
    text_release(&text);
}

static void no_field_adds_a_line_to_the_header(void **state)
{
    (void)state;
    static const char *const lines[]
        = { "a\r\nBcc: x@y.z", "a\nb", "a\rb", "a\x01", "a\x7F", "\xFF", "\xED\xA0\x80", " ", "" };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct text text;
        struct problem problem = { 0 };
        struct mail mail = plain;
        mail.subject = lines[i];
        assert_false(write_mail(&mail, &text, &problem));
        assert_string_equal(problem.field, "subject");
        assert_int_equal(text.length, 0);
        text_release(&text);
        if (lines[i][0] == '\0')
            continue; /* nobody has to have a name */
        problem = (struct problem){ 0 };
        mail = plain;
        mail.to_name = lines[i];
        assert_false(write_mail(&mail, &text, &problem));
        assert_string_equal(problem.field, "to_name");
        text_release(&text);
        const struct mail_attachment attachment = { lines[i], "text/plain", "x", 1 };
        problem = (struct problem){ 0 };
        mail = plain;
        mail.attachments = &attachment;
        mail.attachment_count = 1;
        assert_false(write_mail(&mail, &text, &problem));
        assert_string_equal(problem.field, "attachments");
        text_release(&text);
    }
}

static void only_plain_addresses_are_taken(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        bool sound;
    } cases[] = {
        { "a@b.c", true },
        { "first.last+tag@mail.example.org", true },
        { "", false },
        { "a", false },
        { "@b", false },
        { "a@", false },
        { "a@b@c", false },
        { "-oQ@b.c", false },
        { "a b@c.d", false },
        { "a@b.c>", false },
        { "<a@b.c", false },
        { "a@b.c\r\nRCPT TO:<x@y.z>", false },
        { "a,b@c.d", false },
        { "\"a\"@b.c", false },
        { "l\xC3\xA0n@b.c", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (mail_address_is_sound(cases[i].address) != cases[i].sound)
            fail_msg("%s", cases[i].address);
    char longest[300];
    memset(longest, 'a', sizeof longest);
    longest[64] = '@';
    longest[MAIL_ADDRESS_MAX] = '\0';
    assert_true(mail_address_is_sound(longest));
    longest[MAIL_ADDRESS_MAX] = 'a';
    longest[MAIL_ADDRESS_MAX + 1] = '\0';
    assert_false(mail_address_is_sound(longest));
}

static void the_text_is_encoded_as_it_needs(void **state)
{
    (void)state;
    static const struct {
        const char *story, *text, *encoding, *body;
    } cases[] = {
        { "short lines", "a\nb", "7bit", "a\r\nb\r\n" },
        { "lines of another system", "a\r\nb\r\n", "7bit", "a\r\nb\r\n" },
        { "a few letters", "Nguy\xE1\xBB\x85n, and much that is not\n", "quoted-printable",
            "Nguy=E1=BB=85n, and much that is not\r\n" },
        { "what relays change", "From here\n.\nend \n", "quoted-printable",
            "=46rom here\r\n=2E\r\nend=20\r\n" },
        { "other writing", "\xE6\x97\xA5\xE6\x9C\xAC\n", "base64", "5pel5pysDQo=\r\n" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text text;
        struct problem problem = { 0 };
        struct mail mail = plain;
        char expected[200];
        mail.text = cases[i].text;
        assert_true(write_mail(&mail, &text, &problem));
        (void)snprintf(expected, sizeof expected, "Content-Transfer-Encoding: %s\r\n\r\n%s",
            cases[i].encoding, cases[i].body);
        const char *found = strstr(text.bytes, "Content-Transfer-Encoding");
        if (!found || strcmp(found, expected) != 0)
            fail_msg("%s: %s", cases[i].story, text.bytes);
        text_release(&text);
    }
}

static void texts_that_no_reader_shows_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = { "a\rb", "bell\a", "\xC3(", "null\x7F" };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct text text;
        struct problem problem = { 0 };
        struct mail mail = plain;
        mail.text = texts[i];
        assert_false(write_mail(&mail, &text, &problem));
        assert_string_equal(problem.field, "text");
        text_release(&text);
    }
}

static void what_is_too_much_is_refused(void **state)
{
    (void)state;
    static char bytes[MAIL_BYTES_MAX + 1];
    memset(bytes, 'a', MAIL_BYTES_MAX);
    struct text text;
    struct problem problem = { 0 };
    const struct mail_attachment attachment = { "a.txt", "text/plain", bytes, MAIL_BYTES_MAX };
    struct mail mail = plain;
    mail.attachments = &attachment;
    mail.attachment_count = 1;
    assert_false(write_mail(&mail, &text, &problem));
    text_release(&text);
    mail.text = "";
    problem = (struct problem){ 0 };
    assert_true(write_mail(&mail, &text, &problem));
    text_release(&text);
    mail = plain;
    mail.text = bytes;
    problem = (struct problem){ 0 };
    assert_true(write_mail(&mail, &text, &problem));
    text_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_mail_is_what_anyone_would_type),
        cmocka_unit_test(no_field_adds_a_line_to_the_header),
        cmocka_unit_test(only_plain_addresses_are_taken),
        cmocka_unit_test(the_text_is_encoded_as_it_needs),
        cmocka_unit_test(texts_that_no_reader_shows_are_refused),
        cmocka_unit_test(what_is_too_much_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
