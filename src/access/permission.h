/*
 * The one place that says who may do what.  Routes name an action's least caller in their table;
 * whatever touches a program, cohort, participant or lecture asks here too, and gets
 * PROBLEM_NOT_FOUND (never "forbidden") for what lies outside its scope, so that nobody learns what
 * exists.  The scope is in the SQL.
 */
#ifndef LECTERN_ACCESS_PERMISSION_H
#define LECTERN_ACCESS_PERMISSION_H

#include "access/caller.h"
#include "store/db.h"

/* The least caller of a route; the guard's whole rule. */
enum permission_needed {
    NEEDS_NOTHING,
    NEEDS_PARTICIPANT, /* a participant's session */
    NEEDS_MEDIA_TOKEN, /* checked from memory, see media_token.h */
    NEEDS_SESSION,     /* anybody's session */
    NEEDS_STAFF,       /* organizer or admin */
    NEEDS_ADMIN
};
/* PROBLEM_SIGN_IN_NEEDED for nobody, PROBLEM_FORBIDDEN for the wrong role.  NEEDS_MEDIA_TOKEN is
 * never met here (PROBLEM_MEDIA_TOKEN_MISSING): a session is no token. */
bool permission_role(
    enum permission_needed needed, const struct caller *caller, struct problem *problem);

enum permission_object {
    OBJECT_PROGRAM,
    OBJECT_COHORT,
    OBJECT_PARTICIPANT,
    OBJECT_LECTURE,
    OBJECT_PLAY_SESSION
};
enum permission_action {
    MAY_VIEW,  /* participant: their own, and published lectures; organizer: their programs'; admin:
                  all */
    MAY_MANAGE /* organizer: their programs' cohorts, people and links; lectures and programs
                  themselves: admin; participant: their own play sessions */
};
/* Inside db_read or db_write.  PROBLEM_NOT_FOUND outside of the scope, also for what is no id;
 * PROBLEM_FORBIDDEN for what one may view but not manage; PROBLEM_SIGN_IN_NEEDED for CALLER_ANYONE.
 */
bool permission_object(struct db_connection *connection, const struct caller *caller,
    enum permission_action action, enum permission_object object, const char *object_id,
    struct problem *problem);

#endif
