/*
 * A file of a bundle, read once from its beginning, in bounded memory; private to viewing/.
 *
 * Ownership  bundle_lines_close() ends what bundle_lines_open() made, and {0}.
 */
#ifndef LECTERN_VIEWING_BUNDLE_LINES_H
#define LECTERN_VIEWING_BUNDLE_LINES_H

#include "base/problem.h"

#include <stddef.h>

struct bundle_lines {
    int fd;
    char *bytes; /* NULL: not open */
    size_t start, end, length_max;
    bool ended;   /* nothing more comes from the file */
    bool damaged; /* a line over length_max, or one without its end */
};
/* length_max: of a line, or of a block.  PROBLEM_NOT_FOUND where there is no such file. */
bool bundle_lines_open(struct bundle_lines *lines, int folder_fd, const char *name,
    size_t length_max, struct problem *problem);
/* The same for a file that is open; fd is lent. */
bool bundle_lines_begin(
    struct bundle_lines *lines, int fd, size_t length_max, struct problem *problem);
/* Lent until the next call, without the line end; NULL at the end of the file, or `damaged`. */
const char *bundle_lines_next(struct bundle_lines *lines, size_t *ret_length);
/* The same for `length` bytes without line ends; NULL where fewer are left. */
const char *bundle_lines_block(struct bundle_lines *lines, size_t length);
void bundle_lines_close(struct bundle_lines *lines);

#endif
