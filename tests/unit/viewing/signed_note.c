/* Signed notes: those of others are read, and ours are read by nobody who changed them. */
#include "viewing/signed_note.h"
#include "../unit.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The example of golang.org/x/mod/sumdb/note. */
static const char foreign_key[]
    = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char foreign_message[] = "If you think cryptography is the answer to your problem,\n"
                                      "then you don't know what your problem is.\n";
static const char foreign_line[]
    = "x08go/ZJkuBS9UG/"
      "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";

static void a_key_and_a_signature_of_others_are_understood(void **state)
{
    (void)state;
    struct note_key key;
    char text[NOTE_KEY_TEXT_SIZE];
    uint8_t line[80], id[NOTE_ID_BYTES];
    size_t count;
    assert_true(note_key_read(foreign_key, strlen(foreign_key), &key));
    note_key_write(&key, text);
    assert_string_equal(text, foreign_key);
    assert_true(text_base64_decode(foreign_line, strlen(foreign_line), line, sizeof line, &count));
    assert_int_equal(count, NOTE_ID_BYTES + NOTE_SIGNATURE_BYTES);
    note_key_id(&key, id);
    assert_memory_equal(id, line, NOTE_ID_BYTES);
    assert_true(
        note_key_verifies(&key, foreign_message, strlen(foreign_message), line + NOTE_ID_BYTES));
    assert_false(note_key_verifies(
        &key, foreign_message, strlen(foreign_message) - 1, line + NOTE_ID_BYTES));
}

static void a_key_text_with_one_other_character_is_none(void **state)
{
    (void)state;
    struct note_key key;
    char text[sizeof foreign_key];
    for (size_t i = 0; i + 1 < sizeof text; i++) {
        memcpy(text, foreign_key, sizeof text);
        text[i] = text[i] == 'a' ? 'b' : 'a';
        assert_false(note_key_read(text, strlen(text), &key));
        assert_false(note_key_read(foreign_key, i, &key));
    }
}

static void a_name_has_no_spaces_and_no_plus(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool good;
    } cases[] = { { "localhost:8443/evidence", true }, { "講義", true }, { "", false },
        { "a b", false }, { "a+b", false }, { "a\nb", false }, { "\xff", false } };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (note_name_is_good(cases[i].name) != cases[i].good)
            fail_msg("'%s'", cases[i].name);
}

static struct text write_note(const struct note_signer *const *signers, size_t count)
{
    struct text text;
    struct merkle_hash root = merkle_leaf("x", 1);
    text_init(&text, NOTE_SIZE_MAX);
    assert_true(checkpoint_write(123, &root, signers, count, &text));
    return text;
}

static void a_checkpoint_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct note_signer *signers[]
        = { note_signer_make("host/evidence"), note_signer_make("host/evidence") };
    struct note_signer *other = note_signer_make("host/evidence");
    struct text text = write_note((const struct note_signer *const *)signers, 2);
    struct merkle_hash root = merkle_leaf("x", 1);
    struct note note;
    assert_true(text_starts_with(text.bytes, "host/evidence\n123\n"));
    assert_non_null(strstr(text.bytes, "\n\n\xe2\x80\x94 host/evidence "));
    assert_true(note_read(text.bytes, text.length, &note));
    assert_string_equal(note.checkpoint.origin, "host/evidence");
    assert_int_equal(note.checkpoint.size, 123);
    assert_true(merkle_equal(&note.checkpoint.root, &root));
    assert_int_equal(note.line_count, 2);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(note_verify(&note, text.bytes, note_signer_key(signers[i])), NOTE_SIGNED);
    assert_int_equal(note_verify(&note, text.bytes, note_signer_key(other)), NOTE_UNSIGNED);
    text_release(&text);
    note_signer_free(other);
    note_signer_free(signers[0]);
    note_signer_free(signers[1]);
}

static void no_byte_of_a_note_can_be_another_one(void **state)
{
    (void)state;
    struct note_signer *signer = note_signer_make("host/evidence");
    const struct note_signer *const signers[] = { signer };
    struct text text = write_note(signers, 1);
    for (size_t i = 0; i < text.length; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            struct note note;
            text.bytes[i] ^= (char)(1 << bit);
            if (note_read(text.bytes, text.length, &note)
                && note_verify(&note, text.bytes, note_signer_key(signer)) == NOTE_SIGNED)
                fail_msg("byte %zu bit %u", i, bit);
            text.bytes[i] ^= (char)(1 << bit);
        }
    text_release(&text);
    note_signer_free(signer);
}

static void what_is_no_checkpoint_is_refused(void **state)
{
    (void)state;
    static const char root[] = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    static const struct {
        const char *story, *format;
    } cases[] = { { "no size", "o\n\n%s\n\n\xe2\x80\x94 o AAAAAAAA\n" },
        { "a padded size", "o\n01\n%s\n\n\xe2\x80\x94 o AAAAAAAA\n" },
        { "a negative size", "o\n-1\n%s\n\n\xe2\x80\x94 o AAAAAAAA\n" },
        { "a fourth line", "o\n1\n%s\nmore\n\n\xe2\x80\x94 o AAAAAAAA\n" },
        { "no signature", "o\n1\n%s\n\n" },
        { "no empty line", "o\n1\n%s\n\xe2\x80\x94 o AAAAAAAA\n" },
        { "a hyphen for a dash", "o\n1\n%s\n\n- o AAAAAAAA\n" },
        { "no line end", "o\n1\n%s\n\n\xe2\x80\x94 o AAAAAAAA" },
        { "CRLF", "o\r\n1\r\n%s\r\n\r\n\xe2\x80\x94 o AAAAAAAA\r\n" } };
    char text[400];
    struct note note;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *mark = strstr(cases[i].format, "%s");
        int length = snprintf(text, sizeof text, "%.*s%s%s", (int)(mark - cases[i].format),
            cases[i].format, root, mark + 2);
        if (note_read(text, (size_t)length, &note))
            fail_msg("%s was taken", cases[i].story);
    }
    /* A signature of another algorithm is another length, and left alone. */
    int length = snprintf(text, sizeof text, "o\n1\n%s\n\n\xe2\x80\x94 o AAAAAAAA\n", root);
    assert_true(note_read(text, (size_t)length, &note));
    assert_int_equal(note.line_count, 0);
}

static void a_key_is_kept_as_pem(void **state)
{
    (void)state;
    struct note_signer *signer = note_signer_make("host/evidence");
    struct text pem;
    text_init(&pem, 4096);
    assert_true(note_signer_write(signer, &pem));
    struct note_signer *again = note_signer_read("host/evidence", pem.bytes, pem.length);
    assert_non_null(again);
    assert_true(note_key_equal(note_signer_key(signer), note_signer_key(again)));
    assert_null(note_signer_read("host/evidence", pem.bytes, pem.length / 2));
    assert_null(note_signer_read("a b", pem.bytes, pem.length));
    text_release(&pem);
    note_signer_free(again);
    note_signer_free(signer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_and_a_signature_of_others_are_understood),
        cmocka_unit_test(a_key_text_with_one_other_character_is_none),
        cmocka_unit_test(a_name_has_no_spaces_and_no_plus),
        cmocka_unit_test(a_checkpoint_is_read_as_it_was_written),
        cmocka_unit_test(no_byte_of_a_note_can_be_another_one),
        cmocka_unit_test(what_is_no_checkpoint_is_refused),
        cmocka_unit_test(a_key_is_kept_as_pem),
    };
    return cmocka_run_group_tests_name("signed_note", tests, NULL, NULL);
}
