#include "certificate/certificate.h"

#include "base/clock.h"
#include "base/json.h"
#include "catalog/civil_day.h"
#include "catalog/texts.h"
#include "viewing/achievement.h"
#include "viewing/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Crockford's: no I, L, O and U. */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

// clang-format off
static const char person_sql[] =
    "SELECT participant.name, participant.language, cohort.id, cohort.name, cohort.time_zone, program.id, program.language"
    "  FROM participant"
    "  JOIN cohort ON cohort.id = participant.cohort_id"
    "  JOIN program ON program.id = cohort.program_id"
    " WHERE participant.id = $1";
static const char texts_sql[] =
    "SELECT program_id, language, title, description FROM program_text WHERE program_id = $1";
static const char standing_sql[] =
    "SELECT id, revoked_at_ms FROM certificate WHERE participant_id = $1"
    " ORDER BY CASE WHEN revoked_at_ms IS NULL THEN 0 ELSE 1 END, issued_at_ms DESC LIMIT 1";
static const char insert_sql[] =
    "INSERT INTO certificate (id, participant_id, language, host, name, program_title, cohort_name, lecture_count,"
    "  content_ms, completed_on, issued_on, digest, issued_at_ms, issued_by)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
static const char read_sql[] =
    "SELECT certificate.id, certificate.participant_id, participant.cohort_id, cohort.program_id, certificate.language,"
    "       certificate.host, certificate.name, certificate.program_title, certificate.cohort_name,"
    "       certificate.lecture_count, certificate.content_ms, certificate.completed_on, certificate.issued_on,"
    "       certificate.issued_at_ms, certificate.revoked_at_ms, certificate.revocation_reason"
    "  FROM certificate"
    "  JOIN participant ON participant.id = certificate.participant_id"
    "  JOIN cohort ON cohort.id = participant.cohort_id"
    " WHERE certificate.id = $1";
static const char revoke_sql[] =
    "UPDATE certificate SET revoked_at_ms = $2, revoked_by = $3, revocation_reason = $4"
    " WHERE id = $1 AND revoked_at_ms IS NULL";
// clang-format on

#define TAKE(member, text) take((member), sizeof(member), (text))
static void take(char *ret_text, size_t size, const char *text)
{
    (void)snprintf(ret_text, size, "%s", text ? text : "");
}

/* --- the number --------------------------------------------------------------------------- */

static void make_id(char ret_id[CERTIFICATE_ID_SIZE])
{
    uint8_t random[CERTIFICATE_ID_LENGTH];
    secure_random(random, sizeof random);
    for (size_t i = 0; i < CERTIFICATE_ID_LENGTH; i++)
        ret_id[i] = alphabet[random[i] & 31];
    ret_id[CERTIFICATE_ID_LENGTH] = '\0';
}

static char meant(char typed)
{
    switch (typed) {
    case 'o':
    case 'O':
        return '0';
    case 'i':
    case 'I':
    case 'l':
    case 'L':
        return '1';
    default:
        return typed >= 'a' && typed <= 'z' ? (char)(typed - 'a' + 'A') : typed;
    }
}

bool certificate_id_read(const char *typed, char ret_id[CERTIFICATE_ID_SIZE])
{
    char id[CERTIFICATE_ID_SIZE];
    size_t length = 0;
    for (const char *at = typed; *at != '\0'; at++) {
        if (*at == '-' || *at == ' ')
            continue;
        char digit = meant(*at);
        if (length == CERTIFICATE_ID_LENGTH || !strchr(alphabet, digit))
            return false;
        id[length++] = digit;
    }
    id[length] = '\0';
    if (length != CERTIFICATE_ID_LENGTH)
        return false;
    memcpy(ret_id, id, sizeof id);
    return true;
}

/* --- what it says ------------------------------------------------------------------------- */

void certificate_statement(const struct certificate *certificate, struct text *text)
{
    json_t *statement = json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:I, s:s, s:s}", "certificate",
        certificate->id, "cohort", certificate->cohort, "completed_on", certificate->completed_on,
        "content_ms", (json_int_t)certificate->content_ms, "host", certificate->host, "issued_on",
        certificate->issued_on, "lectures", (json_int_t)certificate->lecture_count, "name",
        certificate->name, "program", certificate->program);
    char *dumped = json_dumps(statement, JSON_COMPACT | JSON_SORT_KEYS);
    text_append_string(text, dumped ? dumped : "");
    free(dumped);
    json_decref(statement);
}

void certificate_digest(const struct certificate *certificate, uint8_t ret_digest[SHA256_BYTES])
{
    struct text text;
    text_init(&text, CERTIFICATE_STATEMENT_BYTES_MAX);
    certificate_statement(certificate, &text);
    secure_sha256(text.bytes, text.length, ret_digest);
    text_release(&text);
}

/* --- issuing ------------------------------------------------------------------------------ */

