/* One screen, several people: who was there, what it showed, and what counts for whom. */
#include "../unit.h"
#include "stage.h"

#include <stdio.h>
#include <string.h>

static void it_counts_once_an_organizer_has_confirmed_it(void **state)
{
    (void)state;
    open_group();
    join(1);
    join(2);
    begin_screen();
    show(0, 60000);
    leave(0); /* the host's device: the group ends */
    assert_string_equal(credited(1), "[]");
    assert_told(1, 0, "group-waiting", "waiting");
    decide("confirmed", NULL);
    assert_string_equal(credited(1), "[[0,60000]]");
    assert_string_equal(credited(2), "[[0,60000]]");
    assert_string_equal(credited(3), "");
    assert_told(2, 60000, "skipped", "confirmed");
    /* The host's is their own player's, and no more. */
    assert_string_equal(house_text(&house, "SELECT credited FROM viewing"), "[[0,60000]]");
    withdraw();
    assert_string_equal(credited(1), "[]");
    assert_told(1, 0, "group-waiting", "waiting");
    decide("refused", "The hall was shut that day");
    assert_told(1, 0, "group-refused", "refused");
    decide("confirmed", "It was open after all");
    assert_told(1, 60000, "skipped", "confirmed");
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM viewing_group_decision"), 3);
}

static void each_step_is_in_the_evidence_log(void **state)
{
    (void)state;
    char sql[300];
    open_group();
    join(1);
    begin_screen();
    show(0, 20000);
    decide("confirmed", NULL);
    withdraw();
    (void)snprintf(sql, sizeof sql,
        "SELECT GROUP_CONCAT(json_extract(body, '$.record.event'), ' ')"
        " FROM (SELECT body FROM evidence WHERE kind = 'group' AND subject_id = '%s' ORDER BY seq)",
        person(1)->participant_id);
    assert_string_equal(house_text(&house, sql), "joined waiting confirmed withdrawn");
    (void)snprintf(sql, sizeof sql,
        "SELECT json_extract(body, '$.record.credited') FROM evidence WHERE subject_id = '%s'"
        " AND json_extract(body, '$.record.event') = 'confirmed'",
        person(1)->participant_id);
    assert_string_equal(house_text(&house, sql), "[[0,20000]]");
    (void)snprintf(sql, sizeof sql,
        "SELECT json_array_length(body, '$.record.showings') FROM evidence WHERE subject_id = '%s'"
        " AND json_extract(body, '$.record.event') = 'ended'",
        person(0)->participant_id);
    assert_int_equal(house_number(&house, sql), 2);
    (void)snprintf(sql, sizeof sql,
        "SELECT COUNT(*) FROM evidence WHERE subject_id = '%s' AND body LIKE '%%%s%%'",
        person(0)->participant_id, person(1)->participant_id);
    assert_int_equal(house_number(&house, sql), 0); /* a record names nobody else */
}

static void who_comes_late_or_leaves_early_has_that_part(void **state)
{
    (void)state;
    open_group();
    join(1);
    begin_screen();
    show(0, 25000);
    join(2); /* between two reports */
    show(25000, 60000);
    leave(1);
    show(60000, 90000);
    join(1);
    show(90000, 100000);
    decide("confirmed", NULL);
    assert_string_equal(credited(1), "[[0,60000],[90000,100000]]");
    assert_string_equal(credited(2), "[[25000,100000]]");
}

static void what_the_host_saw_before_counts_for_who_sees_it_now(void **state)
{
    (void)state;
    begin_screen();
    show(0, 40000);
    open_group();
    join(1);
    show(0, 40000);
    decide("confirmed", NULL);
    assert_string_equal(credited(1), "[[0,40000]]");
}

