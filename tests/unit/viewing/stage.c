#include "stage.h"

#include "../unit.h"
#include "viewing/report.h"

#include <stdio.h>
#include <string.h>

struct house house;

int build(void **state)
{
    (void)state;
    house_build(&house);
    return 0;
}

int take_down(void **state)
{
    (void)state;
    house_remove(&house);
    return 0;
}

/* --- one transaction each --------------------------------------------------------------------- */

static bool take_step(struct db_connection *connection, void *data, struct problem *problem)
{
    struct step *step = data;
    return step->act(connection, step, problem);
}

enum problem_kind try(struct step step)
{
    struct problem problem = { 0 };
    return db_write(house.db, take_step, &step, &problem) ? PROBLEM_NONE : problem.kind;
}

static bool act_open(struct db_connection *connection, struct step *step, struct problem *problem)
{
    return group_open(connection, &house.settings, step->caller, problem);
}

bool act_join(struct db_connection *connection, struct step *step, struct problem *problem)
{
    return group_join(connection, &house.settings, step->caller, step->word, problem);
}

static bool act_leave(struct db_connection *connection, struct step *step, struct problem *problem)
{
    return group_leave(connection, &house.settings, step->caller, problem);
}

bool act_decide(struct db_connection *connection, struct step *step, struct problem *problem)
{
    return group_decide(
        connection, &house.settings, step->group_id, step->word, step->reason, NULL, problem);
}

bool act_withdraw(struct db_connection *connection, struct step *step, struct problem *problem)
{
    return group_withdraw(connection, &house.settings, step->group_id, NULL, problem);
}

bool act_add(struct db_connection *connection, struct step *step, struct problem *problem)
{
    return group_add_person(
        connection, &house.settings, step->group_id, step->participant_id, NULL, problem);
}

bool act_remove(struct db_connection *connection, struct step *step, struct problem *problem)
{
    return group_remove_person(
        connection, &house.settings, step->group_id, step->participant_id, NULL, problem);
}

struct caller *person(int number)
{
    return &house.people[number];
}

const char *group_id(void)
{
    static char id[UUID_TEXT_SIZE];
    (void)snprintf(id, sizeof id, "%s",
        house_text(
            &house, "SELECT id FROM viewing_group ORDER BY opened_at_ms DESC, id DESC LIMIT 1"));
    return id;
}

const char *code(void)
{
    static char text[GROUP_CODE_SIZE];
    (void)snprintf(text, sizeof text, "%s",
        house_text(&house, "SELECT code FROM viewing_group WHERE closed_at_ms IS NULL"));
    return text;
}

void open_group(void)
{
    assert_int_equal(try((struct step){ act_open, .caller = person(0) }), PROBLEM_NONE);
}

void join(int number)
{
    assert_int_equal(
        try((struct step){ act_join, .caller = person(number), .word = code() }), PROBLEM_NONE);
}

void leave(int number)
{
    assert_int_equal(try((struct step){ act_leave, .caller = person(number) }), PROBLEM_NONE);
}

void decide(const char *verdict, const char *reason)
{
    assert_int_equal(
        try((struct step){ act_decide, .group_id = group_id(), .word = verdict, .reason = reason }),
        PROBLEM_NONE);
}

void withdraw(void)
{
    assert_int_equal(try((struct step){ act_withdraw, .group_id = group_id() }), PROBLEM_NONE);
}

/* --- the screen ------------------------------------------------------------------------------- */

struct play_session on_screen;
int64_t next_seq;

void begin_screen(void)
{
    on_screen = house_begin(&house, person(0), house.lecture_id);
    house_deliver(&house, person(0), house.lecture_id, 0, HOUSE_LECTURE_MS);
    next_seq = 0;
}

/* At real speed, a report each ten seconds. */
void show(int64_t from_ms, int64_t to_ms)
{
    for (int64_t at_ms = from_ms; at_ms < to_ms; at_ms += 10000) {
        int64_t end_ms = at_ms + 10000 < to_ms ? at_ms + 10000 : to_ms;
        house_now_ms += end_ms - at_ms;
        (void)house_take_one(&house, person(0), &on_screen, next_seq++, at_ms, end_ms, NULL);
    }
}

/* What groups credited to somebody, as text. */
const char *credited(int number)
{
    char sql[200];
    (void)snprintf(sql, sizeof sql,
        "SELECT credited FROM viewing_group_credit WHERE participant_id = '%s'",
        person(number)->participant_id);
    return house_text(&house, sql);
}

int64_t completions(int number)
{
    char sql[200];
    (void)snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM completion WHERE participant_id = '%s'",
        person(number)->participant_id);
    return house_number(&house, sql);
}

static bool read_lectures(
    struct db_connection *connection, struct step *step, struct problem *problem)
{
    json_decref(step->told);
    step->told = report_participant_lectures(connection, step->participant_id, problem);
    return step->told != NULL;
}

/* The first lecture, as somebody reads of it. */
static json_t *told_to(int number)
{
    struct step step = { read_lectures, .participant_id = person(number)->participant_id };
    struct problem problem = { 0 };
    assert_true(db_read(house.db, take_step, &step, &problem));
    json_t *first = json_incref(json_array_get(step.told, 0));
    json_decref(step.told);
    return first;
}

void assert_told(int number, int64_t credited_ms, const char *first_reason, const char *state)
{
    json_t *told = told_to(number);
    const json_t *reason = json_array_get(json_object_get(told, "missing_reasons"), 0);
    const json_t *group = json_array_get(json_object_get(told, "groups"), 0);
    assert_int_equal(json_integer_value(json_object_get(told, "credited_ms")), credited_ms);
    assert_string_equal(json_string_value(json_object_get(reason, "reason")), first_reason);
    assert_string_equal(json_string_value(json_object_get(group, "state")), state);
    json_decref(told);
}
