/* Keys, checkpoints and bundles: what an honest server exports holds, and nothing that was tampered
 * with does. */
#include "viewing/evidence_bundle.h"
#include "../unit.h"
#include "base/files.h"
#include "base/text.h"
#include "house.h"
#include "viewing/evidence_keys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct house house;
static char bundle[128];

static int build(void **state)
{
    (void)state;
    house_build(&house);
    free(house.settings.data);
    house.settings.data = strdup(house.folder);
    (void)snprintf(bundle, sizeof bundle, "%s-bundle", house.folder);
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    (void)folder_remove(bundle, &problem);
    house_remove(&house);
    return 0;
}

/* Some evidence of two people. */
static void watch(int64_t from_ms)
{
    for (size_t i = 0; i < 2; i++) {
        struct play_session session = house_begin(&house, &house.people[i], house.lecture_id);
        house_deliver(&house, &house.people[i], house.lecture_id, from_ms, from_ms + 20000);
        house_now_ms += 10000;
        (void)house_take_one(&house, &house.people[i], &session, 0, from_ms, from_ms + 10000, NULL);
    }
}

static struct bundle_facts export(void)
{
    struct problem problem = { 0 };
    struct bundle_facts facts;
    assert_true(folder_remove(bundle, &problem));
    assert_true(folder_make(bundle, 0700, &problem));
    int fd = open(bundle, O_RDONLY | O_DIRECTORY);
    if (!evidence_export(house.db, &house.settings, house.cohort_id, fd, &facts, &problem))
        fail_msg("%s", problem.detail);
    (void)close(fd);
    return facts;
}

static struct bundle_verdict verify_with(const struct note_key *key, const char *checkpoint)
{
    struct problem problem = { 0 };
    struct bundle_verdict verdict;
    struct bundle_check check = { .key = key, .checkpoint = checkpoint };
    check.checkpoint_length = checkpoint ? strlen(checkpoint) : 0;
    check.fd = open(bundle, O_RDONLY | O_DIRECTORY);
    assert_true(bundle_verify(&check, &verdict, &problem));
    (void)close(check.fd);
    return verdict;
}

static void assert_holds(void)
{
    struct bundle_verdict verdict = verify_with(NULL, NULL);
    if (!verdict.holds)
        fail_msg("%s", verdict.what);
}

static char *path_in_bundle(const char *name)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", bundle, name);
    return path;
}

static char *read_file(const char *name, size_t *ret_length)
{
    struct problem problem = { 0 };
    char *bytes;
    assert_true(file_read_whole(path_in_bundle(name), 1 << 20, &bytes, ret_length, &problem));
    return bytes;
}

static void write_file(const char *name, const char *bytes, size_t length)
{
    FILE *file = fopen(path_in_bundle(name), "w");
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static void an_honest_bundle_holds(void **state)
{
    (void)state;
    watch(0);
    struct bundle_facts facts = export();
    struct bundle_verdict verdict = verify_with(NULL, NULL);
    if (!verdict.holds)
        fail_msg("%s", verdict.what);
    assert_int_equal(verdict.records, facts.records);
    assert_int_equal(verdict.documents, facts.documents);
    assert_int_equal(facts.records, facts.documents); /* there is no other cohort */
    assert_int_equal(verdict.checkpoints, 1);
    assert_true(merkle_equal(&verdict.head.root, &facts.head.root));
    assert_true(facts.records >= 6);
}

static void every_changed_byte_is_noticed(void **state)
{
    (void)state;
    static const char *const names[] = { BUNDLE_LOG, BUNDLE_LEAVES, BUNDLE_RECORDS,
        BUNDLE_CHECKPOINTS, BUNDLE_CHECKPOINT, BUNDLE_KEYS };
    watch(0);
    (void)export();
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        size_t length;
        char *bytes = read_file(names[i], &length);
        for (size_t at = 0; at < length; at += 1 + length / 150) {
            char kept = bytes[at];
            bytes[at] ^= 1;
            write_file(names[i], bytes, length);
            struct bundle_verdict verdict = verify_with(NULL, NULL);
            if (verdict.holds || verdict.what[0] == '\0')
                fail_msg("%s: byte %zu", names[i], at);
            /* Where the byte is of one record, that record is named. */
            if (i < 2 && verdict.seq < 0 && kept != '\n')
                fail_msg("%s: byte %zu: %s", names[i], at, verdict.what);
            bytes[at] = kept;
        }
        write_file(names[i], bytes, length);
        free(bytes);
        assert_holds();
    }
}

