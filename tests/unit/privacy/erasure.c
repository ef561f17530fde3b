/* Erasures that are many, that cannot be finished at once, and what is not possible after one. */
#include "catalog_store.h"

#include "access/invitation.h"
#include "privacy/erasure.h"

#include <stdatomic.h>

enum { MANY = 150 };

static atomic_bool busy;

bool __real_db_scrub(struct db *db, const char *const *needles, size_t needle_count,
    bool *ret_written_anew, struct problem *problem);
bool __wrap_db_scrub(struct db *db, const char *const *needles, size_t needle_count,
    bool *ret_written_anew, struct problem *problem);
bool __wrap_db_scrub(struct db *db, const char *const *needles, size_t needle_count,
    bool *ret_written_anew, struct problem *problem)
{
    return busy ? problem_set(problem, PROBLEM_BUSY, "somebody reads for long")
                : __real_db_scrub(db, needles, needle_count, ret_written_anew, problem);
}

static int set_up(void **state)
{
    busy = false;
    return catalog_set_up(state);
}

static void make_cohort(struct catalog *catalog, char ret_id[UUID_TEXT_SIZE])
{
    char program[UUID_TEXT_SIZE];
    catalog_program(catalog, "Basics", program);
    catalog_cohort(catalog, program, "2026-11-23", "2099-11-27", ret_id);
}

static bool go_on_for(void *data)
{
    int *people = data;
    return (*people)-- > 0;
}

static int64_t finish_pending(struct catalog *catalog, int people)
{
    struct problem problem = { 0 };
    int64_t count = -1;
    (void)erasure_finish_pending(
        catalog->db, (struct erasure_pace){ go_on_for, &people }, &count, &problem);
    catalog_fail(&problem);
    return count;
}

static void however_many_wait_they_are_finished_together(void **state)
{
    struct catalog *catalog = *state;
    struct problem problem = { 0 };
    char cohort[UUID_TEXT_SIZE], id[UUID_TEXT_SIZE];
    make_cohort(catalog, cohort);
    for (int i = 0; i < MANY; i++) {
        catalog_participant(catalog, cohort, "Somebody", id);
        (void)erasure_begin(catalog->db, id, "Kept for long enough.", &problem);
        catalog_fail(&problem);
    }
    assert_int_equal(finish_pending(catalog, MANY - 1), 0); /* and nobody waits for it */
    assert_int_equal(finish_pending(catalog, MANY), MANY);
    assert_int_equal(finish_pending(catalog, MANY), 0);
}

struct first {
    char name[100];
};

static bool read_name(struct db_connection *connection, void *data, struct problem *problem)
{
    struct first *first = data;
    struct db_rows *rows = db_query(connection, "SELECT name FROM participant", "");
    if (db_next(rows))
        (void)snprintf(first->name, sizeof first->name, "%s", db_text(rows, 0));
    return db_end(rows, problem);
}

static void an_erasure_that_must_wait_for_a_reader_has_begun_all_the_same(void **state)
{
    struct catalog *catalog = *state;
    struct erasure_facts facts;
    struct first first;
    char cohort[UUID_TEXT_SIZE], id[UUID_TEXT_SIZE];
    make_cohort(catalog, cohort);
    catalog_participant(catalog, cohort, "Enkhtuya", id);
    busy = true;
    assert_true(erasure_run(catalog->db, id, NULL, "Asked", &facts, &catalog->problem));
    assert_int_equal(facts.unfinished.kind, PROBLEM_BUSY);
    assert_true(db_read(catalog->db, read_name, &first, &catalog->problem));
    assert_null(strstr(first.name, "Enkhtuya"));
    busy = false;
    assert_int_equal(finish_pending(catalog, 1), 1);
    assert_true(erasure_run(catalog->db, id, NULL, "Again", &facts, &catalog->problem));
    assert_int_equal(facts.unfinished.kind, PROBLEM_NONE);
}

struct inviting {
    struct catalog *catalog;
    const char *participant_id;
};

static bool invite(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct inviting *inviting = data;
    char secret[SECRET_TEXT_SIZE];
    int64_t expires_at_ms;
    return invitation_issue(connection, &inviting->catalog->settings, inviting->participant_id,
        secret, &expires_at_ms, problem);
}

static void nobody_is_invited_who_was_erased(void **state)
{
    struct catalog *catalog = *state;
    struct erasure_facts facts;
    char cohort[UUID_TEXT_SIZE], id[UUID_TEXT_SIZE];
    struct inviting inviting = { catalog, id };
    make_cohort(catalog, cohort);
    catalog_participant(catalog, cohort, "Enkhtuya", id);
    assert_true(db_write(catalog->db, invite, &inviting, &catalog->problem));
    assert_true(erasure_run(catalog->db, id, NULL, "Asked", &facts, &catalog->problem));
    assert_false(db_write(catalog->db, invite, &inviting, &catalog->problem));
    assert_int_equal(catalog->problem.kind, PROBLEM_CONFLICT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            however_many_wait_they_are_finished_together, set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            an_erasure_that_must_wait_for_a_reader_has_begun_all_the_same, set_up,
            catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            nobody_is_invited_who_was_erased, set_up, catalog_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
