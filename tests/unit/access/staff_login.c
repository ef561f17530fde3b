#include "access_world.h"

#include "access/staff_login.h"

#include <time.h>

static const char password[] = "correct horse battery";

static struct staff_row add(struct world *world, const char *email, enum caller_role role)
{
    struct problem problem = { 0 };
    struct staff_row row = { .role = role };
    if (!staff_add(world->db, email, "Tran", role, password, row.id, &problem))
        fail_msg("%s: %s", problem.field, problem.detail);
    return row;
}

static enum problem_kind login(struct world *world, const char *email, const char *typed,
    char ret_secret[SECRET_TEXT_SIZE], struct caller *ret_caller)
{
    struct problem problem = { 0 };
    char secret[SECRET_TEXT_SIZE];
    struct caller caller;
    bool done = staff_login(world->db, &world->settings, email, typed, secret, &caller, &problem);
    assert_int_equal(done, problem.kind == PROBLEM_NONE);
    if (done && ret_secret)
        memcpy(ret_secret, secret, sizeof secret);
    if (done && ret_caller)
        *ret_caller = caller;
    return problem.kind;
}

static void the_right_password_signs_in(void **state)
{
    struct world *world = *state;
    struct staff_row row = add(world, "Tran@Example.org", CALLER_ORGANIZER);
    struct caller caller, found;
    char secret[SECRET_TEXT_SIZE];
    int64_t now_ms = clock_now_ms();
    assert_int_equal(login(world, "tran@example.ORG ", password, secret, &caller), PROBLEM_NONE);
    assert_int_equal(caller.role, CALLER_ORGANIZER);
    assert_string_equal(caller.staff_id, row.id);
    assert_in_range(
        caller.session_expires_at_ms, now_ms + 12 * 3600000, now_ms + 12 * 3600000 + 60000);
    assert_int_equal(world_find(world, secret, &found), PROBLEM_NONE);
    assert_memory_equal(&found, &caller, sizeof caller);
}

