#include "access_world.h"

#include "access/invitation.h"

struct link {
    struct world *world;
    const char *participant_id;
    char secret[SECRET_TEXT_SIZE];
    int64_t expires_at_ms;
};

static bool run_issue(struct db_connection *connection, void *data, struct problem *problem)
{
    struct link *link = data;
    return invitation_issue(connection, &link->world->settings, link->participant_id, link->secret,
        &link->expires_at_ms, problem);
}

static struct link issue(struct world *world, const char *participant_id)
{
    struct problem problem = { 0 };
    struct link link = { .world = world, .participant_id = participant_id };
    if (!db_write(world->db, run_issue, &link, &problem))
        fail_msg("%s", problem.detail);
    return link;
}

struct opening {
    struct world *world;
    const char *secret;
    char session[SECRET_TEXT_SIZE];
    struct caller caller;
};

static bool run_open(struct db_connection *connection, void *data, struct problem *problem)
{
    struct opening *opening = data;
    return invitation_activate(connection, &opening->world->settings, opening->secret,
        opening->session, &opening->caller, problem);
}

static enum problem_kind open_link(
    struct world *world, const char *secret, struct opening *ret_opening)
{
    struct problem problem = { 0 };
    struct opening opening = { .world = world, .secret = secret };
    bool opened = db_write(world->db, run_open, &opening, &problem);
    assert_int_equal(opened, problem.kind == PROBLEM_NONE);
    if (ret_opening)
        *ret_opening = opening;
    return problem.kind;
}

static bool run_revoke(struct db_connection *connection, void *data, struct problem *problem)
{
    return invitation_revoke(connection, data, problem);
}

static void revoke(struct world *world, const char *participant_id)
{
    struct problem problem = { 0 };
    char *id = memory_strdup(participant_id);
    assert_true(db_write(world->db, run_revoke, id, &problem));
    free(id);
}

static void a_link_opens_a_session_as_often_as_one_likes(void **state)
{
    struct world *world = *state;
    struct link link = issue(world, ANH);
    struct opening phone, computer;
    struct caller caller;
    assert_int_equal(open_link(world, link.secret, &phone), PROBLEM_NONE);
    assert_int_equal(phone.caller.role, CALLER_PARTICIPANT);
    assert_int_equal(world_find(world, phone.session, &caller), PROBLEM_NONE);
    assert_memory_equal(&caller, &phone.caller, sizeof caller);
    assert_string_equal(caller.participant_id, ANH);
    assert_string_equal(caller.cohort_id, VIETNAM);
    assert_string_equal(caller.program_id, LAW);
    assert_int_equal(open_link(world, link.secret, &computer), PROBLEM_NONE);
    assert_string_not_equal(phone.session, computer.session);
    assert_int_equal(world_find(world, phone.session, NULL), PROBLEM_NONE);
}

static void a_new_link_ends_the_old_one_and_its_sessions(void **state)
{
    struct world *world = *state;
    struct link old = issue(world, ANH), other = issue(world, BOLD);
    struct opening opening, bold;
    assert_int_equal(open_link(world, old.secret, &opening), PROBLEM_NONE);
    assert_int_equal(open_link(world, other.secret, &bold), PROBLEM_NONE);
    struct link new = issue(world, ANH);
    assert_int_equal(open_link(world, old.secret, NULL), PROBLEM_INVITATION_REVOKED);
    assert_int_equal(world_find(world, opening.session, NULL), PROBLEM_ACCESS_REVOKED);
    assert_int_equal(open_link(world, new.secret, NULL), PROBLEM_NONE);
    assert_int_equal(world_find(world, bold.session, NULL), PROBLEM_NONE);
}

static void revoking_ends_all_of_one_person_and_nothing_of_others(void **state)
{
    struct world *world = *state;
    struct link anh = issue(world, ANH), bold = issue(world, BOLD);
    struct opening phone, computer;
    assert_int_equal(open_link(world, anh.secret, &phone), PROBLEM_NONE);
    assert_int_equal(open_link(world, anh.secret, &computer), PROBLEM_NONE);
    revoke(world, ANH);
    revoke(world, ANH); /* twice is fine */
    assert_int_equal(open_link(world, anh.secret, NULL), PROBLEM_INVITATION_REVOKED);
    assert_int_equal(world_find(world, phone.session, NULL), PROBLEM_ACCESS_REVOKED);
    assert_int_equal(world_find(world, computer.session, NULL), PROBLEM_ACCESS_REVOKED);
    assert_int_equal(open_link(world, bold.secret, NULL), PROBLEM_NONE);
    assert_int_equal(open_link(world, issue(world, ANH).secret, NULL), PROBLEM_NONE);
}

