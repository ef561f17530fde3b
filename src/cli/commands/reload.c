/*
 * The settings file was edited, or a certificate was renewed: the running server takes up what it can, and
 * the person who typed this is told what came of it, which SIGHUP tells the log only.
 */
#include "cli/reload.h"
#include "cli/output.h"
#include "cli/transaction.h"

static int run(struct command_context *context, const struct command_line *line)
{
    (void)line;
    struct problem problem = { 0 };
    struct text said;
    if (!context->reloader) {
        problem_set(&problem, PROBLEM_CONFLICT, "No server runs on this data folder.");
        return command_problem(context, &problem);
    }
    text_init(&said, RELOAD_TEXT_BYTES_MAX);
    bool done = reloader_run(context->reloader, &said, &problem);
    if (done)
        command_print_bytes(context, said.bytes, said.length);
    text_release(&said);
    return done ? COMMAND_DONE : command_problem(context, &problem);
}

const struct command command_reload = {
    .name = "reload",
    .arguments = "",
    .summary = "Let the running server read its settings and certificates again",
    .help = "Does what SIGHUP does, and says what has changed and what needs a restart. Exits 1 or "
            "64, and nothing "
            "has changed, when the file or a certificate cannot be used. Connections stay open.",
    .place = COMMAND_STORE,
    .run = run,
};
