#include "access_world.h"

#include "access/permission.h"

#define PLAY_ANH "00000000-0000-7000-8000-0000000000f1"
#define PLAY_BOLD "00000000-0000-7000-8000-0000000000f2"

static void a_route_names_its_least_caller(void **state)
{
    (void)state;
    enum { ROLES = 4 };
    static const enum problem_kind ok = PROBLEM_NONE, who = PROBLEM_SIGN_IN_NEEDED,
                                   no = PROBLEM_FORBIDDEN, token = PROBLEM_MEDIA_TOKEN_MISSING;
    const struct {
        enum permission_needed needed;
        enum problem_kind expected[ROLES]; /* anyone, participant, organizer, admin */
    } cases[] = {
        { NEEDS_NOTHING, { ok, ok, ok, ok } },
        { NEEDS_PARTICIPANT, { who, ok, no, no } },
        { NEEDS_MEDIA_TOKEN, { token, token, token, token } },
        { NEEDS_SESSION, { who, ok, ok, ok } },
        { NEEDS_STAFF, { who, no, ok, ok } },
        { NEEDS_ADMIN, { who, no, no, ok } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t role = 0; role < ROLES; role++) {
            struct problem problem = { 0 };
            struct caller caller = { .role = (enum caller_role)role };
            bool allowed = permission_role(cases[i].needed, &caller, &problem);
            assert_int_equal(problem.kind, cases[i].expected[role]);
            assert_int_equal(allowed, problem.kind == PROBLEM_NONE);
        }
}

struct question {
    struct caller caller;
    enum permission_action action;
    enum permission_object object;
    const char *id;
};

static bool ask(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct question *question = data;
    return permission_object(
        connection, &question->caller, question->action, question->object, question->id, problem);
}

static char answer(struct world *world, const struct caller *caller, enum permission_action action,
    enum permission_object object, const char *id)
{
    struct problem problem = { 0 };
    struct question question = { *caller, action, object, id };
    bool allowed = db_read(world->db, ask, &question, &problem);
    assert_int_equal(allowed, problem.kind == PROBLEM_NONE);
    switch (problem.kind) {
    case PROBLEM_NONE:
        return 'y';
    case PROBLEM_NOT_FOUND:
        return '.';
    case PROBLEM_FORBIDDEN:
        return 'F';
    case PROBLEM_SIGN_IN_NEEDED:
        return 'S';
    default:
        fail_msg("%s", problem.detail);
        return '?';
    }
}

static void add_play_session(
    struct world *world, const char *id, const char *participant_id, const char *lecture_id)
{
    char sql[600];
    struct world_session session = world_sign_in(world, participant_id, NULL);
    (void)snprintf(sql, sizeof sql,
        "INSERT INTO play_session (id, participant_id, lecture_id, version, session_id, "
        "started_at_ms,"
        " last_contact_at_ms, received_seqs, server_gap_allowed_ms, server_gap_credited_ms)"
        " VALUES ('%s', '%s', '%s', 1, '%s', 1, 1, '[]', 0, 0)",
        id, participant_id, lecture_id, session.id);
    world_exec(world, sql);
}

static void each_role_reaches_its_own_and_nothing_else(void **state)
{
    struct world *world = *state;
    db_trace_statements(NULL); /* the test's own statements */
    add_play_session(world, PLAY_ANH, ANH, LECTURE_LAW);
    add_play_session(world, PLAY_BOLD, BOLD, LECTURE_SAFETY);
    db_trace_statements(world->trace);
    static const struct caller anyone = { .role = CALLER_ANYONE };
    const struct caller callers[] = {
        anyone,
        { .role = CALLER_PARTICIPANT,
            .participant_id = ANH,
            .cohort_id = VIETNAM,
            .program_id = LAW },
        { .role = CALLER_PARTICIPANT,
            .participant_id = BOLD,
            .cohort_id = MONGOLIA,
            .program_id = SAFETY },
        { .role = CALLER_ORGANIZER, .staff_id = OLIVE },
        { .role = CALLER_ORGANIZER, .staff_id = SAM },
        { .role = CALLER_ADMIN, .staff_id = ADA },
        /* one whose organizer row has gone, or who never had a program */
        { .role = CALLER_ORGANIZER, .staff_id = NOWHERE },
    };
    // clang-format off
    static const struct {
        enum permission_object object;
        const char *id;
        const char *view;   /* nobody, Anh, Bold, Olive, Sam, Ada, stranger: y yes, . not found, F forbidden, S sign in */
        const char *manage;
    } cases[] = {
        { OBJECT_PROGRAM,      LAW,            "Sy.y.y.", "SF.F.y." },
        { OBJECT_PROGRAM,      SAFETY,         "S.y.yy.", "S.F.Fy." },
        { OBJECT_COHORT,       VIETNAM,        "Sy.y.y.", "SF.y.y." },
        { OBJECT_COHORT,       MONGOLIA,       "S.y.yy.", "S.F.yy." },
        { OBJECT_PARTICIPANT,  ANH,            "Sy.y.y.", "SF.y.y." },
        { OBJECT_PARTICIPANT,  BOLD,           "S.y.yy.", "S.F.yy." },
        { OBJECT_LECTURE,      LECTURE_LAW,    "Sy.y.y.", "SF.F.y." },
        { OBJECT_LECTURE,      LECTURE_SAFETY, "S.y.yy.", "S.F.Fy." },
        { OBJECT_LECTURE,      LECTURE_DRAFT,  "S..y.y.", "S..F.y." },
        { OBJECT_PLAY_SESSION, PLAY_ANH,       "Sy.y.y.", "Sy.y.y." },
        { OBJECT_PLAY_SESSION, PLAY_BOLD,      "S.y.yy.", "S.y.yy." },
        { OBJECT_PROGRAM,      NOWHERE,        "S......", "S......" },
        { OBJECT_COHORT,       LAW,            "S......", "S......" },
        { OBJECT_PARTICIPANT,  VIETNAM,        "S......", "S......" },
        { OBJECT_LECTURE,      "' OR '1'='1",  "S......", "S......" },
        { OBJECT_PLAY_SESSION, "",             "S......", "S......" },
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char view[8] = "", manage[8] = "";
        for (size_t k = 0; k < sizeof callers / sizeof callers[0]; k++) {
            view[k] = answer(world, &callers[k], MAY_VIEW, cases[i].object, cases[i].id);
            manage[k] = answer(world, &callers[k], MAY_MANAGE, cases[i].object, cases[i].id);
        }
        if (strcmp(view, cases[i].view) != 0 || strcmp(manage, cases[i].manage) != 0)
            fail_msg("object %d %s: view %s, manage %s", (int)cases[i].object, cases[i].id, view,
                manage);
    }
}

static void a_lecture_of_two_programs_is_seen_from_both(void **state)
{
    struct world *world = *state;
    db_trace_statements(NULL);
    world_exec(world, "INSERT INTO program_lecture (program_id, lecture_id, position, required)"
                      " VALUES ('" SAFETY "', '" LECTURE_LAW "', 2, 0)");
    db_trace_statements(world->trace);
    struct caller bold = { .role = CALLER_PARTICIPANT, .participant_id = BOLD };
    struct caller sam = { .role = CALLER_ORGANIZER, .staff_id = SAM };
    assert_int_equal(answer(world, &bold, MAY_VIEW, OBJECT_LECTURE, LECTURE_LAW), 'y');
    assert_int_equal(answer(world, &sam, MAY_VIEW, OBJECT_LECTURE, LECTURE_LAW), 'y');
    assert_int_equal(answer(world, &sam, MAY_VIEW, OBJECT_PROGRAM, LAW), '.');
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_route_names_its_least_caller),
        cmocka_unit_test_setup_teardown(
            each_role_reaches_its_own_and_nothing_else, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(
            a_lecture_of_two_programs_is_seen_from_both, world_set_up, world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
