/* One person's proof: it holds alone, and nothing that was changed in it does. */
#include "viewing/evidence_proof.h"
#include "../unit.h"
#include "base/memory.h"
#include "house.h"
#include "viewing/evidence_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct house house;

static int build(void **state)
{
    (void)state;
    house_build(&house);
    free(house.settings.data);
    house.settings.data = strdup(house.folder);
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    house_remove(&house);
    return 0;
}

static void watch(size_t person, int64_t from_ms)
{
    struct play_session session = house_begin(&house, &house.people[person], house.lecture_id);
    house_deliver(&house, &house.people[person], house.lecture_id, from_ms, from_ms + 20000);
    house_now_ms += 10000;
    (void)house_take_one(
        &house, &house.people[person], &session, 0, from_ms, from_ms + 10000, NULL);
}

struct appending {
    const char *subject_id;
    size_t count, bytes;
};

static bool append(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct appending *appending = data;
    char *filling = memory_zeroed(1, appending->bytes + 1);
    memset(filling, 'x', appending->bytes);
    json_t *record = json_pack("{s:s}", "filling", filling);
    bool good = true;
    for (size_t i = 0; good && i < appending->count; i++)
        good = evidence_append(connection, "decision", appending->subject_id, record, problem);
    json_decref(record);
    free(filling);
    return good;
}

static void append_records(const char *subject_id, size_t count, size_t bytes)
{
    struct problem problem = { 0 };
    struct appending appending = { subject_id, count, bytes };
    assert_true(db_write(house.db, append, &appending, &problem));
}

static int64_t sign(void)
{
    struct problem problem = { 0 };
    struct evidence_head head;
    if (!evidence_checkpoint(house.db, &house.settings, "asked", &head, &problem))
        fail_msg("%s", problem.detail);
    return head.size;
}

/* The whole file, page by page; size 0: to the newest checkpoint. */
static struct text prove(const char *subject_id, int64_t size, size_t *ret_pages)
{
    struct problem problem = { 0 };
    struct proof_page page = { .subject_id = subject_id, .size = size, .after = -1 };
    struct text text;
    size_t pages = 0;
    text_init(&text, 64 << 20);
    for (; !page.is_last; pages++) {
        size_t before = text.length;
        if (!evidence_proof_next(house.db, &page, &text, &problem))
            fail_msg("%s", problem.detail);
        assert_true(text.length - before < PROOF_TEXT_BYTES_MAX);
    }
    if (ret_pages)
        *ret_pages = pages;
    return text;
}

static struct bundle_verdict verify_with(
    const char *bytes, size_t length, const struct note_key *key, const char *checkpoint)
{
    struct problem problem = { 0 };
    struct bundle_verdict verdict;
    FILE *file = tmpfile();
    struct bundle_check check = { .fd = fileno(file), .key = key, .checkpoint = checkpoint };
    check.checkpoint_length = checkpoint ? strlen(checkpoint) : 0;
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fflush(file), 0);
    assert_int_equal(lseek(check.fd, 0, SEEK_SET), 0);
    assert_true(evidence_proof_verify(&check, &verdict, &problem));
    (void)fclose(file);
    return verdict;
}

static struct bundle_verdict verify(const struct text *text)
{
    return verify_with(text->bytes, text->length, NULL, NULL);
}

static void a_person_s_records_hold_alone(void **state)
{
    (void)state;
    for (size_t person = 0; person < 2; person++)
        watch(person, 0);
    append_records("", 200, 10);
    watch(0, 20000);
    int64_t size = sign();
    struct text proof = prove(house.people[0].participant_id, 0, NULL);
    struct bundle_verdict verdict = verify(&proof);
    if (!verdict.holds)
        fail_msg("%s", verdict.what);
    assert_string_equal(verdict.subject_id, house.people[0].participant_id);
    assert_int_equal(verdict.records, size);
    assert_int_equal(
        verdict.documents, house_number(&house, "SELECT COUNT(*) FROM evidence WHERE subject_id = "
                                                "(SELECT MIN(id) FROM participant WHERE id IN"
                                                " (SELECT participant_id FROM heartbeat JOIN "
                                                "play_session ON play_session.id = play_session_id"
                                                "  GROUP BY participant_id HAVING COUNT(*) = 2))"));
    assert_null(strstr(proof.bytes, house.people[1].participant_id));
    text_release(&proof);
}

