/*
 * Settings and certificates of a running server, read again: on SIGHUP, by the command `reload`, and by itself
 * where a file of a certificate has changed.
 *
 * What cannot be used changes nothing: the settings are read and the certificates loaded before any of them is
 * in force.  Everything is said in the log, too.
 *
 * Threads    one reload at a time; each function may be called on any thread but a loop's.
 */
#ifndef LECTERN_CLI_RELOAD_H
#define LECTERN_CLI_RELOAD_H

#include "api/application.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/command_line.h"

enum { RELOAD_TEXT_BYTES_MAX = 16 * 1024 };

struct reloader;

/* application->settings are those in force, `line` says where they came from; both are lent.  Before the server
 * is made, as certificates that change while it starts must be noticed. */
struct reloader *reloader_create(struct application *application, const struct command_line *line);
void reloader_free(struct reloader *reloader); /* accepts NULL */

/* ret_said gets what changed and what did not, in lines for a person. */
bool reloader_run(struct reloader *reloader, struct text *ret_said, struct problem *problem);

/* To be called each second; does at its own times: certificates in force whose files have changed are loaded
 * again (setting tls-watch-seconds), our own are renewed, the end of any is warned of, and the keys of tickets
 * are changed. */
void reloader_mind(struct reloader *reloader);

/* What the setting log-level says; PROBLEM_SETTING where it says nothing known. */
bool log_level_of(
    const struct settings *settings, enum log_level *ret_level, struct problem *problem);

#endif
