/* Records of the evidence log: what is kept, what is public, and what an erasure leaves. */
#include "viewing/evidence.h"
#include "../unit.h"
#include "base/text.h"
#include "house.h"

#include <stdio.h>
#include <string.h>

static struct house house;

static int build(void **state)
{
    (void)state;
    house_build(&house);
    house_now_ms = INT64_C(1795339551123); /* 2026-11-22T09:25:51.123Z */
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    house_remove(&house);
    return 0;
}

struct appending {
    const char *kind, *subject_id;
    json_t *record;
};

static bool append(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct appending *appending = data;
    return evidence_append(
        connection, appending->kind, appending->subject_id, appending->record, problem);
}

static bool try_append(const char *kind, const char *subject_id, json_t *record)
{
    struct problem problem = { 0 };
    struct appending appending = { kind, subject_id, record };
    bool done = db_write(house.db, append, &appending, &problem);
    json_decref(record);
    return done;
}

static void must_append(const char *kind, const char *subject_id, int64_t value)
{
    assert_true(try_append(kind, subject_id, json_pack("{s:I}", "value", (json_int_t)value)));
}

static bool refuse_later(struct db_connection *connection, void *data, struct problem *problem)
{
    return append(connection, data, problem) && problem_set(problem, PROBLEM_CONFLICT, "no");
}

static void records_are_numbered_from_nought_without_holes(void **state)
{
    (void)state;
    int64_t first = house_number(&house, "SELECT COUNT(*) FROM evidence");
    must_append("decision", house.people[0].participant_id, 1);
    struct problem problem = { 0 };
    struct appending undone = { "decision", "", json_object() };
    assert_false(db_write(house.db, refuse_later, &undone, &problem));
    json_decref(undone.record);
    must_append("decision", "", 2);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM evidence"), first + 2);
    assert_int_equal(house_number(&house, "SELECT MAX(seq) FROM evidence"), first + 1);
    assert_int_equal(house_number(&house, "SELECT MIN(seq) FROM evidence"), 0);
}

static void a_document_is_canonical_text(void **state)
{
    (void)state;
    char expected[256];
    assert_true(try_append("decision", house.people[0].participant_id,
        json_pack("{s:[ii],s:{s:b,s:s}}", "z", 1, 2, "a", "y", 1, "x", "Ö")));
    (void)snprintf(expected, sizeof expected,
        "{\"at_ms\":1795339551123,\"previous\":null,\"record\":{\"a\":{\"x\":\"Ö\",\"y\":true},"
        "\"z\":[1,2]},"
        "\"subject\":\"%s\"}",
        house.people[0].participant_id);
    assert_string_equal(
        house_text(&house, "SELECT body FROM evidence ORDER BY seq DESC LIMIT 1"), expected);
    assert_string_equal(
        house_text(&house, "SELECT day FROM evidence ORDER BY seq DESC LIMIT 1"), "2026-11-22");
}

/* What SHA-256 of prefix, salt and document gives; by secure_sha256(), over one piece. */
static bool recompute(struct db_connection *connection, void *data, struct problem *problem)
{
    int *wrong = data;
    *wrong = 0;
    struct db_rows *rows
        = db_query(connection, "SELECT commitment, salt, body FROM evidence ORDER BY seq", "");
    while (db_next(rows)) {
        size_t count;
        struct text whole;
        uint8_t digest[SHA256_BYTES];
        text_init(&whole, EVIDENCE_DOCUMENT_MAX);
        text_append(&whole, "rec-v1", 7);
        const char *salt = db_bytes(rows, 1, &count);
        assert_int_equal(count, EVIDENCE_SALT_BYTES);
        text_append(&whole, salt, count);
        text_append_string(&whole, db_text(rows, 2));
        secure_sha256(whole.bytes, whole.length, digest);
        *wrong += memcmp(db_bytes(rows, 0, &count), digest, sizeof digest) != 0;
        text_release(&whole);
    }
    return db_end(rows, problem);
}

static void each_record_names_its_subjects_one_before(void **state)
{
    (void)state;
    const char *participant_id = house.people[0].participant_id;
    int64_t first = house_number(&house, "SELECT COUNT(*) FROM evidence");
    must_append("decision", participant_id, 1);
    must_append("decision", house.people[1].participant_id, 2);
    must_append("decision", participant_id, 3);
    char expected[200];
    (void)snprintf(expected, sizeof expected,
        "{\"at_ms\":1795339551123,\"previous\":%lld,\"record\":{\"value\":3},\"subject\":\"%s\"}",
        (long long)first, participant_id);
    assert_string_equal(
        house_text(&house, "SELECT body FROM evidence ORDER BY seq DESC LIMIT 1"), expected);
    assert_int_equal(
        house_number(&house, "SELECT previous_seq FROM evidence ORDER BY seq DESC LIMIT 1"), first);
}

