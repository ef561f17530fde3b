/*
 * What a group's screen shows, private to viewing/: rows of server time and lecture time.
 *
 * A beat of a play session on the group's device is judged like any (coverage.h): delivered to the host,
 * within the lecture, counted by the cohort's rule, and by a budget of real time that is the screen's
 * own.  What was credited to anybody before does not matter: people come late, and see again.
 * A batch was played in the server time before it came, at most as long as its content takes at the speed
 * that the player tells; its stretches share that time.  A false speed moves that time, and pays for
 * nothing: too short a time pays for less, and no time goes back beyond the batch before.
 */
#ifndef LECTERN_VIEWING_GROUP_SCREEN_H
#define LECTERN_VIEWING_GROUP_SCREEN_H

#include "viewing/contact.h"

/* Of one beat. */
struct group_shown {
    struct spans stretches;
    int64_t rate_percent; /* above 0 */
};
struct group_screen {
    bool on;
    struct credit_state state;
    struct group_shown *shown; /* in the order of the beats */
    size_t count;
};

/* After contact_open(); of a contact without a group it stays off. */
bool group_screen_begin(struct db_connection *connection, const struct contact *contact,
    struct group_screen *ret_screen, struct problem *problem);
/* A beat that is new. */
bool group_screen_show(
    struct group_screen *screen, const struct beat *beat, struct problem *problem);
/* Writes what was shown. */
bool group_screen_end(struct db_connection *connection, const struct contact *contact,
    struct group_screen *screen, struct problem *problem);
void group_screen_release(struct group_screen *screen);

#endif