static void anything_else_is_the_same_refusal(void **state)
{
    struct world *world = *state;
    struct problem problem = { 0 };
    (void)add(world, "tran@example.org", CALLER_ADMIN);
    (void)add(world, "gone@example.org", CALLER_ADMIN);
    assert_true(staff_disable(world->db, "GONE@example.org", &problem));
    static const struct {
        const char *story, *email, *typed;
    } cases[] = {
        { "wrong", "tran@example.org", "correct horse batterz" },
        { "empty", "tran@example.org", "" },
        { "longer", "tran@example.org", "correct horse battery " },
        { "unknown", "nobody@example.org", "correct horse battery" },
        { "no address", "tran", "correct horse battery" },
        { "no hash in the store", "ada@example.org", "" },
        { "disabled", "gone@example.org", "correct horse battery" },
        { "a quote", "' OR ''='", "' OR ''='" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (login(world, cases[i].email, cases[i].typed, NULL, NULL) != PROBLEM_WRONG_PASSWORD)
            fail_msg("%s", cases[i].story);
}

static double cpu_of_login(struct world *world, const char *email)
{
    struct timespec before, after;
    double best = 1e9;
    for (int i = 0; i < 3; i++) {
        (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
        (void)login(world, email, "not the password", NULL, NULL);
        (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
        double taken = (double)(after.tv_sec - before.tv_sec)
                       + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
        best = taken < best ? taken : best;
    }
    return best;
}

static void time_does_not_tell_which_addresses_exist(void **state)
{
    struct world *world = *state;
    (void)add(world, "tran@example.org", CALLER_ADMIN);
    double known = cpu_of_login(world, "tran@example.org");
    static const char *const others[] = { "nobody@example.org", "no address", "olive@example.org" };
    for (size_t i = 0; i < 3; i++) {
        double other = cpu_of_login(world, others[i]);
        if (other < known * 0.6 || other > known * 1.7)
            fail_msg("%s: %f s, and %f s for a known one", others[i], other, known);
    }
}

static void an_account_is_checked_before_it_is_made(void **state)
{
    struct world *world = *state;
    static const char ten[] = "ten chars!", nine[] = "nine char";
    static char long_password[PASSWORD_LENGTH_MAX + 2], long_name[202];
    memset(long_password, 'x', sizeof long_password - 1);
    memset(long_name, 'x', sizeof long_name - 1);
    const struct {
        const char *story, *email, *name, *password;
        enum caller_role role;
        const char *field; /* NULL: made */
    } cases[] = {
        { "well", "a@example.org", "A", ten, CALLER_ADMIN, NULL },
        { "ten characters in 30 bytes", "b@example.org", "B", "働働働働働働働働働働", CALLER_ADMIN,
            NULL },
        { "nine characters in 27 bytes", "c@example.org", "C", "働働働働働働働働働", CALLER_ADMIN,
            "/password" },
        { "short", "c@example.org", "C", nine, CALLER_ADMIN, "/password" },
        { "long", "c@example.org", "C", long_password, CALLER_ADMIN, "/password" },
        { "line end", "c@example.org", "C", "ten chars!\n", CALLER_ADMIN, "/password" },
        { "no address", "c", "C", ten, CALLER_ADMIN, "/email" },
        { "header line", "c@example.org\r\nBcc: x@example.org", "C", ten, CALLER_ADMIN, "/email" },
        { "no name", "c@example.org", "", ten, CALLER_ADMIN, "/name" },
        { "name with a line end", "c@example.org", "C\nD", ten, CALLER_ADMIN, "/name" },
        { "long name", "c@example.org", long_name, ten, CALLER_ADMIN, "/name" },
        { "a participant", "c@example.org", "C", ten, CALLER_PARTICIPANT, "/role" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct problem problem = { 0 };
        char id[UUID_TEXT_SIZE];
        bool made = staff_add(world->db, cases[i].email, cases[i].name, cases[i].role,
            cases[i].password, id, &problem);
        if (made != !cases[i].field || (!made && !text_equal(problem.field, cases[i].field)))
            fail_msg("%s: %s %s", cases[i].story, problem.field, problem.detail);
    }
    struct problem problem = { 0 };
    char id[UUID_TEXT_SIZE];
    assert_false(staff_add(world->db, "A@EXAMPLE.org", "A", CALLER_ADMIN, ten, id, &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
}

static void a_changed_password_and_a_disabled_account_end_sessions(void **state)
{
    struct world *world = *state;
    struct problem problem = { 0 };
    char first[SECRET_TEXT_SIZE], second[SECRET_TEXT_SIZE];
    struct world_session olive = world_sign_in(world, NULL, OLIVE);
    (void)add(world, "tran@example.org", CALLER_ADMIN);
    assert_int_equal(login(world, "tran@example.org", password, first, NULL), PROBLEM_NONE);
    assert_true(staff_set_password(world->db, "tran@example.org", "another password", &problem));
    assert_int_equal(world_find(world, first, NULL), PROBLEM_ACCESS_REVOKED);
    assert_int_equal(
        login(world, "tran@example.org", password, NULL, NULL), PROBLEM_WRONG_PASSWORD);
    assert_int_equal(
        login(world, "tran@example.org", "another password", second, NULL), PROBLEM_NONE);
    assert_true(staff_disable(world->db, "tran@example.org", &problem));
    assert_int_equal(world_find(world, second, NULL), PROBLEM_ACCESS_REVOKED);
    assert_int_equal(world_find(world, olive.secret, NULL), PROBLEM_NONE);
    assert_false(staff_disable(world->db, "nobody@example.org", &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
}

static bool count_programs(struct db_connection *connection, void *data, struct problem *problem)
{
    struct db_rows *rows = db_query(
        connection, "SELECT COUNT(*) FROM staff_program WHERE staff_id = $1", "t", OLIVE);
    *(int64_t *)data = db_next(rows) ? db_int(rows, 0) : -1;
    return db_end(rows, problem);
}

static void programs_are_given_and_taken(void **state)
{
    struct world *world = *state;
    static const char email[] = "olive@example.org";
    static const struct {
        const char *program_id;
        bool assigned;
        int64_t expected;
    } steps[] = { { SAFETY, true, 2 }, { SAFETY, true, 2 }, { LAW, false, 1 }, { LAW, false, 1 } };
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct problem problem = { 0 };
        int64_t count;
        assert_true(staff_assign_program(
            world->db, email, steps[i].program_id, steps[i].assigned, &problem));
        assert_true(db_read(world->db, count_programs, &count, &problem));
        assert_int_equal(count, steps[i].expected);
    }
    struct problem problem = { 0 };
    assert_false(staff_assign_program(world->db, email, NOWHERE, true, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    problem_clear(&problem);
    assert_false(staff_assign_program(world->db, "nobody@example.org", LAW, true, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
}

static void the_list_tells_who_is_disabled(void **state)
{
    struct world *world = *state;
    struct problem problem = { 0 };
    struct staff_row *rows;
    size_t count;
    assert_true(staff_disable(world->db, "sam@example.org", &problem));
    assert_true(staff_list(world->db, &rows, &count, &problem));
    assert_int_equal(count, 3);
    assert_string_equal(rows[0].email, "ada@example.org");
    assert_int_equal(rows[0].role, CALLER_ADMIN);
    assert_string_equal(rows[1].name, "Olive");
    assert_string_equal(rows[2].id, SAM);
    assert_true(rows[2].disabled);
    assert_false(rows[1].disabled);
    free(rows);
}

static bool allowed(struct attempt_limiter *limiter, const char *peer)
{
    struct problem problem = { 0 };
    bool yes = attempt_allowed(limiter, peer, &problem);
    assert_int_equal(problem.kind, yes ? PROBLEM_NONE : PROBLEM_TOO_MANY_REQUESTS);
    return yes;
}

static int failures_until_refused(struct attempt_limiter *limiter, const char *peer)
{
    int count = 0;
    for (; count < 100 && allowed(limiter, peer); count++)
        attempt_failed(limiter, peer);
    return count;
}

static void guessing_is_slowed_an_address_at_a_time(void **state)
{
    (void)state;
    struct attempt_limiter *limiter = attempt_limiter_create(10);
    for (int i = 0; i < 100; i++)
        assert_true(allowed(limiter, "192.0.2.1")); /* asking alone costs nothing */
    assert_int_equal(failures_until_refused(limiter, "192.0.2.1"), 10);
    assert_false(
        allowed(limiter, "::ffff:192.0.2.1")); /* the same, seen through an IPv6 listener */
    assert_true(allowed(limiter, "192.0.2.2"));
    assert_int_equal(failures_until_refused(limiter, "2001:db8:1:2::1"), 10);
    assert_false(allowed(limiter, "2001:db8:1:2:ffff::9")); /* the same /64 */
    assert_true(allowed(limiter, "2001:db8:1:3::1"));
    assert_int_equal(failures_until_refused(limiter, "not an address"), 10);
    attempt_limiter_free(limiter);
    attempt_limiter_free(NULL);
}

static void many_addresses_take_no_more_memory_and_forget_the_oldest(void **state)
{
    (void)state;
    struct attempt_limiter *limiter = attempt_limiter_create(10);
    char peer[64];
    for (int i = 0; i < 200000; i++) {
        (void)snprintf(peer, sizeof peer, "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
        attempt_failed(limiter, peer);
    }
    /* one who fails often holds a place against those who failed once */
    assert_int_equal(failures_until_refused(limiter, "192.0.2.1"), 10);
    for (int i = 0; i < 2000; i++) {
        (void)snprintf(peer, sizeof peer, "10.200.%d.%d", i >> 8 & 255, i & 255);
        attempt_failed(limiter, peer);
    }
    assert_false(allowed(limiter, "192.0.2.1"));
    attempt_limiter_free(limiter);
}

static void a_minute_gives_as_many_attempts_again(void **state)
{
    (void)state;
    struct attempt_limiter *limiter = attempt_limiter_create(600); /* one each 100 ms */
    int count = failures_until_refused(limiter, "192.0.2.1");
    assert_int_equal(count, 100);
    for (; allowed(limiter, "192.0.2.1") && count < 1000; count++)
        attempt_failed(limiter, "192.0.2.1");
    assert_in_range(count, 600, 605);
    struct timespec wait = { .tv_nsec = 150000000 };
    (void)nanosleep(&wait, NULL);
    assert_true(allowed(limiter, "192.0.2.1"));
    attempt_limiter_free(limiter);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, world_set_up, world_tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(the_right_password_signs_in),
        TEST(anything_else_is_the_same_refusal),
        TEST(time_does_not_tell_which_addresses_exist),
        TEST(an_account_is_checked_before_it_is_made),
        TEST(a_changed_password_and_a_disabled_account_end_sessions),
        TEST(programs_are_given_and_taken),
        TEST(the_list_tells_who_is_disabled),
        cmocka_unit_test(guessing_is_slowed_an_address_at_a_time),
        cmocka_unit_test(many_addresses_take_no_more_memory_and_forget_the_oldest),
        cmocka_unit_test(a_minute_gives_as_many_attempts_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