static void a_commitment_binds_salt_and_document(void **state)
{
    (void)state;
    must_append("decision", "", 1);
    must_append("decision", "", 1);
    int wrong = -1;
    struct problem problem = { 0 };
    assert_true(db_read(house.db, recompute, &wrong, &problem));
    assert_int_equal(wrong, 0);
    assert_int_equal(house_number(&house, "SELECT COUNT(DISTINCT commitment) FROM evidence"),
        house_number(&house, "SELECT COUNT(*) FROM evidence"));
}

static void what_is_no_record_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *story, *kind, *subject_id;
    } cases[] = { { "no kind", "", "" }, { "capitals", "Rule", "" }, { "a quote", "rule\"", "" },
        { "long", "abcdefghijklmnopqrstuvwxyzabcdefg", "" },
        { "a name for an id", "rule", "Anna" } };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (try_append(cases[i].kind, cases[i].subject_id, json_object()))
            fail_msg("%s was taken", cases[i].story);
    assert_false(try_append("rule", "", json_array()));
}

struct erasing {
    const char *participant_id;
    int64_t count;
};

static bool erase(struct db_connection *connection, void *data, struct problem *problem)
{
    struct erasing *erasing = data;
    return evidence_erase(connection, erasing->participant_id, house.cohort_id, "asked for it",
        &erasing->count, problem);
}

static void an_erasure_leaves_lines_and_says_which(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    int64_t first = house_number(&house, "SELECT COUNT(*) FROM evidence");
    for (int64_t i = 0; i < 6; i++)
        must_append("decision", house.people[i % 2].participant_id, i);
    struct erasing erasing = { house.people[1].participant_id, -1 };
    assert_true(db_write(house.db, erase, &erasing, &problem));
    assert_int_equal(erasing.count, 3);
    char expected[200];
    (void)snprintf(expected, sizeof expected,
        "{\"at_ms\":1795339551123,\"previous\":null,\"record\":{\"erased\":[%d,%d,%d],\"reason\":"
        "\"asked for it\"},"
        "\"subject\":\"%s\"}",
        (int)first + 1, (int)first + 3, (int)first + 5, house.cohort_id);
    assert_string_equal(
        house_text(&house, "SELECT body FROM evidence WHERE kind = 'erasure'"), expected);
    assert_int_equal(
        house_number(&house, "SELECT COUNT(*) FROM evidence WHERE body IS NULL AND salt IS NULL"
                             " AND subject_id IS NULL AND previous_seq IS NULL"
                             " AND kind = 'decision'"),
        3);
    assert_int_equal(
        house_number(&house, "SELECT COUNT(*) FROM evidence WHERE commitment IS NULL"), 0);
    /* Again: nothing is left to erase, and nothing is said. */
    assert_true(db_write(house.db, erase, &erasing, &problem));
    assert_int_equal(erasing.count, 0);
    assert_int_equal(
        house_number(&house, "SELECT COUNT(*) FROM evidence WHERE kind = 'erasure'"), 1);
}

static void a_line_is_read_only_as_it_is_written(void **state)
{
    (void)state;
    struct evidence_line line = { .seq = 12, .day = "2026-11-22", .kind = "server-gap" }, again;
    char text[EVIDENCE_LINE_SIZE];
    for (size_t i = 0; i < SHA256_BYTES; i++)
        line.commitment[i] = (uint8_t)(i * 9);
    size_t length = evidence_line_write(&line, text);
    assert_string_equal(text,
        "{\"seq\":12,\"day\":\"2026-11-22\",\"kind\":\"server-gap\",\"commit\":"
        "\"0009121b242d363f48515a636c757e879099a2abb4bdc6cfd8e1eaf3fc050e17\"}");
    assert_int_equal(length, strlen(text));
    assert_true(evidence_line_read(text, length, &again));
    assert_int_equal(again.seq, 12);
    assert_string_equal(again.day, line.day);
    assert_string_equal(again.kind, line.kind);
    assert_memory_equal(again.commitment, line.commitment, SHA256_BYTES);
    assert_false(evidence_line_read(text, length - 1, &again));
    /* No character of it can be another one and give the same record. */
    for (size_t i = 0; i < length; i++) {
        char kept = text[i];
        text[i] = ' ';
        assert_false(evidence_line_read(text, length, &again));
        text[i] = '\0';
        assert_false(evidence_line_read(text, length, &again));
        text[i] = kept;
    }
    static const char padded[]
        = "{\"seq\":01,\"day\":\"2026-11-22\",\"kind\":\"rule\",\"commit\":"
          "\"0009121b242d363f48515a636c757e879099a2abb4bdc6cfd8e1eaf3fc050e17\"}";
    assert_false(evidence_line_read(padded, sizeof padded - 1, &again));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, build, take_down)
    const struct CMUnitTest tests[] = {
        TEST(records_are_numbered_from_nought_without_holes),
        TEST(a_document_is_canonical_text),
        TEST(each_record_names_its_subjects_one_before),
        TEST(a_commitment_binds_salt_and_document),
        TEST(what_is_no_record_is_refused),
        TEST(an_erasure_leaves_lines_and_says_which),
        cmocka_unit_test(a_line_is_read_only_as_it_is_written),
    };
    return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
