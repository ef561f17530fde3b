/*
 * Sessions whose media tokens no longer pass, until each token of theirs has expired by itself.
 * Private to access/.
 *
 * Cost     with an empty list, as it mostly is, one atomic load; else a look into a hash table
 *          under a read lock that prefers writers, so that a busy server cannot keep a revocation
 *          waiting.
 * Memory   at most DENY_LIST_MAX entries, in a table of 12 MiB.  Past that (thousands of
 *          revocations within minutes) deny_add() says false, and the caller must deny more than
 *          was asked, never less.
 * Threads  safe from any thread.
 */
#ifndef LECTERN_ACCESS_DENY_LIST_H
#define LECTERN_ACCESS_DENY_LIST_H

#include "base/secure.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DENY_LIST_MAX = 65536 };

struct deny_list;

struct deny_list *deny_list_create(void);
void deny_list_free(struct deny_list *list); /* accepts NULL */
/* An entry that is there already is prolonged.  Entries that are over at now_ms make room. */
bool deny_add(struct deny_list *list, const char *session_id, int64_t now_ms, int64_t until_ms);
bool deny_contains(struct deny_list *list, const char *session_id, int64_t now_ms);

#endif