/* The line'th line, without its end. */
static char *line_at(char *bytes, size_t line)
{
    for (; line > 0; line--)
        bytes = strchr(bytes, '\n') + 1;
    return bytes;
}

static void remove_line(const char *name, size_t line)
{
    size_t length;
    char *bytes = read_file(name, &length);
    char *from = line_at(bytes, line), *to = strchr(from, '\n') + 1;
    memmove(from, to, length - (size_t)(to - bytes));
    write_file(name, bytes, length - (size_t)(to - from));
    free(bytes);
}

static void swap_lines(const char *name, size_t line)
{
    size_t length;
    char *bytes = read_file(name, &length), *swapped = malloc(length);
    char *first = line_at(bytes, line), *second = line_at(bytes, line + 1),
         *end = line_at(bytes, line + 2);
    char *at = mempcpy(swapped, bytes, (size_t)(first - bytes));
    at = mempcpy(at, second, (size_t)(end - second));
    at = mempcpy(at, first, (size_t)(second - first));
    (void)mempcpy(at, end, length - (size_t)(end - bytes));
    write_file(name, swapped, length);
    free(swapped);
    free(bytes);
}

static void what_is_removed_or_moved_is_named(void **state)
{
    (void)state;
    watch(0);
    watch(20000);
    int64_t records = export().records;
    for (int64_t seq = 0; seq < records; seq++) {
        static const char *const names[] = { BUNDLE_LOG, BUNDLE_RECORDS };
        for (size_t i = 0; i < 2; i++) {
            size_t length;
            char *kept = read_file(names[i], &length);
            remove_line(names[i], (size_t)seq);
            struct bundle_verdict verdict = verify_with(NULL, NULL);
            if (verdict.holds || verdict.seq != seq)
                fail_msg("%s without %lld: %s", names[i], (long long)seq, verdict.what);
            write_file(names[i], kept, length);
            if (seq + 1 < records) {
                swap_lines(names[i], (size_t)seq);
                verdict = verify_with(NULL, NULL);
                if (verdict.holds || (verdict.seq != seq && verdict.seq != seq + 1))
                    fail_msg("%s: %lld moved: %s", names[i], (long long)seq, verdict.what);
            }
            write_file(names[i], kept, length);
            free(kept);
        }
    }
    assert_holds();
}

static bool erase(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)data;
    return evidence_erase(
        connection, house.people[1].participant_id, house.cohort_id, "asked for it", NULL, problem);
}

static void an_erasure_leaves_all_proofs_valid(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    watch(0);
    struct bundle_facts before = export();
    assert_true(db_write(house.db, erase, NULL, &problem));
    watch(20000);
    struct bundle_facts after = export();
    assert_true(after.records > before.records);
    assert_true(after.documents < after.records);
    struct bundle_verdict verdict = verify_with(NULL, before.head.note);
    if (!verdict.holds)
        fail_msg("%s", verdict.what);
    size_t length;
    char *text = read_file(BUNDLE_RECORDS, &length);
    assert_non_null(strstr(text, "\"erased\":["));
    free(text);
}

