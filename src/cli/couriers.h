/*
 * The threads that empty the outbox, each with its sender: those that the settings name.
 *
 * Beside a server that is being taken over they may run twice; an item is claimed by one of them (mail/courier.h).
 */
#ifndef LECTERN_CLI_COURIERS_H
#define LECTERN_CLI_COURIERS_H

#include "api/application.h"

struct couriers;

/* Sets application->mail_courier and lrs_courier.  PROBLEM_SETTING where what is set cannot be used. */
struct couriers *couriers_start(struct application *application, struct problem *problem);
/* Nobody may read the application's couriers any more; accepts NULL. */
void couriers_stop(struct couriers *couriers);

#endif