static void only_the_screen_s_own_device_counts(void **state)
{
    (void)state;
    unsigned flags;
    open_group();
    join(1);
    house_deliver(&house, person(0), house.lecture_id, 0, HOUSE_LECTURE_MS);
    struct play_session on_phone = house_begin(&house, &house.second_device, house.lecture_id);
    house_now_ms += 20000;
    assert_int_equal(
        house_take_one(&house, &house.second_device, &on_phone, 0, 0, 20000, &flags), 20000);
    decide("confirmed", NULL);
    assert_string_equal(credited(1), "");
}

static void what_was_not_sent_or_too_fast_counts_for_nobody(void **state)
{
    (void)state;
    open_group();
    join(1);
    on_screen = house_begin(&house, person(0), house.lecture_id);
    house_deliver(&house, person(0), house.lecture_id, 0, 100000);
    house_now_ms += 10000;
    /* Ten seconds are worth twenty, and two to begin with; guests begin with none. */
    (void)house_take_one(&house, person(0), &on_screen, 0, 0, 100000, NULL);
    (void)house_take_one(&house, person(0), &on_screen, 1, 200000, 300000, NULL);
    decide("confirmed", NULL);
    assert_string_equal(credited(1), "[[0,20000]]");
}

static void a_code_lets_in_the_right_people(void **state)
{
    (void)state;
    open_group();
    char first[GROUP_CODE_SIZE];
    (void)snprintf(first, sizeof first, "%s", code());
    assert_int_equal(strspn(first, "0123456789"), 6);
    assert_int_equal(
        try((struct step){ act_join, .caller = person(0), .word = first }), PROBLEM_CONFLICT);
    const char *wrong = strcmp(first, "000000") == 0 ? "000001" : "000000";
    assert_int_equal(try((struct step){ act_join, .caller = person(1), .word = wrong }),
        PROBLEM_GROUP_CODE_UNKNOWN);
    struct caller stranger = *person(1);
    secure_make_uuid(stranger.cohort_id);
    assert_int_equal(try((struct step){ act_join, .caller = &stranger, .word = first }),
        PROBLEM_GROUP_CODE_UNKNOWN);
    join(1);
    join(1); /* typed twice */
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM viewing_group_stay"), 1);
    house_now_ms += house.settings.group_code_ms;
    assert_int_equal(try((struct step){ act_join, .caller = person(2), .word = first }),
        PROBLEM_GROUP_CODE_UNKNOWN);
    open_group(); /* another code, the same group */
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM viewing_group"), 1);
    join(2);
    house.settings.group_people_max = 2;
    assert_int_equal(
        try((struct step){ act_join, .caller = person(3), .word = code() }), PROBLEM_CONFLICT);
    leave(0);
    assert_int_equal(try((struct step){ act_join, .caller = person(3), .word = first }),
        PROBLEM_GROUP_CODE_UNKNOWN);
}

static void a_dark_screen_ends_the_group(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    open_group();
    join(1);
    begin_screen();
    show(0, 10000);
    house_now_ms += house.settings.group_idle_ms - 1;
    assert_true(groups_end_idle(house.db, &house.settings, &problem));
    assert_int_equal(
        house_number(&house, "SELECT COUNT(*) FROM viewing_group WHERE closed_at_ms IS NULL"), 1);
    house_now_ms += 1;
    assert_true(groups_end_idle(house.db, &house.settings, &problem));
    assert_int_equal(
        house_number(&house, "SELECT COUNT(*) FROM viewing_group WHERE closed_at_ms IS NULL"), 0);
    assert_told(1, 0, "group-waiting", "waiting");
}

