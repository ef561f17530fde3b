/*
 * A row of the report as a file: one participant and lecture, the same cells in every format.  Private to viewing/.
 *
 * Names      are left empty unless they are asked for: the participant's id stands for the person.
 * Formulas   report_is_formula() says which text a spreadsheet would calculate: it begins, after spaces, with
 *            = + - @ TAB CR LF or a full-width form of these.  Whoever writes such a cell puts a ' before it.
 */
#ifndef LECTERN_VIEWING_REPORT_ROW_H
#define LECTERN_VIEWING_REPORT_ROW_H

#include "base/clock.h"
#include "base/text.h"

#include <jansson.h>

enum { REPORT_COLUMNS = 18 };
extern const char *const report_columns[REPORT_COLUMNS];

enum report_value_kind { REPORT_TEXT, REPORT_WHOLE, REPORT_RATIO };
struct report_value {
    enum report_value_kind kind;
    const char *text;
    int64_t whole;
    double ratio; /* four decimals */
};

struct report_row {
    struct report_value values[REPORT_COLUMNS];
    struct text missing; /* "12:40-15:05; ..." */
    char completed_at[CLOCK_ISO_SIZE], last_at[CLOCK_ISO_SIZE];
    char decision[40]; /* "accept by hand" */
    char sharing[80];  /* "networks-at-once takeovers" */
};

void report_row_init(struct report_row *row);
void report_row_release(struct report_row *row);
/* Fills the row; texts are lent from the three and from the row. */
void report_row_read(struct report_row *row, const json_t *person, const json_t *lecture,
    const json_t *cell, bool names);
bool report_is_formula(const char *text);

#endif
