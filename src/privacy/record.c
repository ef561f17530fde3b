#include "privacy/record.h"

#include "base/clock.h"
#include "base/secure.h"
#include "privacy/personal_data.h"

#include <string.h>

enum { SQL_BYTES_MAX = 4096, BYTES_MAX = 64 };

static json_t *hex_of(struct db_rows *rows, int column)
{
    size_t count;
    const void *bytes = db_bytes(rows, column, &count);
    char digits[2 * BYTES_MAX + 1] = "";
    if (count <= BYTES_MAX)
        text_hex_encode(bytes, count, digits);
    return json_string(digits);
}

static json_t *value_of(struct db_rows *rows, int column, char kind)
{
    if (db_is_null(rows, column))
        return json_null();
    if (kind == 'i')
        return json_integer(db_int(rows, column));
    if (kind == 'x')
        return hex_of(rows, column);
    const char *text = db_text(rows, column);
    json_t *value = kind == 'j' ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
    return value ? value : json_string(text);
}

static void write_sql(const struct personal_table *table, const struct personal_column *columns,
    size_t count, struct text *sql)
{
    const char *between = "SELECT ";
    for (size_t i = 0; i < count; i++)
        if (columns[i].kind != '-') {
            text_printf(sql, "%s%s", between, columns[i].name);
            between = ", ";
        }
    text_printf(sql, " FROM %s WHERE %s ORDER BY 1", table->table, table->whose);
}

static json_t *rows_of(struct db_connection *connection, const struct personal_table *table,
    const char *participant_id, struct problem *problem)
{
    struct personal_column columns[PERSONAL_COLUMNS_MAX];
    size_t count = personal_columns(table, columns);
    struct text sql;
    text_init(&sql, SQL_BYTES_MAX);
    write_sql(table, columns, count, &sql);
    json_t *list = json_array();
    struct db_rows *rows = db_query(connection, sql.bytes, "t", participant_id);
    while (db_next(rows)) {
        json_t *row = json_object();
        int column = 0;
        for (size_t i = 0; i < count; i++)
            if (columns[i].kind != '-') {
                (void)json_object_set_new(
                    row, columns[i].name, value_of(rows, column, columns[i].kind));
                column++;
            }
        (void)json_array_append_new(list, row);
    }
    bool read = db_end(rows, problem);
    text_release(&sql);
    if (read)
        return list;
    json_decref(list);
    return NULL;
}

static json_t *part_of(struct db_connection *connection, const struct personal_table *table,
    const char *participant_id, struct problem *problem)
{
    static const char *const fates[] = { [FATE_REMOVED] = "removed",
        [FATE_REMOVED_IN_STEPS] = "removed",
        [FATE_REWRITTEN] = "rewritten",
        [FATE_KEPT] = "kept" };
    json_t *rows = rows_of(connection, table, participant_id, problem);
    return rows ? json_pack("{s:s, s:s, s:s, s:o}", "table", table->table, "why", table->why,
               "after_erasure", fates[table->fate], "rows", rows)
                : NULL;
}

/* Grows with each minute that is watched. */
static bool is_long(const struct personal_table *table)
{
    return table->fate == FATE_REMOVED_IN_STEPS || strcmp(table->table, "evidence") == 0;
}

json_t *record_json(struct db_connection *connection, const char *participant_id,
    enum record_extent extent, struct problem *problem)
{
    char made_at[CLOCK_ISO_SIZE];
    clock_format_iso(clock_now_ms(), made_at);
    json_t *parts = json_array(), *left_out = json_array();
    bool made = true;
    for (size_t i = 0; i < personal_table_count && made; i++) {
        const struct personal_table *table = &personal_tables[i];
        if (extent == RECORD_SUMS && is_long(table)) {
            (void)json_array_append_new(left_out, json_string(table->table));
            continue;
        }
        json_t *part = part_of(connection, table, participant_id, problem);
        made = part && json_array_append_new(parts, part) == 0;
        /* The person's own row comes first. */
        if (made && i == 0 && json_array_size(json_object_get(part, "rows")) == 0)
            made = problem_set(
                problem, PROBLEM_NOT_FOUND, "There is no participant '%.40s'.", participant_id);
    }
    if (made)
        return json_pack("{s:s, s:s, s:b, s:o, s:o}", "participant", participant_id, "made_at",
            made_at, "complete", json_array_size(left_out) == 0, "left_out", left_out, "parts",
            parts);
    json_decref(parts);
    json_decref(left_out);
    return NULL;
}
