#include "catalog/participant.h"

#include "base/clock.h"
#include "catalog/fields.h"
#include "catalog/program.h"
#include "catalog/rows.h"

#include <string.h>

bool provider_add(struct db_connection *connection, const char *name, const char *country,
    char ret_id[UUID_TEXT_SIZE], struct problem *problem)
{
    char id[UUID_TEXT_SIZE], code[COUNTRY_SIZE] = "";
    bool has_country = country && country[0] != '\0', taken;
    if (!field_line("name", name, NAME_BYTES_MAX, problem)
        || (has_country && !field_country("country", country, code, problem))
        || !row_exists(
            connection, "SELECT 1 FROM organization WHERE name = $1", name, &taken, problem))
        return false;
    if (taken)
        return problem_set(problem, PROBLEM_CONFLICT, "There is a provider of this name already.");
    secure_make_uuid(id);
    if (!db_exec(connection, NULL, problem,
            "INSERT INTO organization (id, name, country, created_at_ms) VALUES ($1, $2, $3, $4)",
            "ttti", id, name, has_country ? code : NULL, clock_now_ms()))
        return false;
    memcpy(ret_id, id, sizeof id);
    return true;
}

json_t *providers_json(struct db_connection *connection, struct problem *problem)
{
    struct db_rows *rows
        = db_query(connection, "SELECT id, name, country FROM organization ORDER BY name", "");
    json_t *providers = json_array();
    while (db_next(rows))
        (void)json_array_append_new(
            providers, json_pack("{s:s, s:s, s:o}", "id", db_text(rows, 0), "name",
                           db_text(rows, 1), "country", row_text(rows, 2)));
    if (!db_end(rows, problem)) {
        json_decref(providers);
        return NULL;
    }
    return providers;
}
