#include "cli/transaction.h"

#include "cli/output.h"

#include <string.h>

struct run {
    struct command_context *context;
    const struct command_line *line;
    transaction_step step;
    json_t *outcome;
};

/* The store may run it again after a failed commit, so an earlier outcome is dropped. */
static bool run_step(struct db_connection *connection, void *data, struct problem *problem)
{
    struct run *run = data;
    json_decref(run->outcome);
    run->outcome = run->step(connection, run->context, run->line, problem);
    return run->outcome;
}

static json_t *end_run(struct run *run, bool done, const struct problem *problem)
{
    if (done)
        return run->outcome;
    json_decref(run->outcome);
    (void)command_problem(run->context, problem);
    return NULL;
}

json_t *command_write(
    struct command_context *context, const struct command_line *line, transaction_step step)
{
    struct run run = { context, line, step, NULL };
    struct problem problem = { 0 };
    return end_run(&run, db_write(context->db, run_step, &run, &problem), &problem);
}

json_t *command_read(
    struct command_context *context, const struct command_line *line, transaction_step step)
{
    struct run run = { context, line, step, NULL };
    struct problem problem = { 0 };
    return end_run(&run, db_read(context->db, run_step, &run, &problem), &problem);
}

int command_add(
    struct command_context *context, const struct command_line *line, transaction_step step)
{
    json_t *outcome = command_write(context, line, step);
    if (!outcome)
        return COMMAND_FAILED;
    if (command_flag(line, "json")) {
        command_print_json(context, outcome);
        return COMMAND_DONE;
    }
    command_print(context, "%s\n", json_string_value(json_object_get(outcome, "id")));
    json_decref(outcome);
    return COMMAND_DONE;
}

int command_change(struct command_context *context, const struct command_line *line,
    transaction_step step, const char *sentence)
{
    json_t *outcome = command_write(context, line, step);
    if (!outcome)
        return COMMAND_FAILED;
    if (command_flag(line, "json")) {
        command_print_json(context, outcome);
        return COMMAND_DONE;
    }
    command_print(context, "%s\n", sentence);
    json_decref(outcome);
    return COMMAND_DONE;
}

int command_list(struct command_context *context, const struct command_line *line,
    transaction_step step, const char *name,
    void (*print)(struct command_context *context, const json_t *list))
{
    json_t *outcome = command_read(context, line, step);
    if (!outcome)
        return COMMAND_FAILED;
    if (command_flag(line, "json")) {
        command_print_json(context, outcome);
        return COMMAND_DONE;
    }
    print(context, json_object_get(outcome, name));
    json_decref(outcome);
    return COMMAND_DONE;
}

const char *command_argument(const struct command_line *line, size_t place)
{
    return place < line->argument_count ? line->arguments[place] : NULL;
}

const char *command_file_name(const struct command_line *line, size_t place)
{
    const char *path = command_argument(line, place), *slash = path ? strrchr(path, '/') : NULL;
    return slash ? slash + 1 : path;
}

const char *command_language(const struct command_context *context, const struct command_line *line)
{
    const char *language = command_option(line, "language");
    return language ? language : context->language;
}
