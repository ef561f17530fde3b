#include "access_world.h"

static void a_session_says_who_one_is(void **state)
{
    struct world *world = *state;
    struct world_session anh = world_sign_in(world, ANH, NULL);
    struct world_session olive = world_sign_in(world, NULL, OLIVE);
    struct world_session ada = world_sign_in(world, NULL, ADA);
    struct caller caller;
    assert_int_equal(world_find(world, anh.secret, &caller), PROBLEM_NONE);
    assert_int_equal(caller.role, CALLER_PARTICIPANT);
    assert_string_equal(caller.participant_id, ANH);
    assert_string_equal(caller.cohort_id, VIETNAM);
    assert_string_equal(caller.program_id, LAW);
    assert_string_equal(caller.staff_id, "");
    assert_string_equal(caller.session_id, anh.id);
    assert_int_equal(caller.session_expires_at_ms, anh.expires_at_ms);
    assert_int_equal(world_find(world, olive.secret, &caller), PROBLEM_NONE);
    assert_int_equal(caller.role, CALLER_ORGANIZER);
    assert_string_equal(caller.staff_id, OLIVE);
    assert_string_equal(caller.participant_id, "");
    assert_string_equal(caller.cohort_id, "");
    assert_int_equal(world_find(world, ada.secret, &caller), PROBLEM_NONE);
    assert_int_equal(caller.role, CALLER_ADMIN);
}

static void every_sign_in_makes_a_new_session(void **state)
{
    struct world *world = *state;
    struct world_session first = world_sign_in(world, ANH, NULL);
    struct world_session second = world_sign_in(world, ANH, NULL);
    assert_string_not_equal(first.secret, second.secret);
    assert_string_not_equal(first.id, second.id);
    assert_int_equal(world_find(world, first.secret, NULL), PROBLEM_NONE);
}

static void what_is_no_secret_of_ours_signs_nobody_in(void **state)
{
    struct world *world = *state;
    struct world_session anh = world_sign_in(world, ANH, NULL);
    char changed[SECRET_TEXT_SIZE], longer[SECRET_TEXT_SIZE + 1], last;
    memcpy(changed, anh.secret, sizeof changed);
    changed[5] = changed[5] == 'A' ? 'B' : 'A';
    (void)snprintf(longer, sizeof longer, "%sA", anh.secret);
    const char *wrong[] = {
        "", "x", changed, longer, anh.id, "' OR 1=1 --AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(world_find(world, wrong[i], NULL), PROBLEM_SIGN_IN_NEEDED);
    /* Of the last character 4 bits count; the other spellings of the same 32 bytes are refused. */
    last = anh.secret[42];
    for (const char *other = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=";
         *other; other++) {
        anh.secret[42] = *other;
        assert_int_equal(world_find(world, anh.secret, NULL),
            *other == last ? PROBLEM_NONE : PROBLEM_SIGN_IN_NEEDED);
    }
}

static void a_session_ends_by_time_by_hand_and_with_its_account(void **state)
{
    struct world *world = *state;
    struct problem problem = { 0 };
    struct world_session anh = world_sign_in(world, ANH, NULL);
    struct world_session bold = world_sign_in(world, BOLD, NULL);
    struct world_session olive = world_sign_in(world, NULL, OLIVE);
    assert_true(db_write(world->db, world_revoke_session, anh.id, &problem));
    assert_int_equal(world_find(world, anh.secret, NULL), PROBLEM_ACCESS_REVOKED);
    assert_int_equal(world_find(world, bold.secret, NULL), PROBLEM_NONE);
    world_exec(world, "UPDATE staff SET disabled_at_ms = 1 WHERE id = '" OLIVE "'");
    assert_int_equal(world_find(world, olive.secret, NULL), PROBLEM_ACCESS_REVOKED);
    world_wait(DAY_MS - 10000);
    assert_int_equal(world_find(world, bold.secret, NULL), PROBLEM_NONE);
    world_wait(10000);
    assert_int_equal(world_find(world, bold.secret, NULL), PROBLEM_SESSION_EXPIRED);
    assert_int_equal(world_find(world, anh.secret, NULL), PROBLEM_ACCESS_REVOKED);
}

static void the_cookie_is_for_this_host_only(void **state)
{
    struct world *world = *state;
    struct world_session anh = world_sign_in(world, ANH, NULL);
    char cookie[SESSION_SET_COOKIE_SIZE], expected[SESSION_SET_COOKIE_SIZE];
    session_set_cookie("", 0, cookie);
    assert_string_equal(cookie, "__Host-sid=; Secure; HttpOnly; SameSite=Lax; Path=/; Max-Age=0");
    session_set_cookie(anh.secret, clock_now_ms() + 60999, cookie);
    (void)snprintf(expected, sizeof expected,
        "__Host-sid=%s; Secure; HttpOnly; SameSite=Lax; Path=/; Max-Age=60", anh.secret);
    assert_string_equal(cookie, expected);
    session_set_cookie(anh.secret, INT64_MAX, cookie);
    assert_true(strlen(cookie) < SESSION_SET_COOKIE_SIZE - 1);
    session_set_cookie(anh.secret, 1, cookie);
    assert_non_null(strstr(cookie, "Max-Age=0"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_session_says_who_one_is, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(
            every_sign_in_makes_a_new_session, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(
            what_is_no_secret_of_ours_signs_nobody_in, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(
            a_session_ends_by_time_by_hand_and_with_its_account, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(
            the_cookie_is_for_this_host_only, world_set_up, world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
