/*
 * Where anything about one participant is stored: a row a table, read by the export of a person's record
 * and by their erasure, so that neither can forget what the other knows.  A test holds the list against
 * the schema: a new table does not pass it before it stands here, or is said to be about nobody.
 *
 * Columns    in their order, one letter for how each is told: "t:name i:from_ms -:digest"; t text,
 *            i integer, j text that is JSON, x bytes (told as hexadecimal digits), - left out of exports, as it is no more than a key to a lock.
 * Whose      the condition on the table's rows, with the participant's id as $1.
 */
#ifndef LECTERN_PRIVACY_PERSONAL_DATA_H
#define LECTERN_PRIVACY_PERSONAL_DATA_H

#include <stdbool.h>
#include <stddef.h>

/* What an erasure does to the rows. */
enum personal_fate {
    FATE_REMOVED,
    FATE_REMOVED_IN_STEPS, /* many rows without an index: by ranges of the key, in transactions of their own */
    FATE_REWRITTEN, /* stays, without what names or admits the person: see erasure.c */
    FATE_KEPT       /* figures under a pseudonym: the id, which then leads to nobody */
};

struct personal_table {
    const char *table;
    const char *columns;
    const char *whose;
    enum personal_fate fate;
    const char *why; /* it is stored, and stays or goes: for the reader of a record */
};

/* In the order in which a record tells them, and in which rows can be removed: who refers stands before
 * what is referred to. */
extern const struct personal_table personal_tables[];
extern const size_t personal_table_count;

enum { PERSONAL_COLUMNS_MAX = 32, PERSONAL_COLUMN_SIZE = 64 };
struct personal_column {
    char kind; /* t i j x - */
    char name[PERSONAL_COLUMN_SIZE];
};
size_t personal_columns(
    const struct personal_table *table, struct personal_column ret_columns[PERSONAL_COLUMNS_MAX]);

#endif
