/* A folder that a command's answer goes into, by the rights of the person who typed it. */
#ifndef LECTERN_CLI_NEW_FOLDER_H
#define LECTERN_CLI_NEW_FOLDER_H

#include "base/settings.h"

/* Makes it (0700) where it is missing; one that is there must be empty.  Root makes it for the data
 * folder's owner, whose server writes there.  A descriptor for the caller to close; -1: *problem is
 * set. */
int new_folder_open(const char *path, const struct settings *settings, struct problem *problem);

#endif