/* A host that says nothing is known by its address. */
void certificate_host(const struct settings *settings, char ret_host[NAME_BYTES_MAX + 1])
{
    const char *address = strstr(settings->public_url, "://");
    bool named = settings->certificate_host[0] != '\0';
    take(ret_host, NAME_BYTES_MAX + 1,
        named     ? settings->certificate_host
        : address ? address + 3
                  : settings->public_url);
}

static bool read_title(struct db_connection *connection, struct certificate *certificate,
    const char *own_language, struct problem *problem)
{
    json_t *texts
        = texts_read(db_query(connection, texts_sql, "t", certificate->program_id), problem);
    if (!texts)
        return false;
    TAKE(certificate->program,
        texts_pick(texts, certificate->program_id, certificate->language, own_language).title);
    json_decref(texts);
    return true;
}

static bool read_person(struct db_connection *connection, struct certificate *certificate,
    int64_t completed_at_ms, struct problem *problem)
{
    char zone[64] = "", own_language[CERTIFICATE_LANGUAGE_SIZE] = "";
    struct db_rows *rows = db_query(connection, person_sql, "t", certificate->participant_id);
    bool found = db_next(rows);
    if (found) {
        TAKE(certificate->name, db_text(rows, 0));
        TAKE(certificate->language, db_text(rows, 1));
        TAKE(certificate->cohort_id, db_text(rows, 2));
        TAKE(certificate->cohort, db_text(rows, 3));
        TAKE(zone, db_text(rows, 4));
        TAKE(certificate->program_id, db_text(rows, 5));
        TAKE(own_language, db_text(rows, 6));
    }
    return db_end(rows, problem)
           && (found
               || problem_set(problem, PROBLEM_NOT_FOUND, "no participant '%.40s'",
                   certificate->participant_id))
           && civil_day_at(completed_at_ms, zone, certificate->completed_on, problem)
           && civil_day_at(certificate->issued_at_ms, zone, certificate->issued_on, problem)
           && read_title(connection, certificate, own_language, problem);
}

/* The record names nobody; the digest holds the number, so that nobody guesses a name from it. */
static bool record_issue(struct db_connection *connection, const struct certificate *certificate,
    const uint8_t digest[SHA256_BYTES], const char *staff_id, struct problem *problem)
{
    char digits[2 * SHA256_BYTES + 1];
    text_hex_encode(digest, SHA256_BYTES, digits);
    json_t *record = json_pack("{s:s, s:s, s:I, s:s, s:s, s:I, s:s?}", "certificate",
        certificate->id, "completed_on", certificate->completed_on, "content_ms",
        (json_int_t)certificate->content_ms, "digest", digits, "issued_on", certificate->issued_on,
        "lectures", (json_int_t)certificate->lecture_count, "staff", staff_id);
    bool good
        = evidence_append(connection, "certificate", certificate->participant_id, record, problem);
    json_decref(record);
    return good;
}

static bool store(struct db_connection *connection, const struct certificate *certificate,
    const char *staff_id, struct problem *problem)
{
    uint8_t digest[SHA256_BYTES];
    certificate_digest(certificate, digest);
    return db_exec(connection, NULL, problem, insert_sql, "tttttttiittbit", certificate->id,
               certificate->participant_id, certificate->language, certificate->host,
               certificate->name, certificate->program, certificate->cohort,
               certificate->lecture_count, certificate->content_ms, certificate->completed_on,
               certificate->issued_on, (const void *)digest, sizeof digest,
               certificate->issued_at_ms, staff_id)
           && record_issue(connection, certificate, digest, staff_id, problem);
}

static bool make(struct db_connection *connection, const struct settings *settings,
    const struct achievement *achievement, const char *staff_id, char ret_id[CERTIFICATE_ID_SIZE],
    struct problem *problem)
{
    struct certificate certificate = { .lecture_count = achievement->demanded,
        .content_ms = achievement->content_ms,
        .issued_at_ms = clock_now_ms() };
    make_id(certificate.id);
    TAKE(certificate.participant_id, achievement->participant_id);
    certificate_host(settings, certificate.host);
    if (!read_person(connection, &certificate, achievement->completed_at_ms, problem)
        || !store(connection, &certificate, staff_id, problem))
        return false;
    memcpy(ret_id, certificate.id, sizeof certificate.id);
    return true;
}

/* The one in force, else the newest; "": there was none. */
static bool find_standing(struct db_connection *connection, const char *participant_id,
    char ret_id[CERTIFICATE_ID_SIZE], bool *ret_revoked, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, standing_sql, "t", participant_id);
    ret_id[0] = '\0';
    *ret_revoked = false;
    if (db_next(rows)) {
        take(ret_id, CERTIFICATE_ID_SIZE, db_text(rows, 0));
        *ret_revoked = !db_is_null(rows, 1);
    }
    return db_end(rows, problem);
}

