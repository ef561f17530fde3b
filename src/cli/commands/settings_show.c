/* The example settings file, which is the manual of the settings; or the settings as they are now; or the ladder. */
#include "cli/output.h"
#include "cli/transaction.h"
#include "media/ladder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int run(struct command_context *context, const struct command_line *line)
{
    char *bytes = NULL;
    size_t count = 0;
    struct problem problem = { 0 };
    FILE *stream = open_memstream(&bytes, &count);
    if (stream && command_flag(line, "ladder"))
        ladder_print_example(stream);
    else if (stream && command_flag(line, "effective"))
        settings_print_effective(context->settings, stream);
    else if (stream)
        settings_print_example(stream);
    if (!stream || fclose(stream) != 0) {
        problem_set_errno(&problem, errno, "print the settings");
        free(bytes);
        return command_problem(context, &problem);
    }
    command_print_bytes(context, bytes, count);
    free(bytes);
    return COMMAND_DONE;
}

const struct command command_settings = {
    .name = "settings",
    .arguments = "",
    .summary = "Print the example settings file",
    .help = "config/lectern.conf.example is what it prints, and config/ladder.conf with --ladder.",
    .options = {
        { "effective", NULL, "Print the settings that file, environment and --set give.", false },
        { "ladder", NULL, "Print the rungs that are built in, as ladder-file may name others.", false },
    },
    .place = COMMAND_ALONE,
    .run = run,
};
