/*
 * Forgetting a person.
 *
 *   1  one transaction: links are removed and sessions revoked; name, mail address, country, gender,
 *      group and language are written over; documents and salts of the evidence log go; the erasure is
 *      recorded there and in a table, with its reason
 *   2  in steps: each message, delivery and credited interval is removed
 *   3  the store's files: the WAL is emptied, and every byte is read for the name and the address;
 *      where one is found, the store is written anew (db_scrub)
 *
 * What stays is in personal_data.c: sums and completions under the participant's id, which leads to
 * nobody any more, so that a cohort's figures stay what they were reported to be.
 *
 * Crash      after 1 the person is gone for everybody; erasure_finish_pending() does what is left.
 * Again      an erased participant is erased again without harm: what was done stays, the rest is done.
 * Backups    made before still hold the person: docs/privacy.md.
 */
#ifndef LECTERN_PRIVACY_ERASURE_H
#define LECTERN_PRIVACY_ERASURE_H

#include "base/secure.h"
#include "store/db.h"

enum { ERASURE_REASON_BYTES_MAX = 500 };

struct erasure_facts {
    int64_t rows_removed;
    bool written_anew; /* the store was, as a freed place still held something, or none could say */
    struct problem unfinished; /* PROBLEM_NONE; else what kept 2 and 3 from being done now */
};

/*
 * All three, on the caller's thread; not inside of a transaction.  staff_id NULL: the operator or the
 * server itself.  The caller then calls media_token_deny_revoked(), in any case.
 * PROBLEM_NOT_FOUND; PROBLEM_INVALID_FIELD for a reason that is no line, or that itself holds the name
 * or the address.  True: the person is gone; what is unfinished goes on by itself within the hour, or when asked again.
 */
bool erasure_run(struct db *db, const char *participant_id, const char *staff_id,
    const char *reason, struct erasure_facts *ret_facts, struct problem *problem);
/* Only the first step, by the server itself; for many, whose rest erasure_finish_pending() does together.
 * The reason is the server's own words, which are not looked through for the name. */
bool erasure_begin(
    struct db *db, const char *participant_id, const char *reason, struct problem *problem);
/* Whether to go on, asked between two people; called on the caller's thread. */
struct erasure_pace {
    bool (*may_go_on)(void *data); /* NULL: always */
    void *data;
};
bool erasure_may_go_on(struct erasure_pace pace);
/* Goes on with what erasure_begin() or an end of the program left.  *ret_count: persons that are finished; true also
 * where it was not to go on, and the rest is left for the next call. */
bool erasure_finish_pending(
    struct db *db, struct erasure_pace pace, int64_t *ret_count, struct problem *problem);

#endif
