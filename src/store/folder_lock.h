/*
 * One process a data folder: an exclusive flock() on folder/lock, which the kernel gives back
 * however the process ends.  The file holds the process id for the message to the next one.
 * Private to store/.
 */
#ifndef LECTERN_STORE_FOLDER_LOCK_H
#define LECTERN_STORE_FOLDER_LOCK_H

#include "base/problem.h"

/* A descriptor for folder_unlock(), or -1: PROBLEM_CONFLICT when another process has it. */
int folder_lock(const char *folder, struct problem *problem);
/* The same for a process that takes over from the one that has it: `held` is a descriptor of that
 * very lock (flock() belongs to what was opened, so it is held without a gap), lent.  PROBLEM_CONFLICT
 * when it is none of this folder. */
int folder_lock_share(const char *folder, int held, struct problem *problem);
void folder_unlock(int lock); /* accepts -1 */

#endif
