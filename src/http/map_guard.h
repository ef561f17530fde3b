/*
 * Survives the SIGBUS of a mapped file that shrinks (see file_body.h).
 *
 * The handler may be entered between any two instructions, so it takes no lock: it looks through a
 * fixed table of address ranges that are published with atomic stores.  The table is as long as the
 * kernel's own limit of mappings.
 * Threads    add and remove from any thread; a range must stay mapped between them.
 */
#ifndef LECTERN_HTTP_MAP_GUARD_H
#define LECTERN_HTTP_MAP_GUARD_H

#include <stdbool.h>
#include <stddef.h>

enum { MAP_GUARD_NONE = -1 };

/* The range's place in the table, or MAP_GUARD_NONE when that is full. */
int map_guard_add(const void *start, size_t length);
void map_guard_remove(int place);
/* Did a read in the range meet the end of its file, or somebody see that it would? */
bool map_guard_is_broken(int place);
void map_guard_mark_broken(int place);

#endif
