/*
 * Who did what, for the questions that come later: a row an action, in the transaction that did it.
 * Inside db_write.  Never a secret, a token or a mail address in `detail`.
 */
#ifndef LECTERN_CATALOG_AUDIT_H
#define LECTERN_CATALOG_AUDIT_H

#include "store/db.h"

/* staff_id NULL: the operator, from a shell.  action: a short constant such as "lecture-published".
 * object_id may be NULL. */
bool audit_add(struct db_connection *connection, const char *staff_id, const char *action,
    const char *object_id, const char *detail, struct problem *problem);

#endif
