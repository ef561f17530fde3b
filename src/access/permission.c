#include "access/permission.h"

enum { ROLES = CALLER_ADMIN + 1, OBJECTS = OBJECT_PLAY_SESSION + 1 };

/* Does the object exist within the caller's scope?  $1 is the object, $2 the participant or the
 * organizer.  An admin's scope is everything. */
// clang-format off
// NOLINTBEGIN(bugprone-suspicious-missing-comma): the texts are long
#define ORGANIZED " JOIN staff_program ON staff_program.program_id = cohort.program_id AND staff_program.staff_id = $2"
static const char *const scopes[ROLES][OBJECTS] = {
    [CALLER_PARTICIPANT] = {
        [OBJECT_PROGRAM] =
            "SELECT 1 FROM participant JOIN cohort ON cohort.id = participant.cohort_id"
            " WHERE cohort.program_id = $1 AND participant.id = $2",
        [OBJECT_COHORT] =
            "SELECT 1 FROM participant WHERE cohort_id = $1 AND id = $2",
        [OBJECT_PARTICIPANT] =
            "SELECT 1 FROM participant WHERE id = $1 AND id = $2",
        [OBJECT_LECTURE] =
            "SELECT 1 FROM participant"
            "  JOIN cohort ON cohort.id = participant.cohort_id"
            "  JOIN program_lecture ON program_lecture.program_id = cohort.program_id"
            "  JOIN lecture ON lecture.id = program_lecture.lecture_id"
            " WHERE lecture.id = $1 AND lecture.published = 1 AND participant.id = $2",
        [OBJECT_PLAY_SESSION] =
            "SELECT 1 FROM play_session WHERE id = $1 AND participant_id = $2",
    },
    [CALLER_ORGANIZER] = {
        [OBJECT_PROGRAM] =
            "SELECT 1 FROM staff_program WHERE program_id = $1 AND staff_id = $2",
        [OBJECT_COHORT] =
            "SELECT 1 FROM cohort" ORGANIZED " WHERE cohort.id = $1",
        [OBJECT_PARTICIPANT] =
            "SELECT 1 FROM participant JOIN cohort ON cohort.id = participant.cohort_id" ORGANIZED
            " WHERE participant.id = $1",
        [OBJECT_LECTURE] =
            "SELECT 1 FROM program_lecture"
            "  JOIN staff_program ON staff_program.program_id = program_lecture.program_id"
            " WHERE program_lecture.lecture_id = $1 AND staff_program.staff_id = $2",
        [OBJECT_PLAY_SESSION] =
            "SELECT 1 FROM play_session JOIN participant ON participant.id = play_session.participant_id"
            "  JOIN cohort ON cohort.id = participant.cohort_id" ORGANIZED
            " WHERE play_session.id = $1",
    },
    [CALLER_ADMIN] = {
        [OBJECT_PROGRAM] = "SELECT 1 FROM program WHERE id = $1",
        [OBJECT_COHORT] = "SELECT 1 FROM cohort WHERE id = $1",
        [OBJECT_PARTICIPANT] = "SELECT 1 FROM participant WHERE id = $1",
        [OBJECT_LECTURE] = "SELECT 1 FROM lecture WHERE id = $1",
        [OBJECT_PLAY_SESSION] = "SELECT 1 FROM play_session WHERE id = $1",
    },
};
// NOLINTEND(bugprone-suspicious-missing-comma)

/* What one may manage of that. */
static const bool managed[ROLES][OBJECTS] = {
    [CALLER_PARTICIPANT] = { [OBJECT_PLAY_SESSION] = true },
    [CALLER_ORGANIZER] = { [OBJECT_COHORT] = true, [OBJECT_PARTICIPANT] = true, [OBJECT_PLAY_SESSION] = true },
    [CALLER_ADMIN] = { true, true, true, true, true },
};
// clang-format on

static bool refuse(const struct caller *caller, struct problem *problem)
{
    return caller->role == CALLER_ANYONE
               ? problem_set(problem, PROBLEM_SIGN_IN_NEEDED, "nobody is signed in")
               : problem_set(problem, PROBLEM_FORBIDDEN, "not for role %d", (int)caller->role);
}

bool permission_role(
    enum permission_needed needed, const struct caller *caller, struct problem *problem)
{
    bool met = false;
    switch (needed) {
    case NEEDS_NOTHING:
        met = true;
        break;
    case NEEDS_PARTICIPANT:
        met = caller->role == CALLER_PARTICIPANT;
        break;
    case NEEDS_SESSION:
        met = caller->role != CALLER_ANYONE;
        break;
    case NEEDS_STAFF:
        met = caller->role == CALLER_ORGANIZER || caller->role == CALLER_ADMIN;
        break;
    case NEEDS_ADMIN:
        met = caller->role == CALLER_ADMIN;
        break;
    case NEEDS_MEDIA_TOKEN:
        return problem_set(problem, PROBLEM_MEDIA_TOKEN_MISSING, "a session is no media token");
    }
    return met || refuse(caller, problem);
}

static bool is_in_scope(struct db_connection *connection, const struct caller *caller,
    enum permission_object object, const char *object_id, bool *ret_found, struct problem *problem)
{
    const char *sql = scopes[caller->role][object];
    const char *self
        = caller->role == CALLER_PARTICIPANT ? caller->participant_id : caller->staff_id;
    struct db_rows *rows = caller->role == CALLER_ADMIN
                               ? db_query(connection, sql, "t", object_id)
                               : db_query(connection, sql, "tt", object_id, self);
    *ret_found = db_next(rows);
    return db_end(rows, problem);
}

bool permission_object(struct db_connection *connection, const struct caller *caller,
    enum permission_action action, enum permission_object object, const char *object_id,
    struct problem *problem)
{
    bool found = false;
    if (caller->role == CALLER_ANYONE)
        return refuse(caller, problem);
    if (!is_in_scope(connection, caller, object, object_id, &found, problem))
        return false;
    if (!found)
        return problem_set(problem, PROBLEM_NOT_FOUND, "object kind %d '%.40s' is not in scope",
            (int)object, object_id);
    return action == MAY_VIEW || managed[caller->role][object] || refuse(caller, problem);
}
