#include "viewing/bundle_lines.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_BYTES = 1 << 18 };

bool bundle_lines_open(struct bundle_lines *lines, int folder_fd, const char *name,
    size_t length_max, struct problem *problem)
{
    *lines = (struct bundle_lines){ .length_max = length_max };
    lines->fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (lines->fd < 0)
        return problem_set(problem, PROBLEM_CONFLICT,
            "The file '%s' of the bundle cannot be read: %s.", name, strerror(errno));
    lines->bytes = memory_alloc(length_max + READ_BYTES);
    return true;
}

bool bundle_lines_begin(
    struct bundle_lines *lines, int fd, size_t length_max, struct problem *problem)
{
    *lines = (struct bundle_lines){ .length_max = length_max };
    lines->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (lines->fd < 0)
        return problem_set_errno(problem, errno, "read a proof");
    lines->bytes = memory_alloc(length_max + READ_BYTES);
    return true;
}

/* Moves what is left to the front, and reads behind it.  False: nothing came. */
static bool read_more(struct bundle_lines *lines)
{
    if (lines->ended)
        return false;
    memmove(lines->bytes, lines->bytes + lines->start, lines->end - lines->start);
    lines->end -= lines->start;
    lines->start = 0;
    ssize_t count;
    do
        count = read(lines->fd, lines->bytes + lines->end, READ_BYTES);
    while (count < 0 && errno == EINTR);
    lines->ended = count <= 0;
    lines->damaged = lines->damaged || count < 0;
    lines->end += count > 0 ? (size_t)count : 0;
    return count > 0;
}

const char *bundle_lines_next(struct bundle_lines *lines, size_t *ret_length)
{
    size_t looked = 0; /* at bytes after start, without a line end */
    while (!lines->damaged) {
        const char *line = lines->bytes + lines->start;
        size_t left = lines->end - lines->start;
        const char *line_end = memchr(line + looked, '\n', left - looked);
        if (line_end) {
            *ret_length = (size_t)(line_end - line);
            lines->start += *ret_length + 1;
            lines->damaged = *ret_length > lines->length_max;
            return lines->damaged ? NULL : line;
        }
        looked = left;
        if (left > lines->length_max || (!read_more(lines) && left > 0))
            lines->damaged = true;
        else if (lines->ended)
            break;
    }
    return NULL;
}

const char *bundle_lines_block(struct bundle_lines *lines, size_t length)
{
    while (lines->end - lines->start < length)
        if (!read_more(lines))
            return NULL;
    const char *block = lines->bytes + lines->start;
    lines->start += length;
    return block;
}

void bundle_lines_close(struct bundle_lines *lines)
{
    if (!lines->bytes)
        return;
    free(lines->bytes);
    (void)close(lines->fd);
    lines->bytes = NULL;
}
