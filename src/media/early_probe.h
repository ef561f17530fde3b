/*
 * The child's side of a look at the beginning of a file (early_look.h).
 */
#ifndef LECTERN_MEDIA_EARLY_PROBE_H
#define LECTERN_MEDIA_EARLY_PROBE_H

#include "base/problem.h"
#include "base/settings.h"

/* True where it is hopeful; PROBLEM_MEDIA_REFUSED where it is hopeless, else another problem. */
bool media_probe_early(int fd, const struct settings *settings, struct problem *problem);

#endif
