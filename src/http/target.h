/*
 * What a request asks for: the target (RFC 9112 section 3.2), its path and query, and the
 * authority. Pure functions.
 *
 * One path has one spelling here, because an edge, a cache and this server must agree on what is
 * asked for:
 *   - percent-decoded exactly once; the result is UTF-8 without control characters;
 *   - "." and ".." segments are refused, plain or encoded: clients resolve them before they send;
 *   - "\" and "%2F" are refused: each would be another spelling of "/";
 *   - empty segments ("//") are kept as they are, never merged; no route has any;
 *   - a slash at the end is kept: "/a" and "/a/" are two paths;
 *   - bytes of 0x80 and above, '"', '<', '>', '#', spaces and controls must come encoded.
 */
#ifndef LECTERN_HTTP_TARGET_H
#define LECTERN_HTTP_TARGET_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

/* Parts of a target, lent from it. */
struct target {
    const char *authority; /* absolute-form only, else NULL */
    size_t authority_length;
    const char *path;
    size_t path_length;
    const char *query; /* without '?'; NULL when there is none */
    size_t query_length;
};

/* origin-form, absolute-form (http, https), or "*", which comes out as the path "*". */
bool target_split(const char *bytes, size_t length, struct target *ret_target);

/* The path in its one spelling, from the arena; NULL when a rule above is broken. */
const char *target_decode_path(struct arena *arena, const char *path, size_t length);

/* host[:port]: a name of letters, digits and "-._~", an IPv4 address, or an IPv6 address in
 * brackets. */
bool target_is_authority(const char *bytes, size_t length);

/* Is the host of an authority, without its port, one of these words, parted by spaces?  In any case of
 * letters. */
bool target_host_is_listed(const char *authority, const char *names);

/* The first parameter of that name, decoded by the rules of forms ('+' is a space), from the arena;
 * NULL when there is none, or when it does not decode to UTF-8 without NUL. */
const char *target_query_value(struct arena *arena, const char *query, const char *name);

#endif
