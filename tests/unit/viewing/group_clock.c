/* One clock a person, over what they watch alone and together. */
#include "../unit.h"
#include "chance.h"
#include "stage.h"

#include <stdio.h>
#include <string.h>

static void time_that_counted_alone_does_not_count_together(void **state)
{
    (void)state;
    open_group();
    join(1);
    begin_screen();
    struct play_session alone = house_begin(&house, person(1), house.other_lecture_id);
    house_deliver(&house, person(1), house.other_lecture_id, 0, HOUSE_LECTURE_MS);
    for (int i = 0; i < 6; i++) {
        show(i * 10000, i * 10000 + 10000);
        (void)house_take_one(&house, person(1), &alone, i, i * 20000, i * 20000 + 20000, NULL);
    }
    decide("confirmed", NULL);
    assert_string_equal(credited(1), "[]");
    assert_told(1, 0, "no-time", "confirmed");
}

static void nor_does_time_together_count_alone_later(void **state)
{
    (void)state;
    struct play_session alone = house_begin(&house, person(1), house.other_lecture_id);
    house_deliver(&house, person(1), house.other_lecture_id, 0, HOUSE_LECTURE_MS);
    open_group();
    join(1);
    begin_screen();
    show(0, 300000);
    decide("confirmed", NULL);
    assert_string_equal(credited(1), "[[0,300000]]");
    /* Five minutes without a sign of their own player: they were spent before the screen. */
    assert_int_equal(house_take_one(&house, person(1), &alone, 0, 0, 600000, NULL), 2000);
    /* Time after it counts as ever. */
    house_now_ms += 10000;
    assert_int_equal(house_take_one(&house, person(1), &alone, 1, 2000, 22000, NULL), 22000);
}

/* Whatever people do: own credit and that of all groups stays within the server's clock. */
static void together_and_alone_never_exceed_the_clock(void **state)
{
    (void)state;
    struct chance chance = { 20261123 };
    for (int history = 0; history < 12; history++) {
        house_remove(&house);
        house_build(&house);
        int64_t began_at_ms = house_now_ms, seq[HOUSE_PEOPLE] = { 0 }, at[HOUSE_PEOPLE] = { 0 };
        struct play_session alone[HOUSE_PEOPLE];
        begin_screen();
        for (int i = 1; i < HOUSE_PEOPLE; i++) {
            alone[i] = house_begin(&house, person(i), house.other_lecture_id);
            house_deliver(&house, person(i), house.other_lecture_id, 0, HOUSE_LECTURE_MS);
        }
        for (int move = 0; move < 60; move++) {
            int who = 1 + (int)chance_below(&chance, HOUSE_PEOPLE - 1);
            bool is_open = code()[0] != '\0', any = group_id()[0] != '\0';
            int64_t claim_ms = chance_below(&chance, 40000), from_ms = at[0];
            house_now_ms += chance_below(&chance, 15000);
            switch (chance_below(&chance, 9)) {
            case 0:
                open_group();
                break;
            case 1:
                if (is_open)
                    join(who);
                break;
            case 2:
                if (is_open)
                    leave((int)chance_below(&chance, HOUSE_PEOPLE));
                break;
            case 3:
                if (any)
                    decide("confirmed", NULL);
                break;
            case 4:
                if (any)
                    (void)try((struct step){ act_withdraw, .group_id = group_id() });
                break;
            case 5:
            case 6:
                (void)house_take_one(
                    &house, person(0), &on_screen, next_seq++, from_ms, from_ms + claim_ms, NULL);
                at[0] = (from_ms + claim_ms) % (HOUSE_LECTURE_MS - 40000);
                break;
            default:
                (void)house_take_one(&house, person(who), &alone[who], seq[who]++, at[who],
                    at[who] + claim_ms, NULL);
                at[who] = (at[who] + claim_ms) % (HOUSE_LECTURE_MS - 40000);
            }
        }
        /* All that ever waited is confirmed in the end. */
        while (code()[0] != '\0')
            leave(0);
        for (;;) {
            char id[UUID_TEXT_SIZE];
            (void)snprintf(id, sizeof id, "%s",
                house_text(&house,
                    "SELECT id FROM viewing_group WHERE id NOT IN (SELECT group_id FROM"
                    " viewing_group_decision WHERE ended_at_ms IS NULL) LIMIT 1"));
            if (id[0] == '\0')
                break;
            assert_int_equal(try((struct step){ act_decide, .group_id = id, .word = "confirmed" }),
                PROBLEM_NONE);
        }
        for (int i = 1; i < HOUSE_PEOPLE; i++) {
            char sql[500];
            (void)snprintf(sql, sizeof sql,
                "SELECT COALESCE(SUM(json_extract(value, '$[1]') - json_extract(value, '$[0]')), 0)"
                " FROM (SELECT credited FROM viewing WHERE participant_id = '%s' UNION ALL"
                "       SELECT credited FROM viewing_group_credit WHERE participant_id = '%s'),"
                " json_each(credited)",
                person(i)->participant_id, person(i)->participant_id);
            int64_t total_ms = house_number(&house, sql);
            if (total_ms > 2000 + 2 * (house_now_ms - began_at_ms))
                fail_msg("history %d: %lld ms credited in %lld ms", history, (long long)total_ms,
                    (long long)(house_now_ms - began_at_ms));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(time_that_counted_alone_does_not_count_together),
        TEST(nor_does_time_together_count_alone_later),
        TEST(together_and_alone_never_exceed_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