static void an_organizer_says_who_was_there(void **state)
{
    (void)state;
    open_group();
    begin_screen();
    show(0, 30000);
    const struct step add
        = { act_add, .group_id = group_id(), .participant_id = person(1)->participant_id };
    assert_int_equal(try(add), PROBLEM_NONE);
    assert_int_equal(try(add), PROBLEM_NOT_FOUND);
    assert_int_equal(try((struct step){ act_add, .group_id = group_id(),
                         .participant_id = person(0)->participant_id }),
        PROBLEM_NOT_FOUND);
    assert_string_equal(credited(1), "[]");
    decide("confirmed", NULL);
    assert_string_equal(credited(1), "[[0,30000]]");
    /* Who is added to a confirmed one counts at once, and who is taken out does not any more. */
    assert_int_equal(try((struct step){ act_add, .group_id = group_id(),
                         .participant_id = person(2)->participant_id }),
        PROBLEM_NONE);
    assert_string_equal(credited(2), "[[0,30000]]");
    assert_int_equal(try((struct step){ act_remove, .group_id = group_id(),
                         .participant_id = person(1)->participant_id }),
        PROBLEM_NONE);
    assert_string_equal(credited(1), "");
    assert_string_equal(credited(2), "[[0,30000]]");
    assert_int_equal(try((struct step){ act_decide, .group_id = group_id(), .word = "refused" }),
        PROBLEM_INVALID_FIELD);
    assert_int_equal(try((struct step){ act_decide, .group_id = group_id(), .word = "perhaps" }),
        PROBLEM_INVALID_FIELD);
}

static void a_completion_goes_with_the_group_that_it_rests_on(void **state)
{
    (void)state;
    open_group();
    join(1);
    join(2);
    begin_screen();
    show(0, HOUSE_LECTURE_MS);
    decide("confirmed", NULL);
    assert_int_equal(completions(0), 1);
    assert_int_equal(completions(1), 1);
    /* One of them watches it all alone too: that stays. */
    house_now_ms += 3600000;
    struct play_session alone = house_begin(&house, person(2), house.lecture_id);
    house_deliver(&house, person(2), house.lecture_id, 0, HOUSE_LECTURE_MS);
    for (int64_t at_ms = 0; at_ms < HOUSE_LECTURE_MS; at_ms += 10000) {
        house_now_ms += 10000;
        (void)house_take_one(&house, person(2), &alone, at_ms / 10000, at_ms, at_ms + 10000, NULL);
    }
    withdraw();
    assert_int_equal(completions(0), 1);
    assert_int_equal(completions(1), 0);
    assert_int_equal(completions(2), 1);
    decide("confirmed", NULL);
    assert_int_equal(completions(1), 1);
}

static void who_adds_alone_to_what_they_saw_together_completes(void **state)
{
    (void)state;
    open_group();
    join(1);
    begin_screen();
    show(0, HOUSE_LECTURE_MS / 2);
    decide("confirmed", NULL);
    struct play_session alone = house_begin(&house, person(1), house.lecture_id);
    house_deliver(&house, person(1), house.lecture_id, HOUSE_LECTURE_MS / 2, HOUSE_LECTURE_MS);
    int64_t total_ms = 0;
    for (int64_t at_ms = HOUSE_LECTURE_MS / 2; at_ms < HOUSE_LECTURE_MS; at_ms += 10000) {
        house_now_ms += 10000;
        total_ms
            = house_take_one(&house, person(1), &alone, at_ms / 10000, at_ms, at_ms + 10000, NULL);
    }
    assert_int_equal(total_ms, HOUSE_LECTURE_MS);
    assert_int_equal(completions(1), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_counts_once_an_organizer_has_confirmed_it),
        TEST(each_step_is_in_the_evidence_log),
        TEST(who_comes_late_or_leaves_early_has_that_part),
        TEST(what_the_host_saw_before_counts_for_who_sees_it_now),
        TEST(only_the_screen_s_own_device_counts),
        TEST(what_was_not_sent_or_too_fast_counts_for_nobody),
        TEST(a_code_lets_in_the_right_people),
        TEST(a_dark_screen_ends_the_group),
        TEST(an_organizer_says_who_was_there),
        TEST(a_completion_goes_with_the_group_that_it_rests_on),
        TEST(who_adds_alone_to_what_they_saw_together_completes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
