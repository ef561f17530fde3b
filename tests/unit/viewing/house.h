/*
 * For the viewing tests: a store in a folder of its own with a cohort, a lecture and participants,
 * and server time that the test moves.  The binary is linked with --wrap=clock_now_ms.
 */
#ifndef LECTERN_TESTS_VIEWING_HOUSE_H
#define LECTERN_TESTS_VIEWING_HOUSE_H

#include "base/settings.h"
#include "store/db.h"
#include "viewing/play.h"

enum { HOUSE_PEOPLE = 4, HOUSE_LECTURE_MS = 1200000, HOUSE_SEGMENT_MS = 4000 };

extern _Atomic int64_t house_now_ms; /* server time */

struct house {
    char folder[64];
    struct settings settings;
    struct db *db;
    struct delivery_log *log; /* one loop: the test's thread */
    char program_id[UUID_TEXT_SIZE], cohort_id[UUID_TEXT_SIZE];
    char lecture_id[UUID_TEXT_SIZE],
        other_lecture_id[UUID_TEXT_SIZE]; /* version 1, HOUSE_LECTURE_MS */
    struct caller people[HOUSE_PEOPLE];
    struct caller second_device; /* of people[0] */
};
/* A new house, or the same again after house_close(): what is stored stays. */
void house_build(struct house *house);
void house_open(struct house *house);
void house_close(struct house *house);
void house_remove(struct house *house);

/* Fails the test with the problem. */
void house_run(struct house *house, const char *sql);
int64_t house_number(struct house *house, const char *sql);
/* "" where there is no row; valid until the next call. */
const char *house_text(struct house *house, const char *sql);

/* The segments of [from_ms, to_ms) are sent to the caller, whole. */
void house_deliver(struct house *house, const struct caller *caller, const char *lecture_id,
    int64_t from_ms, int64_t to_ms);
struct play_session house_begin(
    struct house *house, const struct caller *caller, const char *lecture_id);
/* Takes beats and returns the union, in milliseconds.  ret_answer may be NULL. */
int64_t house_take(struct house *house, const struct caller *caller,
    const struct play_session *session, const struct beat *beats, size_t count,
    struct beats_answer *ret_answer);
int64_t house_take_one(struct house *house, const struct caller *caller,
    const struct play_session *session, int64_t seq, int64_t from_ms, int64_t to_ms,
    unsigned *ret_flags);

#endif