static bool make_if_earned(struct db_connection *connection, const struct settings *settings,
    const char *participant_id, const char *staff_id, char ret_id[CERTIFICATE_ID_SIZE],
    struct problem *problem)
{
    struct achievements achievements;
    if (!achievements_read(connection, NULL, participant_id, &achievements, problem))
        return false;
    const struct achievement *achievement = achievements_find(&achievements, participant_id);
    bool made = (achievement_is_complete(achievement)
                    || problem_set(problem, PROBLEM_CONFLICT,
                        "Not everything that the program demands is completed."))
                && make(connection, settings, achievement, staff_id, ret_id, problem);
    achievements_release(&achievements);
    return made;
}

bool certificate_issue(struct db_connection *connection, const struct settings *settings,
    const char *participant_id, const struct certificate_order *order,
    char ret_id[CERTIFICATE_ID_SIZE], struct problem *problem)
{
    char standing[CERTIFICATE_ID_SIZE];
    bool revoked;
    if (!find_standing(connection, participant_id, standing, &revoked, problem))
        return false;
    if (standing[0] != '\0' && !revoked) {
        memcpy(ret_id, standing, sizeof standing);
        return true;
    }
    if (revoked && !order->again)
        return problem_set(problem, PROBLEM_CONFLICT,
            "The certificate was revoked; the organizer can issue another.");
    return make_if_earned(connection, settings, participant_id, order->staff_id, ret_id, problem);
}

bool certificate_issue_cohort(struct db_connection *connection, const struct settings *settings,
    const char *cohort_id, const char *staff_id, int64_t *ret_count, struct problem *problem)
{
    struct achievements achievements;
    int64_t count = 0;
    if (!achievements_read(connection, cohort_id, NULL, &achievements, problem))
        return false;
    bool good = true;
    for (size_t i = 0; good && i < achievements.count; i++) {
        const struct achievement *achievement = &achievements.items[i];
        char id[CERTIFICATE_ID_SIZE];
        bool revoked;
        if (!achievement_is_complete(achievement))
            continue;
        good = find_standing(connection, achievement->participant_id, id, &revoked, problem);
        if (!good || id[0] != '\0')
            continue;
        good = make(connection, settings, achievement, staff_id, id, problem);
        count++;
    }
    achievements_release(&achievements);
    if (good)
        *ret_count = count;
    return good;
}

/* --- revoking ----------------------------------------------------------------------------- */

bool certificate_revoke(struct db_connection *connection, const char *id, const char *reason,
    const char *staff_id, struct problem *problem)
{
    struct certificate certificate;
    int64_t revoked = 0;
    if (!reason || !text_is_line(reason, CERTIFICATE_REASON_BYTES_MAX))
        return problem_set_field(problem, "reason",
            "'reason' must be a line of 1 to %d bytes: the participant reads it.",
            CERTIFICATE_REASON_BYTES_MAX);
    if (!certificate_find(connection, id, &certificate, problem)
        || !certificate_in_force(&certificate, problem)
        || !db_exec(connection, &revoked, problem, revoke_sql, "titt", id, clock_now_ms(), staff_id,
            reason))
        return false;
    json_t *record
        = json_pack("{s:s, s:s, s:s?}", "certificate", id, "reason", reason, "staff", staff_id);
    bool good
        = evidence_append(connection, "revocation", certificate.participant_id, record, problem);
    json_decref(record);
    return good;
}

/* --- reading ------------------------------------------------------------------------------ */

static void read_row(struct db_rows *rows, struct certificate *certificate)
{
    *certificate = (struct certificate){ .lecture_count = db_int(rows, 9),
        .content_ms = db_int(rows, 10),
        .issued_at_ms = db_int(rows, 13),
        .revoked_at_ms = db_int(rows, 14),
        .erased = db_is_null(rows, 6) };
    TAKE(certificate->id, db_text(rows, 0));
    TAKE(certificate->participant_id, db_text(rows, 1));
    TAKE(certificate->cohort_id, db_text(rows, 2));
    TAKE(certificate->program_id, db_text(rows, 3));
    TAKE(certificate->language, db_text(rows, 4));
    TAKE(certificate->host, db_text(rows, 5));
    TAKE(certificate->name, db_text(rows, 6));
    TAKE(certificate->program, db_text(rows, 7));
    TAKE(certificate->cohort, db_text(rows, 8));
    TAKE(certificate->completed_on, db_text(rows, 11));
    TAKE(certificate->issued_on, db_text(rows, 12));
    TAKE(certificate->reason, db_text(rows, 15));
}

bool certificate_find(struct db_connection *connection, const char *id,
    struct certificate *ret_certificate, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, read_sql, "t", id);
    bool found = db_next(rows);
    if (found)
        read_row(rows, ret_certificate);
    return db_end(rows, problem)
           && (found || problem_set(problem, PROBLEM_NOT_FOUND, "no certificate '%.40s'", id));
}

bool certificate_in_force(const struct certificate *certificate, struct problem *problem)
{
    if (certificate->erased)
        return problem_set(problem, PROBLEM_CONFLICT, "What this certificate said was erased.");
    return certificate->revoked_at_ms == 0
           || problem_set(problem, PROBLEM_CONFLICT, "This certificate was revoked.");
}
