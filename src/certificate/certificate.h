/*
 * Certificates of completion: rows, and who may have one.  What is on the paper is frozen when it is issued.
 *
 * Earned     by whoever has completed all that the program demands (viewing/achievement.h).  Issued by the organizer, for a
 *            cohort at once, or taken by the participant themself.
 * In force   one a participant at most; a second issue finds the first.  A revoked one stays, and says so; after that only
 *            the organizer issues another.
 * Id         CERTIFICATE_ID_LENGTH letters and digits of Crockford's base 32, 130 random bits: who has it may see what the
 *            paper says.  It is the certificate's number too.
 * Statement  what the paper says, as JSON in canonical form (keys in order of their bytes, no spaces); its SHA-256 is on the
 *            evidence log, and its first 16 hexadecimal digits are on the paper.
 * Evidence   "certificate" and "revocation" are records of the participant (viewing/evidence.h).
 * Erasure    takes name, digest and reason; the row stays, and says that it was erased.
 *
 * The participant or cohort was checked through permission_object().
 */
#ifndef LECTERN_CERTIFICATE_CERTIFICATE_H
#define LECTERN_CERTIFICATE_CERTIFICATE_H

#include "base/secure.h"
#include "base/settings.h"
#include "base/text.h"
#include "catalog/program.h"
#include "store/db.h"

#include <jansson.h>

enum {
    CERTIFICATE_ID_LENGTH = 26,
    CERTIFICATE_ID_SIZE,
    CERTIFICATE_REASON_BYTES_MAX = 500,
    CERTIFICATE_STATEMENT_BYTES_MAX = 8192,
    CERTIFICATE_DAY_SIZE = 11,
    CERTIFICATE_LANGUAGE_SIZE = 36
};

struct certificate {
    char id[CERTIFICATE_ID_SIZE];
    char participant_id[UUID_TEXT_SIZE], cohort_id[UUID_TEXT_SIZE], program_id[UUID_TEXT_SIZE];
    char language
        [CERTIFICATE_LANGUAGE_SIZE]; /* of the participant: picks words and forms of letters */
    char host[NAME_BYTES_MAX + 1], name[NAME_BYTES_MAX + 1], program[TITLE_BYTES_MAX + 1],
        cohort[NAME_BYTES_MAX + 1];
    int64_t lecture_count, content_ms;
    char completed_on[CERTIFICATE_DAY_SIZE],
        issued_on[CERTIFICATE_DAY_SIZE];           /* in the cohort's time zone */
    int64_t issued_at_ms, revoked_at_ms;           /* 0: it is in force */
    char reason[CERTIFICATE_REASON_BYTES_MAX + 1]; /* of the revocation */
    bool erased;
};

/* What a person typed or a link says: small letters, spaces and '-' are fine, O is 0, I and L are 1.  Pure. */
bool certificate_id_read(const char *typed, char ret_id[CERTIFICATE_ID_SIZE]);

/*
 * Inside db_write.  staff_id NULL: the operator, or the participant themself.  Gives the one in force where there is one.
 * PROBLEM_CONFLICT: not earned; or `again` is false, and one was revoked.  PROBLEM_NOT_FOUND.
 */
struct certificate_order {
    const char *staff_id;
    bool again; /* also after a revocation */
};
bool certificate_issue(struct db_connection *connection, const struct settings *settings,
    const char *participant_id, const struct certificate_order *order,
    char ret_id[CERTIFICATE_ID_SIZE], struct problem *problem);
/* For everybody in the cohort who has earned one and never had one; ret_count of them. */
bool certificate_issue_cohort(struct db_connection *connection, const struct settings *settings,
    const char *cohort_id, const char *staff_id, int64_t *ret_count, struct problem *problem);
/* Inside db_write.  reason: a line; the participant reads it.  PROBLEM_CONFLICT: it was revoked before. */
bool certificate_revoke(struct db_connection *connection, const char *id, const char *reason,
    const char *staff_id, struct problem *problem);

/* PROBLEM_NOT_FOUND. */
bool certificate_find(struct db_connection *connection, const char *id,
    struct certificate *ret_certificate, struct problem *problem);
/* PROBLEM_CONFLICT for what was revoked or erased: nobody is given its paper any more. */
bool certificate_in_force(const struct certificate *certificate, struct problem *problem);

/* For everybody who has the number: {"id","state":"valid"|"revoked"|"erased", and unless it was erased "name","program","cohort",
 * "host","lectures","content_ms","language","completed_on","issued_on","digest"; "revoked_at_ms":int|null}. */
json_t *certificate_json(const struct certificate *certificate);
/* Of a participant, for themselves: {"earned","demanded","completed","to_come","may_take":bool,
 *  "certificate":{the above, and "reason":text|null}|null}: the newest. */
json_t *certificate_of_participant_json(
    struct db_connection *connection, const char *participant_id, struct problem *problem);
/* For the organizer: [{"participant","name","earned","demanded","completed","to_come",
 *  "certificates":[{"id","state","issued_on","issued_at_ms","revoked_at_ms":int|null,"reason":text|null}...]}...], by name;
 *  newest first. */
json_t *certificates_of_cohort_json(
    struct db_connection *connection, const char *cohort_id, struct problem *problem);

/* Who issues, as the settings say: certificate-host, or else the host of public-url. */
void certificate_host(const struct settings *settings, char ret_host[NAME_BYTES_MAX + 1]);
/* Pure: the statement, and its SHA-256. */
void certificate_statement(const struct certificate *certificate, struct text *text);
void certificate_digest(const struct certificate *certificate, uint8_t ret_digest[SHA256_BYTES]);

#endif