static void every_changed_byte_is_noticed(void **state)
{
    (void)state;
    watch(0, 0);
    append_records("", 100, 10);
    watch(0, 20000);
    (void)sign();
    struct text proof = prove(house.people[0].participant_id, 0, NULL);
    for (size_t at = 0; at < proof.length; at += 1 + proof.length / 400) {
        proof.bytes[at] ^= 1;
        struct bundle_verdict verdict = verify(&proof);
        if (verdict.holds || verdict.what[0] == '\0')
            fail_msg("byte %zu", at);
        proof.bytes[at] ^= 1;
    }
    assert_true(verify(&proof).holds);
    text_release(&proof);
}

static char *line_at(char *bytes, size_t line)
{
    for (; line > 0; line--)
        bytes = strchr(bytes, '\n') + 1;
    return bytes;
}

/* Lines: the head, the first key, then the person's. */
static void a_record_that_is_left_out_is_missed(void **state)
{
    (void)state;
    (void)sign();
    watch(0, 0);
    watch(0, 20000);
    (void)sign();
    struct text proof = prove(house.people[0].participant_id, 0, NULL);
    static const struct {
        const char *story;
        size_t line;
        const char *what;
    } cases[] = {
        { "the head", 0, "the first line is no checkpoint" },
        { "the key", 1, "is not signed by the key of its time" },
        { "the person's first", 2, "it is missing" },
        { "another of the person's", 3, "it is missing" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *copy = memory_strdup(proof.bytes);
        char *line = line_at(copy, cases[i].line), *next = line_at(line, 1);
        memmove(line, next, strlen(next) + 1);
        struct bundle_verdict verdict = verify_with(copy, strlen(copy), NULL, NULL);
        if (verdict.holds || !strstr(verdict.what, cases[i].what))
            fail_msg("%s: %s", cases[i].story, verdict.what);
        free(copy);
    }
    text_release(&proof);
}

static void what_was_kept_from_before_is_proven_to(void **state)
{
    (void)state;
    struct evidence_head early;
    struct problem problem = { 0 };
    watch(0, 0);
    assert_true(evidence_checkpoint(house.db, &house.settings, "asked", &early, &problem));
    watch(0, 20000);
    append_records("", 70, 10);
    (void)sign();
    struct text newest = prove(house.people[0].participant_id, 0, NULL);
    struct text then = prove(house.people[0].participant_id, early.size, NULL);
    struct bundle_verdict verdict = verify_with(then.bytes, then.length, NULL, early.note);
    if (!verdict.holds)
        fail_msg("%s", verdict.what);
    assert_true(verdict.documents > 0 && verdict.documents < verify(&newest).documents);
    verdict = verify_with(newest.bytes, newest.length, NULL, early.note);
    assert_non_null(strstr(verdict.what, "ask for one of the same"));
    static const struct note_key stranger = { .name = "elsewhere/evidence" };
    verdict = verify_with(newest.bytes, newest.length, &stranger, NULL);
    assert_string_equal(verdict.what, "the key that you know is none of this log's");
    text_release(&newest);
    text_release(&then);
}

static void who_has_no_record_has_no_proof(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    struct text text;
    struct proof_page page = { .subject_id = house.people[2].participant_id, .after = -1 };
    text_init(&text, PROOF_TEXT_BYTES_MAX);
    assert_false(evidence_proof_next(house.db, &page, &text, &problem)); /* nothing signed yet */
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    watch(0, 0);
    (void)sign();
    problem = (struct problem){ 0 };
    text_clear(&text);
    assert_true(evidence_proof_next(house.db, &page, &text, &problem));
    assert_true(page.is_last && page.own_count == 0);
    struct bundle_verdict verdict = verify(&text);
    assert_string_equal(verdict.what, "there is no record of the person in it");
    text_release(&text);
}

static void a_long_record_comes_in_pages(void **state)
{
    (void)state;
    append_records(house.people[1].participant_id, 1200, 1000);
    append_records(house.people[1].participant_id, 3, EVIDENCE_DOCUMENT_MAX - 1000);
    (void)sign();
    size_t pages;
    struct text proof = prove(house.people[1].participant_id, 0, &pages);
    assert_true(pages >= 5);
    struct bundle_verdict verdict = verify(&proof);
    if (!verdict.holds)
        fail_msg("%s", verdict.what);
    assert_int_equal(verdict.documents, 1203);
    text_release(&proof);
}

/* --- the tree ---------------------------------------------------------------------------------- */

struct asking {
    uint64_t size;
    const struct merkle_hash *leaves, *root;
};

static bool ask_paths(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct asking *asking = data;
    struct evidence_tree tree = { .connection = connection, .size = asking->size };
    for (uint64_t seq = 0; seq < asking->size; seq++) {
        struct merkle_proof path;
        if (!evidence_tree_path(&tree, seq, &path, problem))
            return false;
        if (!merkle_included(&asking->leaves[seq], seq, asking->size, &path, asking->root))
            fail_msg(
                "record %llu of %llu", (unsigned long long)seq, (unsigned long long)asking->size);
    }
    return true;
}

static bool read_leaves(struct db_connection *connection, void *data, struct problem *problem)
{
    struct merkle_hash *leaves = data;
    struct db_rows *rows
        = db_query(connection, "SELECT seq, day, kind, commitment FROM evidence ORDER BY seq", "");
    while (db_next(rows)) {
        struct evidence_line line;
        char text[EVIDENCE_LINE_SIZE];
        assert_true(evidence_line_of_row(rows, &line));
        leaves[line.seq] = merkle_leaf(text, evidence_line_write(&line, text));
    }
    return db_end(rows, problem);
}

/* Whenever it grew in between, and whatever is behind the checkpoint by now. */
static void every_path_leads_to_the_root_of_every_size(void **state)
{
    (void)state;
    enum { RECORDS = 700 };
    static const uint64_t sizes[] = { 1, 2, 3, 63, 64, 65, 127, 128, 129, 300, 512, 513, RECORDS };
    static struct merkle_hash leaves[2 * RECORDS];
    struct problem problem = { 0 };
    for (size_t count = 0; count < RECORDS; count += 70) {
        append_records("", 70, 1);
        assert_true(evidence_tree_grow(house.db, &problem));
    }
    assert_true(db_read(house.db, read_leaves, leaves, &problem));
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct merkle_frontier frontier = { 0 };
        for (uint64_t seq = 0; seq < sizes[i]; seq++)
            merkle_add(&frontier, &leaves[seq]);
        struct merkle_hash root = merkle_root(&frontier);
        struct asking asking = { sizes[i], leaves, &root };
        if (!db_read(house.db, ask_paths, &asking, &problem))
            fail_msg("%s", problem.detail);
    }
    /* One for 64 records, and the parents. */
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM evidence_node WHERE level = 6"),
        house_number(&house, "SELECT COUNT(*) / 64 FROM evidence"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_person_s_records_hold_alone, build, take_down),
        cmocka_unit_test_setup_teardown(every_changed_byte_is_noticed, build, take_down),
        cmocka_unit_test_setup_teardown(a_record_that_is_left_out_is_missed, build, take_down),
        cmocka_unit_test_setup_teardown(what_was_kept_from_before_is_proven_to, build, take_down),
        cmocka_unit_test_setup_teardown(who_has_no_record_has_no_proof, build, take_down),
        cmocka_unit_test_setup_teardown(a_long_record_comes_in_pages, build, take_down),
        cmocka_unit_test_setup_teardown(
            every_path_leads_to_the_root_of_every_size, build, take_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
