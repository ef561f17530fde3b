/* Somebody is erased while a bundle is made: what comes out holds, or nothing does.  Linked with --wrap, so
 * that it happens right before the checkpoint of the bundle, or between that and its documents. */
#include "../unit.h"
#include "base/files.h"
#include "house.h"
#include "viewing/evidence_bundle.h"
#include "viewing/evidence_stamps.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct house house;
static char bundle[128];
static size_t erasures_left, erased; /* the persons whose turn it was */
static bool before_the_checkpoint;

static int build(void **state)
{
    (void)state;
    house_build(&house);
    free(house.settings.data);
    house.settings.data = strdup(house.folder);
    (void)snprintf(bundle, sizeof bundle, "%s-bundle", house.folder);
    erased = 0;
    for (size_t i = 0; i < HOUSE_PEOPLE; i++) {
        struct play_session session = house_begin(&house, &house.people[i], house.lecture_id);
        house_deliver(&house, &house.people[i], house.lecture_id, 0, 20000);
        house_now_ms += 10000;
        (void)house_take_one(&house, &house.people[i], &session, 0, 0, 10000, NULL);
    }
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

static bool erase_next(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)data;
    return evidence_erase(connection, house.people[erased].participant_id, house.cohort_id,
        "asked for it", NULL, problem);
}

static void erase_if_it_is_time(bool is_time)
{
    struct problem problem = { 0 };
    if (!is_time || erasures_left == 0)
        return;
    erasures_left--;
    assert_true(db_write(house.db, erase_next, NULL, &problem));
    erased++;
}

bool __real_evidence_checkpoint(struct db *db, const struct settings *settings, const char *cause,
    struct evidence_head *ret_head, struct problem *problem);
bool __wrap_evidence_checkpoint(struct db *db, const struct settings *settings, const char *cause,
    struct evidence_head *ret_head, struct problem *problem);
bool __wrap_evidence_checkpoint(struct db *db, const struct settings *settings, const char *cause,
    struct evidence_head *ret_head, struct problem *problem)
{
    erase_if_it_is_time(before_the_checkpoint);
    return __real_evidence_checkpoint(db, settings, cause, ret_head, problem);
}

bool __wrap_evidence_stamp_newest(
    struct db *db, const struct settings *settings, bool *ret_stamped, struct problem *problem);
bool __wrap_evidence_stamp_newest(
    struct db *db, const struct settings *settings, bool *ret_stamped, struct problem *problem)
{
    (void)db;
    (void)settings;
    (void)problem;
    erase_if_it_is_time(!before_the_checkpoint);
    *ret_stamped = false;
    return true;
}

static bool export(struct bundle_facts *facts, struct problem *problem)
{
    assert_true(folder_remove(bundle, problem));
    assert_true(folder_make(bundle, 0700, problem));
    int fd = open(bundle, O_RDONLY | O_DIRECTORY);
    bool good = evidence_export(house.db, &house.settings, house.cohort_id, fd, facts, problem);
    (void)close(fd);
    return good;
}

static void assert_one_erasure_is_borne(void)
{
    struct problem problem = { 0 };
    struct bundle_facts facts;
    struct bundle_verdict verdict;
    struct bundle_check check = { 0 };
    erasures_left = 1;
    if (!export(&facts, &problem))
        fail_msg("%s", problem.detail);
    check.fd = open(bundle, O_RDONLY | O_DIRECTORY);
    assert_true(bundle_verify(&check, &verdict, &problem));
    (void)close(check.fd);
    if (!verdict.holds)
        fail_msg("%s", verdict.what);
    assert_int_equal(erased, 1);
    assert_int_equal(verdict.documents, facts.documents);
    assert_true(facts.documents < facts.records);
}

static void an_erasure_before_the_checkpoint_makes_it_begin_again(void **state)
{
    (void)state;
    before_the_checkpoint = true;
    assert_one_erasure_is_borne();
}

static void an_erasure_after_the_checkpoint_makes_it_begin_again(void **state)
{
    (void)state;
    before_the_checkpoint = false;
    assert_one_erasure_is_borne();
}

static void one_more_each_time_is_told(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    struct bundle_facts facts;
    before_the_checkpoint = false;
    erasures_left = HOUSE_PEOPLE;
    assert_false(export(&facts, &problem));
    assert_int_equal(problem.kind, PROBLEM_BUSY);
    assert_int_equal(erased, 2);
    problem_clear(&problem);
    erasures_left = 0;
    assert_true(export(&facts, &problem));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, build, take_down)
    const struct CMUnitTest tests[] = {
        TEST(an_erasure_before_the_checkpoint_makes_it_begin_again),
        TEST(an_erasure_after_the_checkpoint_makes_it_begin_again),
        TEST(one_more_each_time_is_told),
    };
    return cmocka_run_group_tests_name("evidence_erased_meanwhile", tests, NULL, NULL);
}
