/*
 * A cohort's statements as a file: a JSON array, a statement a line, which a learning record store takes as it is.
 *
 * The file has no name, and is gone when it is closed; so memory does not depend on how many there are, and nobody's slow
 * line holds the store's snapshot.
 */
#ifndef LECTERN_VIEWING_XAPI_FILE_H
#define LECTERN_VIEWING_XAPI_FILE_H

#include "viewing/xapi.h"

#define XAPI_FILE_BYTES_MAX ((size_t)512 << 20)

struct xapi_file {
    int fd; /* open for reading, at its beginning */
    size_t bytes, statements;
};
/* Below `folder`.  Blocks; not inside of a transaction.  PROBLEM_CONFLICT where it would be longer than XAPI_FILE_BYTES_MAX.  End with xapi_file_close(). */
bool xapi_file_make(struct db *db, const struct xapi_export *export, const char *folder,
    struct xapi_file *ret_file, struct problem *problem);
void xapi_file_close(struct xapi_file *file);

#endif
