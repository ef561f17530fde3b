/*
 * A look at the beginning of a file that is still on its way: is it of any use to send the rest?
 *
 * Only what no later byte can change is held against a file: what it is by its first bytes; tracks
 * that nobody here can read, where the list of tracks is all there.  An index that comes last, a
 * stream that begins late, damage: all of these are left to the look at the whole.
 *
 * A child in the sandbox (job.h) does it (early_probe.h), and has upload_look_ms.
 */
#ifndef LECTERN_MEDIA_EARLY_LOOK_H
#define LECTERN_MEDIA_EARLY_LOOK_H

#include "base/problem.h"
#include "base/settings.h"

enum media_prospect {
    MEDIA_UNDECIDED, /* more must come first, or the look itself failed */
    MEDIA_HOPEFUL,   /* its tracks can be read */
    MEDIA_HOPELESS   /* *ret_why is PROBLEM_MEDIA_REFUSED, as the whole file would be */
};

/* fd: a regular file, lent, which may grow meanwhile.  program: as in job.h.  Blocks. */
enum media_prospect media_look_early(
    const struct settings *settings, const char *program, int fd, struct problem *ret_why);

#endif
