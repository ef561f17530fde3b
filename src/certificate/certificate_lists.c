/* Certificates as JSON: for everybody, for the participant, for the organizer. */
#include "certificate/certificate.h"
#include "viewing/achievement.h"

#include <string.h>

// clang-format off
static const char newest_sql[] =
    "SELECT id FROM certificate WHERE participant_id = $1"
    " ORDER BY CASE WHEN revoked_at_ms IS NULL THEN 0 ELSE 1 END, issued_at_ms DESC LIMIT 1";
/* People of a cohort with all of their certificates, rows of one person together. */
static const char cohort_sql[] =
    "SELECT participant.id, participant.name, certificate.id, certificate.name, certificate.issued_on,"
    "       certificate.issued_at_ms, certificate.revoked_at_ms, certificate.revocation_reason"
    "  FROM participant"
    "  LEFT JOIN certificate ON certificate.participant_id = participant.id"
    " WHERE participant.cohort_id = $1"
    " ORDER BY participant.name, participant.id, certificate.issued_at_ms DESC, certificate.id";
// clang-format on

static const char *state_of(bool erased, bool revoked)
{
    return erased ? "erased" : revoked ? "revoked" : "valid";
}

static json_t *moment_or_null(int64_t at_ms)
{
    return at_ms > 0 ? json_integer(at_ms) : json_null();
}

json_t *certificate_json(const struct certificate *certificate)
{
    char digest_text[2 * SHA256_BYTES + 1];
    uint8_t digest[SHA256_BYTES];
    json_t *json = json_pack("{s:s, s:s, s:o}", "id", certificate->id, "state",
        state_of(certificate->erased, certificate->revoked_at_ms > 0), "revoked_at_ms",
        moment_or_null(certificate->revoked_at_ms));
    if (certificate->erased)
        return json;
    certificate_digest(certificate, digest);
    text_hex_encode(digest, sizeof digest, digest_text);
    json_t *said = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:s, s:s}", "name",
        certificate->name, "program", certificate->program, "cohort", certificate->cohort, "host",
        certificate->host, "lectures", (json_int_t)certificate->lecture_count, "content_ms",
        (json_int_t)certificate->content_ms, "language", certificate->language, "completed_on",
        certificate->completed_on, "issued_on", certificate->issued_on, "digest", digest_text);
    (void)json_object_update(json, said);
    json_decref(said);
    return json;
}

static json_t *achievement_json(const struct achievement *achievement)
{
    static const struct achievement nothing = { 0 };
    const struct achievement *shown = achievement ? achievement : &nothing;
    return json_pack("{s:b, s:I, s:I, s:I}", "earned", achievement_is_complete(achievement),
        "demanded", (json_int_t)shown->demanded, "completed", (json_int_t)shown->completed,
        "to_come", (json_int_t)shown->to_come);
}

/* NULL with *ret_read: there is none. */
static json_t *newest_json(struct db_connection *connection, const char *participant_id,
    bool *ret_read, struct problem *problem)
{
    char id[CERTIFICATE_ID_SIZE] = "";
    struct certificate certificate;
    struct db_rows *rows = db_query(connection, newest_sql, "t", participant_id);
    if (db_next(rows))
        (void)certificate_id_read(db_text(rows, 0), id);
    *ret_read = db_end(rows, problem)
                && (id[0] == '\0' || certificate_find(connection, id, &certificate, problem));
    if (!*ret_read || id[0] == '\0')
        return NULL;
    json_t *json = certificate_json(&certificate);
    (void)json_object_set_new(json, "reason",
        certificate.reason[0] != '\0' ? json_string(certificate.reason) : json_null());
    return json;
}

json_t *certificate_of_participant_json(
    struct db_connection *connection, const char *participant_id, struct problem *problem)
{
    struct achievements achievements;
    bool read;
    if (!achievements_read(connection, NULL, participant_id, &achievements, problem))
        return NULL;
    json_t *newest = newest_json(connection, participant_id, &read, problem);
    const struct achievement *achievement = achievements_find(&achievements, participant_id);
    json_t *json = read ? achievement_json(achievement) : NULL;
    if (json) {
        bool may_take = !newest && achievement_is_complete(achievement);
        (void)json_object_set_new(json, "may_take", json_boolean(may_take));
        (void)json_object_set_new(json, "certificate", newest ? newest : json_null());
    }
    achievements_release(&achievements);
    return json;
}

static json_t *listed_json(struct db_rows *rows)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:o, s:s?}", "id", db_text(rows, 2), "state",
        state_of(db_is_null(rows, 3), !db_is_null(rows, 6)), "issued_on", db_text(rows, 4),
        "issued_at_ms", (json_int_t)db_int(rows, 5), "revoked_at_ms",
        moment_or_null(db_int(rows, 6)), "reason", db_text(rows, 7));
}

static json_t *person_json(struct db_rows *rows, const struct achievements *achievements)
{
    json_t *person = achievement_json(achievements_find(achievements, db_text(rows, 0)));
    (void)json_object_set_new(person, "participant", json_string(db_text(rows, 0)));
    (void)json_object_set_new(person, "name", json_string(db_text(rows, 1)));
    (void)json_object_set_new(person, "certificates", json_array());
    return person;
}

json_t *certificates_of_cohort_json(
    struct db_connection *connection, const char *cohort_id, struct problem *problem)
{
    struct achievements achievements;
    if (!achievements_read(connection, cohort_id, NULL, &achievements, problem))
        return NULL;
    json_t *people = json_array(), *person = NULL;
    struct db_rows *rows = db_query(connection, cohort_sql, "t", cohort_id);
    while (db_next(rows)) {
        const char *last = json_string_value(json_object_get(person, "participant"));
        if (!last || strcmp(last, db_text(rows, 0)) != 0) {
            person = person_json(rows, &achievements);
            (void)json_array_append_new(people, person);
        }
        if (!db_is_null(rows, 2))
            (void)json_array_append_new(json_object_get(person, "certificates"), listed_json(rows));
    }
    achievements_release(&achievements);
    if (db_end(rows, problem))
        return people;
    json_decref(people);
    return NULL;
}
