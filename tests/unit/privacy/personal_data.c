/* The list of what is stored about a person, against the schema itself. */
#include "catalog_store.h"

#include "privacy/personal_data.h"
#include "privacy/record.h"

#include <sqlite3.h>

/* Tables that hold nothing about a participant.  A new table goes here, or into personal_data.c. */
static const char *const about_nobody[] = { "organization", "program", "program_text", "cohort",
    "completion_rule", "lecture", "lecture_text", "lecture_version", "rendition", "caption_track",
    "program_lecture", "staff", "staff_program", "delivery_cursor", "server_run", "server_gap",
    "clock_jump", "upload", "job", "setting", "timeline_piece", "lecture_file", "chapter",
    "handout", "sound_track", "evidence_checkpoint", "evidence_key", "evidence_node",
    "evidence_witness", "badge_key", "schema_migration", NULL };

static bool is_about_nobody(const char *table)
{
    for (size_t i = 0; about_nobody[i]; i++)
        if (strcmp(about_nobody[i], table) == 0)
            return true;
    return false;
}

static const struct personal_table *find_table(const char *name)
{
    for (size_t i = 0; i < personal_table_count; i++)
        if (strcmp(personal_tables[i].table, name) == 0)
            return &personal_tables[i];
    return NULL;
}

/* Past the store's interface, which tells no names of tables and columns. */
static sqlite3 *open_schema(const struct catalog *catalog)
{
    char path[100];
    sqlite3 *handle = NULL;
    (void)snprintf(path, sizeof path, "%s/store.sqlite", catalog->folder);
    assert_int_equal(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    return handle;
}

static void every_table_is_in_the_list_or_about_nobody(void **state)
{
    sqlite3 *handle = open_schema(*state);
    sqlite3_stmt *tables;
    size_t found = 0;
    assert_int_equal(
        sqlite3_prepare_v2(handle,
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", -1,
            &tables, NULL),
        SQLITE_OK);
    while (sqlite3_step(tables) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(tables, 0);
        bool listed = find_table(name) != NULL;
        found += listed;
        if (listed == is_about_nobody(name))
            fail_msg("table '%s': say in src/privacy/personal_data.c what of it is about a "
                     "participant and what an "
                     "erasure does to it, or in this test that it is about nobody",
                name);
    }
    (void)sqlite3_finalize(tables);
    (void)sqlite3_close(handle);
    assert_int_equal(found, personal_table_count);
}

static void every_column_of_a_listed_table_is_told_or_left_out_on_purpose(void **state)
{
    sqlite3 *handle = open_schema(*state);
    for (size_t i = 0; i < personal_table_count; i++) {
        const struct personal_table *table = &personal_tables[i];
        struct personal_column columns[PERSONAL_COLUMNS_MAX];
        size_t count = personal_columns(table, columns), found = 0;
        sqlite3_stmt *stored;
        assert_int_equal(
            sqlite3_prepare_v2(handle, "SELECT name FROM pragma_table_info(?1)", -1, &stored, NULL),
            SQLITE_OK);
        (void)sqlite3_bind_text(stored, 1, table->table, -1, SQLITE_STATIC);
        while (sqlite3_step(stored) == SQLITE_ROW) {
            const char *name = (const char *)sqlite3_column_text(stored, 0);
            bool told = false;
            for (size_t j = 0; j < count; j++)
                told = told || strcmp(columns[j].name, name) == 0;
            if (!told)
                fail_msg("%s.%s is not in src/privacy/personal_data.c", table->table, name);
            found++;
        }
        (void)sqlite3_finalize(stored);
        assert_int_equal(found, count);
    }
    (void)sqlite3_close(handle);
}

static json_t *make_record(
    struct db_connection *connection, const void *data, struct problem *problem)
{
    return record_json(connection, data, RECORD_WHOLE, problem);
}

static void a_record_has_a_part_for_each_table_and_nothing_of_others(void **state)
{
    struct catalog *catalog = *state;
    char program[UUID_TEXT_SIZE], cohort[UUID_TEXT_SIZE], one[UUID_TEXT_SIZE],
        other[UUID_TEXT_SIZE];
    catalog_program(catalog, "Basics", program);
    catalog_cohort(catalog, program, "2026-11-23", "2026-11-27", cohort);
    catalog_participant(catalog, cohort, "One", one);
    catalog_participant(catalog, cohort, "Other", other);
    json_t *record = catalog_json(catalog, make_record, one);
    assert_non_null(record);
    const json_t *parts = json_object_get(record, "parts");
    assert_int_equal(json_array_size(parts), personal_table_count);
    const json_t *rows = json_object_get(json_array_get(parts, 0), "rows");
    assert_int_equal(json_array_size(rows), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 0), "name")), "One");
    char *text = json_dumps(record, 0);
    assert_null(strstr(text, other));
    free(text);
    json_decref(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            every_table_is_in_the_list_or_about_nobody, catalog_set_up, catalog_tear_down),
        cmocka_unit_test_setup_teardown(
            every_column_of_a_listed_table_is_told_or_left_out_on_purpose, catalog_set_up,
            catalog_tear_down),
        cmocka_unit_test_setup_teardown(a_record_has_a_part_for_each_table_and_nothing_of_others,
            catalog_set_up, catalog_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