static void keys_follow_each_other(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    struct note_signer *signers[2], *replacing;
    watch(0);
    struct bundle_facts before = export();
    assert_true(evidence_key_rotate(house.db, &house.settings, &signers[0], &signers[1], &problem));
    struct note_key first = *note_signer_key(signers[0]);
    assert_true(evidence_checkpoint_by(
        house.db, (const struct note_signer *const *)signers, 2, "key", NULL, &problem));
    note_signer_free(signers[0]);
    note_signer_free(signers[1]);
    (void)export();
    assert_true(verify_with(&first, before.head.note).holds);
    replacing = evidence_key_replace(house.db, &house.settings, "the disk broke", &problem);
    assert_non_null(replacing);
    struct note_key last = *note_signer_key(replacing);
    note_signer_free(replacing);
    (void)export();
    struct bundle_verdict verdict = verify_with(&last, before.head.note);
    if (!verdict.holds)
        fail_msg("%s", verdict.what);
    assert_int_equal(verdict.replaced_keys, 1);
    assert_true(verify_with(&first, NULL).holds);
    last.public_key[0] ^= 1;
    assert_false(verify_with(&last, NULL).holds);
}

static size_t signature_count(const char *note)
{
    size_t count = 0;
    for (const char *at = note; (at = strstr(at, "\n\xe2\x80\x94 ")); at++)
        count++;
    return count;
}

static bool read_newest_head(struct db_connection *connection, void *data, struct problem *problem)
{
    return evidence_head_read(connection, data, problem);
}