static void what_is_no_link_is_unknown(void **state)
{
    struct world *world = *state;
    struct link link = issue(world, ANH);
    struct opening opening;
    assert_int_equal(open_link(world, link.secret, &opening), PROBLEM_NONE);
    char cut_off[SECRET_TEXT_SIZE];
    (void)snprintf(cut_off, sizeof cut_off, "%.30s", link.secret);
    link.secret[0] = link.secret[0] == 'A' ? 'B' : 'A';
    const char *wrong[] = { "", cut_off, link.secret, opening.session, ANH };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(open_link(world, wrong[i], NULL), PROBLEM_INVITATION_UNKNOWN);
    struct problem problem = { 0 };
    struct link nobody = { .world = world, .participant_id = NOWHERE };
    assert_false(db_write(world->db, run_issue, &nobody, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
}

static void link_and_session_end_by_whichever_comes_first(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *story;
        int64_t invitation_days, session_days, grace_days;
        int64_t link_days, session_ends_days; /* from now; -1: with the cohort's grace */
    } cases[] = {
        { "all long: the cohort's end and grace", 180, 60, 14, -1, -1 },
        { "short link", 3, 60, 14, 3, -1 },
        { "short session", 180, 2, 14, -1, 2 },
        { "no grace", 180, 60, 0, -1, -1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        world->settings.invitation_days = cases[i].invitation_days;
        world->settings.participant_session_days = cases[i].session_days;
        world->settings.cohort_grace_days = cases[i].grace_days;
        int64_t now_ms = clock_now_ms();
        int64_t end_ms = world->closes_at_ms + cases[i].grace_days * DAY_MS;
        struct link link = issue(world, ANH);
        struct opening opening;
        assert_int_equal(open_link(world, link.secret, &opening), PROBLEM_NONE);
        int64_t link_ms = cases[i].link_days < 0 ? end_ms : now_ms + cases[i].link_days * DAY_MS;
        int64_t session_ms = cases[i].session_ends_days < 0
                                 ? end_ms
                                 : now_ms + cases[i].session_ends_days * DAY_MS;
        assert_in_range(link.expires_at_ms, link_ms, link_ms + 5000);
        assert_in_range(opening.caller.session_expires_at_ms, session_ms, session_ms + 5000);
    }
}

static void after_its_end_a_link_opens_nothing(void **state)
{
    struct world *world = *state;
    world->settings.invitation_days = 3;
    struct link anh = issue(world, ANH);
    world->settings.invitation_days = 180;
    struct link bold = issue(world, BOLD);
    world_wait(3 * DAY_MS);
    assert_int_equal(open_link(world, anh.secret, NULL), PROBLEM_INVITATION_EXPIRED);
    assert_int_equal(open_link(world, bold.secret, NULL), PROBLEM_NONE);
    /* the cohort was shortened after the link was sent */
    world_exec(world, "UPDATE cohort SET closes_at_ms = 1");
    assert_int_equal(open_link(world, bold.secret, NULL), PROBLEM_INVITATION_EXPIRED);
    struct problem problem = { 0 };
    struct link late = { .world = world, .participant_id = BOLD };
    assert_false(db_write(world->db, run_issue, &late, &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
}

static void assert_not_in_file(const char *folder, const char *name, const char *secret)
{
    struct problem problem = { 0 };
    char path[300], *bytes;
    size_t count, decoded;
    uint8_t raw[SECRET_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_true(file_read_whole(path, 1 << 26, &bytes, &count, &problem));
    assert_true(text_base64url_decode(secret, strlen(secret), raw, sizeof raw, &decoded));
    assert_null(memmem(bytes, count, secret, strlen(secret)));
    assert_null(memmem(bytes, count, raw, sizeof raw));
    free(bytes);
}

static void no_secret_is_stored(void **state)
{
    struct world *world = *state;
    struct link link = issue(world, ANH);
    struct opening opening;
    assert_int_equal(open_link(world, link.secret, &opening), PROBLEM_NONE);
    assert_not_in_file(world->folder, "store.sqlite-wal", link.secret);
    assert_not_in_file(world->folder, "store.sqlite-wal", opening.session);
    db_close(world->db); /* moves all of it to the main file */
    assert_not_in_file(world->folder, "store.sqlite", link.secret);
    assert_not_in_file(world->folder, "store.sqlite", opening.session);
    struct problem problem = { 0 };
    world->db = db_open(world->folder, &problem);
    assert_int_equal(world_find(world, opening.session, NULL), PROBLEM_NONE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_link_opens_a_session_as_often_as_one_likes, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(
            a_new_link_ends_the_old_one_and_its_sessions, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(
            revoking_ends_all_of_one_person_and_nothing_of_others, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_link_is_unknown, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(
            link_and_session_end_by_whichever_comes_first, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(
            after_its_end_a_link_opens_nothing, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(no_secret_is_stored, world_set_up, world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
