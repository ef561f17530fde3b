/* What a browser calls a file that it saves.  Pure; safe from any thread. */
#ifndef LECTERN_API_ATTACHMENT_H
#define LECTERN_API_ATTACHMENT_H

#include "base/arena.h"

/*
 * A Content-Disposition value (RFC 6266) for a file named PREFIX-NAME-SUFFIX, such as
 * "report-Vietnam-team-2026-11-22.csv": `filename` in ASCII letters and digits for whoever reads no
 * more, without NAME where nothing of it is left, and `filename*` (RFC 8187) with all of NAME but
 * what would be a path.  Whatever NAME holds, the value holds neither a quote of its own nor a
 * control character.  NAME is UTF-8; prefix and suffix are plain ASCII of the caller's.  From the
 * arena.
 */
char *attachment_value(
    struct arena *arena, const char *prefix, const char *name, const char *suffix);

/* The same for a file that keeps its own name, "Slides für alle.pdf": `filename` is "Slides-f-r-alle.pdf". */
char *attachment_file_value(struct arena *arena, const char *file_name);

#endif