/* As the checkpointer, which has opened its signer when somebody rotates the key. */
static void a_key_that_retired_meanwhile_signs_nothing(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    struct note_signer *signers[2], *late;
    watch(0);
    (void)export();
    late = evidence_signer_open(house.db, &house.settings, &problem);
    assert_non_null(late);
    assert_true(evidence_key_rotate(house.db, &house.settings, &signers[0], &signers[1], &problem));
    assert_false(evidence_checkpoint_by(
        house.db, (const struct note_signer *const *)&late, 1, "interval", NULL, &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    problem_clear(&problem);
    assert_true(evidence_checkpoint_by(
        house.db, (const struct note_signer *const *)signers, 2, "key", NULL, &problem));
    note_signer_free(late);
    note_signer_free(signers[0]);
    note_signer_free(signers[1]);
    (void)export();
    assert_holds();
}

/* The checkpointer may come between a rotation and its checkpoint, with the new key alone. */
static void a_rotations_checkpoint_has_both_signatures(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    struct note_signer *signers[2];
    struct evidence_head alone, both, newest;
    watch(0);
    (void)export();
    assert_true(evidence_key_rotate(house.db, &house.settings, &signers[0], &signers[1], &problem));
    assert_true(evidence_checkpoint(house.db, &house.settings, "interval", &alone, &problem));
    assert_true(evidence_checkpoint_by(
        house.db, (const struct note_signer *const *)signers, 2, "key", &both, &problem));
    assert_true(db_read(house.db, read_newest_head, &newest, &problem));
    assert_int_equal(both.size, alone.size);
    assert_int_equal(signature_count(alone.note), 1);
    assert_int_equal(signature_count(newest.note), 2);
    assert_string_equal(newest.note, both.note);
    note_signer_free(signers[0]);
    note_signer_free(signers[1]);
    (void)export();
    assert_holds();
}

static void a_lost_key_is_told_and_replaced(void **state)
{
    (void)state;
    char path[256];
    struct problem problem = { 0 };
    watch(0);
    (void)export();
    (void)snprintf(path, sizeof path, "%s/evidence-keys", house.folder);
    assert_true(folder_remove(path, &problem));
    assert_false(evidence_checkpoint(house.db, &house.settings, "asked", NULL, &problem));
    assert_int_equal(problem.kind, PROBLEM_STORAGE);
    problem_clear(&problem);
    note_signer_free(evidence_key_replace(house.db, &house.settings, "lost", &problem));
    assert_true(evidence_checkpoint(house.db, &house.settings, "asked", NULL, &problem));
    (void)export();
    assert_holds();
}

/* Another log of the same form, by who has the keys: only what was sent out before tells. */
static void a_log_that_was_made_up_again_is_noticed_by_who_kept_a_checkpoint(void **state)
{
    (void)state;
    watch(0);
    struct bundle_facts before = export();
    house_run(&house, "UPDATE evidence SET day = '2020-01-01' WHERE seq = 3");
    house_run(&house, "DELETE FROM evidence_checkpoint");
    (void)export();
    assert_true(verify_with(NULL, NULL).holds);
    struct bundle_verdict verdict = verify_with(NULL, before.head.note);
    assert_false(verdict.holds);
    assert_non_null(strstr(verdict.what, "checkpoint that you have"));
}

static void a_record_that_was_changed_in_the_store_stops_nothing_but_the_proof(void **state)
{
    (void)state;
    watch(0);
    (void)export();
    house_run(&house,
        "UPDATE evidence SET body = replace(body, '10000', '90000') WHERE kind = 'heartbeats'");
    watch(20000);
    (void)export();
    struct bundle_verdict verdict = verify_with(NULL, NULL);
    assert_false(verdict.holds);
    assert_int_equal(verdict.seq,
        house_number(&house, "SELECT MIN(seq) FROM evidence WHERE kind = 'heartbeats'"));
}

struct asking {
    int64_t every_ms;
    const char *cause;
};
static bool ask(struct db_connection *connection, void *data, struct problem *problem)
{
    struct asking *asking = data;
    return evidence_checkpoint_due(
        connection, house_now_ms, asking->every_ms, &asking->cause, problem);
}
static const char *due(int64_t every_ms)
{
    struct problem problem = { 0 };
    struct asking asking = { every_ms, NULL };
    assert_true(db_read(house.db, ask, &asking, &problem));
    return asking.cause ? asking.cause : "";
}

static void checkpoints_come_at_an_interval_and_at_a_cohorts_end(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    char sql[160];
    watch(0);
    assert_string_equal(due(3600000), "interval");
    assert_true(evidence_checkpoint(house.db, &house.settings, "interval", NULL, &problem));
    house_now_ms += 7200000;
    assert_string_equal(due(3600000), ""); /* nothing was recorded since */
    watch(20000);
    assert_string_equal(due(3600000), "interval");
    assert_true(evidence_checkpoint(house.db, &house.settings, "interval", NULL, &problem));
    watch(40000);
    assert_string_equal(due(3600000), "");
    (void)snprintf(
        sql, sizeof sql, "UPDATE cohort SET closes_at_ms = %lld", (long long)house_now_ms);
    house_run(&house, sql);
    assert_string_equal(due(3600000), "cohort-end");
    assert_true(evidence_checkpoint(house.db, &house.settings, "cohort-end", NULL, &problem));
    assert_string_equal(due(3600000), "");
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM evidence_checkpoint"), 3);
}

static void a_cohort_that_is_not_there_has_no_bundle(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    struct bundle_facts facts;
    assert_true(folder_make(bundle, 0700, &problem));
    int fd = open(bundle, O_RDONLY | O_DIRECTORY);
    assert_false(
        evidence_export(house.db, &house.settings, house.lecture_id, fd, &facts, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    (void)close(fd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, build, take_down)
    const struct CMUnitTest tests[] = {
        TEST(an_honest_bundle_holds),
        TEST(every_changed_byte_is_noticed),
        TEST(what_is_removed_or_moved_is_named),
        TEST(an_erasure_leaves_all_proofs_valid),
        TEST(keys_follow_each_other),
        TEST(a_key_that_retired_meanwhile_signs_nothing),
        TEST(a_rotations_checkpoint_has_both_signatures),
        TEST(a_lost_key_is_told_and_replaced),
        TEST(a_log_that_was_made_up_again_is_noticed_by_who_kept_a_checkpoint),
        TEST(a_record_that_was_changed_in_the_store_stops_nothing_but_the_proof),
        TEST(checkpoints_come_at_an_interval_and_at_a_cohorts_end),
        TEST(a_cohort_that_is_not_there_has_no_bundle),
    };
    return cmocka_run_group_tests_name("evidence_bundle", tests, NULL, NULL);
}
