/* What a cohort watched, for a learning record store that takes files. */
#include "catalog/audit.h"
#include "catalog/civil_day.h"
#include "cli/output.h"
#include "cli/transaction.h"
#include "viewing/disclosure.h"
#include "viewing/xapi_file.h"

#include <errno.h>
#include <unistd.h>

enum { BASIS_BYTES_MAX = 500, PIECE_BYTES = 1 << 16 };

static bool note_names(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct command_line *const *line = data;
    const char *cohort_id = command_argument(*line, 0), *basis = command_option(*line, "basis");
    return disclosure_note(connection, cohort_id, "statements", NULL, basis, problem)
           && audit_add(connection, NULL, "statement-names", cohort_id, basis, problem);
}

static bool read_options(struct db *db, const struct command_line *line, struct xapi_export *export,
    struct problem *problem)
{
    struct civil_day day;
    const char *from = command_option(line, "from"), *basis = command_option(line, "basis");
    if (from && !civil_day_read(from, &day))
        return problem_set(problem, PROBLEM_SETTING,
            "--from must be a day such as 2026-11-22, not '%.40s'.", from);
    if (from && !civil_day_begins(&day, 0, "UTC", &export->from_ms, problem))
        return false;
    if (basis && !text_is_line(basis, BASIS_BYTES_MAX))
        return problem_set(problem, PROBLEM_SETTING, "--basis must be a line of %d bytes at most.",
            BASIS_BYTES_MAX);
    export->names = basis != NULL;
    return !basis || db_write(db, note_names, &line, problem);
}

static bool print_file(
    struct command_context *context, const struct xapi_file *file, struct problem *problem)
{
    char piece[PIECE_BYTES];
    ssize_t count;
    while ((count = read(file->fd, piece, sizeof piece)) > 0 && !command_abandoned(context))
        command_print_bytes(context, piece, (size_t)count);
    return count >= 0 || problem_set_errno(problem, errno, "read statements");
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    struct xapi_export export
        = { .public_url = context->settings->public_url, .cohort_id = command_argument(line, 0) };
    struct xapi_file file;
    if (!read_options(context->db, line, &export, &problem)
        || !xapi_file_make(context->db, &export, context->settings->data, &file, &problem))
        return command_problem(context, &problem);
    bool good = print_file(context, &file, &problem);
    xapi_file_close(&file);
    return good ? COMMAND_DONE : command_problem(context, &problem);
}

const struct command command_xapi_export = {
    .name = "xapi export",
    .arguments = "COHORT",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Print what a cohort watched as xAPI statements",
    .help = "A JSON array on standard output, a statement a line, by the xAPI Video Profile; a learning record store takes "
            "it as it is. People are accounts named by their ids, unless --basis says what the names are for.",
    .options = {
        { "from", "DAY", "Only what began on this day (UTC) or later.", false },
        { "basis", "TEXT", "With names, and what they are needed for; it is recorded.", false },
    },
    .place = COMMAND_STORE,
    .run = run,
};
