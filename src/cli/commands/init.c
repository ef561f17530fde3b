/*
 * The first thing on a new machine: the data folder with its store and keys, a certificate from a small
 * local authority, and a settings file.  It makes what is missing and leaves what is there, so it can be
 * run again at any time; that is also how the certificate is renewed by hand.
 */
#include "access/media_token.h"
#include "base/files.h"
#include "cli/certificate.h"
#include "cli/house.h"
#include "cli/output.h"
#include "cli/transaction.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A folder as it is found from anywhere: the next command may be typed somewhere else. */
static void print_setting(const char *set, FILE *stream)
{
    int name = (int)strcspn(set, "=");
    const char *value = set + name + 1;
    bool folder = strncmp(set, "data=", 5) == 0 || strncmp(set, "web-root=", 9) == 0;
    char *whole = folder ? realpath(value, NULL) : NULL;
    (void)fprintf(stream, "%.*s = %s\n", name, set, whole ? whole : value);
    free(whole);
}

/* The values of --set first, so that later commands need --config only; then the example. */
static bool write_config(const struct command_line *line, struct problem *problem)
{
    char *bytes = NULL;
    size_t count = 0;
    FILE *stream = open_memstream(&bytes, &count);
    if (!stream)
        return problem_set_errno(problem, errno, "write the settings file");
    for (size_t i = 0; i < line->set_count; i++)
        print_setting(line->sets[i], stream);
    (void)fprintf(stream, "%s", line->set_count > 0 ? "\n" : "");
    settings_print_example(stream);
    bool done = fclose(stream) == 0 && file_write_whole(line->config, bytes, count, 0644, problem);
    free(bytes);
    return done;
}

/* A file that settings_load_file() would refuse later must not be written now. */
static bool make_config(
    struct command_context *context, const struct command_line *line, struct problem *problem)
{
    if (!line->config || access(line->config, F_OK) == 0)
        return true;
    struct settings read_back;
    settings_init(&read_back);
    bool done
        = write_config(line, problem) && settings_load_file(&read_back, line->config, problem);
    settings_release(&read_back);
    if (done)
        command_print(context, "Wrote the settings file %s.\n", line->config);
    else
        (void)unlink(line->config);
    return done;
}

/* The store makes itself, the folders beside it and the keys of media tokens when it is opened first. */
static bool make_store(const struct settings *settings, struct problem *problem)
{
    struct house house;
    if (!house_open(&house, settings, false, problem))
        /* A server that has the folder has long made all of this. */
        return problem->kind == PROBLEM_CONFLICT;
    struct media_tokens *tokens = media_tokens_open(house.db, settings, problem);
    media_tokens_free(tokens);
    house_close(&house);
    return tokens;
}

static bool make_certificate(struct command_context *context, struct problem *problem)
{
    enum certificate_change change;
    char authority[PATH_MAX];
    if (!certificate_ensure(context->settings, &change, problem)
        || !certificate_authority_path(context->settings, authority, problem))
        return false;
    if (change == CERTIFICATE_MADE)
        command_print(context, "Made a certificate for %s. Browsers trust it once they trust %s.\n",
            context->settings->public_url, authority);
    else if (change == CERTIFICATE_RENEWED)
        command_print(
            context, "Renewed the certificate. A running server takes it up within a minute.\n");
    return true;
}

static int run(struct command_context *context, const struct command_line *line)
{
    const struct settings *settings = context->settings;
    struct problem problem = { 0 };
    /* Root writes the settings file, which may lie in /etc; all below the data folder is its owner's. */
    if (!folder_make(settings->data, 0700, &problem) || !make_config(context, line, &problem)
        || !become_owner(settings->data, &problem) || !make_store(settings, &problem)
        || (!command_flag(line, "no-certificate") && !make_certificate(context, &problem)))
        return command_problem(context, &problem);
    command_print(context, "The data folder %s is ready.\n", settings->data);
    return COMMAND_DONE;
}

const struct command command_init = {
    .name = "init",
    .arguments = "",
    .summary = "Make the data folder, its keys and a certificate",
    .help = "Makes what is missing and leaves what is there, so it can be run again; a certificate of its own that "
            "ends within 30 days, or does not cover public-url, is renewed. A file named by --config that does not "
            "exist is written, with the values of --set in it.",
    .options = {
        { "no-certificate", NULL, "Make none: tls-certificate and tls-key name yours.", false },
    },
    .place = COMMAND_ALONE,
    .run = run,
};
