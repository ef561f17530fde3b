/*
 * The Cookie field (RFC 6265 section 5.4), as a browser sends it: "name=value; name=value".
 * Pure; from the arena.  With two of one name the first counts: it has the longer path.  Quotes
 * around a value are part of it.  NULL when there is none.
 */
#ifndef LECTERN_HTTP_COOKIE_H
#define LECTERN_HTTP_COOKIE_H

#include "base/arena.h"

const char *cookie_value(struct arena *arena, const char *field_value, const char *name);

#endif
