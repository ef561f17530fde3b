#include "catalog/participant.h"

#include "base/clock.h"
#include "base/text.h"
#include "catalog/fields.h"
#include "catalog/program.h"
#include "catalog/rows.h"

#include <string.h>

static bool check_gender(const char *gender, struct problem *problem)
{
    static const char *const genders[] = { "female", "male", "other" };
    for (size_t i = 0; i < sizeof genders / sizeof genders[0]; i++)
        if (text_equal(gender, genders[i]))
            return true;
    return problem_set_field(
        problem, "gender", "'gender' must be 'female', 'male' or 'other', or be left out.");
}

/* What is stored, of what was typed: canonical, or NULL where nothing was given. */
struct participant_row {
    const char *email, *country, *gender, *group;
    char country_code[COUNTRY_SIZE];
    char language[LANGUAGE_TAG_SIZE];
};

static bool read_fields(
    const struct participant_fields *fields, struct participant_row *row, struct problem *problem)
{
    *row = (struct participant_row){
        .email = text_or_null(fields->email),
        .country = text_or_null(fields->country),
        .gender = text_or_null(fields->gender),
        .group = text_or_null(fields->group),
    };
    if (!field_line("name", fields->name, NAME_BYTES_MAX, problem)
        || (row->email && !field_mail_address("email", row->email, problem))
        || (row->country && !field_country("country", row->country, row->country_code, problem))
        || (row->gender && !check_gender(row->gender, problem))
        || (row->group && !field_line("group", row->group, NAME_BYTES_MAX, problem))
        || !field_language("language", fields->language, row->language, problem))
        return false;
    if (row->country)
        row->country = row->country_code;
    return true;
}

bool participant_add(struct db_connection *connection, const char *cohort_id,
    const struct participant_fields *fields, char ret_id[UUID_TEXT_SIZE], struct problem *problem)
{
    struct participant_row row;
    char id[UUID_TEXT_SIZE];
    if (!read_fields(fields, &row, problem) || !cohort_require(connection, cohort_id, problem))
        return false;
    secure_make_uuid(id);
    if (!db_exec(connection, NULL, problem,
            "INSERT INTO participant (id, cohort_id, name, email, country, gender, group_name,"
            "  language, created_at_ms)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            "tttttttti", id, cohort_id, fields->name, row.email, row.country, row.gender, row.group,
            row.language, clock_now_ms()))
        return false;
    memcpy(ret_id, id, sizeof id);
    return true;
}

/* Of the newest invitation. Columns: id, expires_at_ms, opened_at_ms, revoked_at_ms. */
enum { ERASED_COLUMN = 12 }; /* of participants_json() */

static const char *invitation_state(struct db_rows *rows, int column, int64_t now_ms)
{
    if (!db_is_null(rows, ERASED_COLUMN))
        return "erased";
    if (db_is_null(rows, column))
        return "none";
    if (!db_is_null(rows, column + 3))
        return "revoked";
    if (db_int(rows, column + 1) <= now_ms)
        return "expired";
    return db_is_null(rows, column + 2) ? "issued" : "opened";
}

static json_t *participant_of_row(struct db_rows *rows, int64_t now_ms)
{
    json_t *invitation = json_pack("{s:s, s:o, s:o}", "state", invitation_state(rows, 7, now_ms),
        "issued_at_ms", row_int(rows, 11), "expires_at_ms", row_int(rows, 8));
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:o}", "id", db_text(rows, 0), "name",
        db_text(rows, 1), "email", row_text(rows, 2), "country", row_text(rows, 3), "gender",
        row_text(rows, 4), "group", row_text(rows, 5), "language", db_text(rows, 6), "invitation",
        invitation);
}

json_t *participants_json(
    struct db_connection *connection, const char *cohort_id, struct problem *problem)
{
    /* A mistyped id would be told as a cohort without people. */
    if (!cohort_require(connection, cohort_id, problem))
        return NULL;
    struct db_rows *rows = db_query(connection,
        "SELECT p.id, p.name, p.email, p.country, p.gender, p.group_name, p.language,"
        "  i.id, i.expires_at_ms, i.opened_at_ms, i.revoked_at_ms, i.created_at_ms,"
        "  erasure.participant_id"
        " FROM participant p"
        " LEFT JOIN erasure ON erasure.participant_id = p.id"
        " LEFT JOIN invitation i ON i.id ="
        "  (SELECT newest.id FROM invitation newest WHERE newest.participant_id = p.id"
        "   ORDER BY newest.created_at_ms DESC,"
        "    CASE WHEN newest.revoked_at_ms IS NULL THEN 0 ELSE 1 END, newest.id DESC LIMIT 1)"
        " WHERE p.cohort_id = $1"
        " ORDER BY p.created_at_ms, p.id",
        "t", cohort_id);
    json_t *participants = json_array();
    int64_t now_ms = clock_now_ms();
    while (db_next(rows))
        (void)json_array_append_new(participants, participant_of_row(rows, now_ms));
    if (!db_end(rows, problem)) {
        json_decref(participants);
        return NULL;
    }
    return participants;
}
