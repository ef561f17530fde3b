/*
 * For the tests of groups: a house with a screen, those before it, and an organizer.
 * Steps fail the test with their problem, but for try().
 */
#ifndef LECTERN_TESTS_VIEWING_STAGE_H
#define LECTERN_TESTS_VIEWING_STAGE_H

#include "house.h"
#include "viewing/group.h"

extern struct house house;
extern struct play_session on_screen; /* of people[0], who is the host */
extern int64_t next_seq;

int build(void **state);
int take_down(void **state);

/* One transaction. */
struct step {
    bool (*act)(struct db_connection *connection, struct step *step, struct problem *problem);
    const struct caller *caller;
    const char *group_id, *word, *reason, *participant_id;
    json_t *told;
};
enum problem_kind try(struct step step);
bool act_join(struct db_connection *connection, struct step *step, struct problem *problem);
bool act_decide(struct db_connection *connection, struct step *step, struct problem *problem);
bool act_withdraw(struct db_connection *connection, struct step *step, struct problem *problem);
bool act_add(struct db_connection *connection, struct step *step, struct problem *problem);
bool act_remove(struct db_connection *connection, struct step *step, struct problem *problem);

struct caller *person(int number);
const char *group_id(void); /* the newest; "": none.  Valid until the next call. */
const char *code(void);     /* of the one that is open; "": none is */

void open_group(void);
void join(int number);
void leave(int number); /* 0: the host's device, so it ends */
void decide(const char *verdict, const char *reason);
void withdraw(void);

void begin_screen(void);
/* At real speed, a report each ten seconds. */
void show(int64_t from_ms, int64_t to_ms);
/* What groups credited to somebody, as text; "" where they were in none. */
const char *credited(int number);
int64_t completions(int number);
/* What somebody reads of the first lecture: so much counts, why the first stretch is missing, and how their group stands. */
void assert_told(int number, int64_t credited_ms, const char *first_reason, const char *state);

#define TEST(name) cmocka_unit_test_setup_teardown(name, build, take_down)

#endif
