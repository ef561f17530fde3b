/*
 * The server's own clockwork: one thread that takes signals (SIGTERM and SIGINT stop the server, SIGHUP
 * reloads its settings) and does each second what must happen without anybody's asking: the sign of life that bounds a crash's
 * gap, the deny list of what was revoked, each minute the end of groups before a dark screen, and each
 * hour that of forgotten uploads.
 *
 * Signals   keeper_block_signals() before any other thread is started, so that all inherit the mask;
 *           the keeper reads them from a signalfd, and nothing ever runs in a handler.
 */
#ifndef LECTERN_CLI_KEEPER_H
#define LECTERN_CLI_KEEPER_H

#include "api/application.h"
#include "cli/reload.h"

struct keeper;

void keeper_block_signals(void);
/* application->server and all that it reaches, and the reloader, must outlive the keeper. */
struct keeper *keeper_start(
    struct application *application, struct reloader *reloader, struct problem *problem);
void keeper_stop(struct keeper *keeper); /* accepts NULL */

#endif
