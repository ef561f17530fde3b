/*
 * Files that are whole or not there: written aside, synced, renamed.
 * Errors: false means *problem is set (PROBLEM_STORAGE_FULL when the disk is full).
 */
#ifndef LECTERN_BASE_FILES_H
#define LECTERN_BASE_FILES_H

#include "base/problem.h"

#include <stddef.h>
#include <sys/types.h>

/* Replaces path with these bytes in one step that survives a power cut. */
bool file_write_whole(
    const char *path, const void *bytes, size_t count, mode_t mode, struct problem *problem);
/* All of the bytes, whatever write() does by halves.  On failure errno says why. */
bool file_write_all(int fd, const void *bytes, size_t count);
/* All of the bytes at one place of an open file, whatever pwrite() does by halves.  On failure errno
 * tells why; *ret_written (may be NULL) says how many are there in any case. */
bool file_write_at(int fd, const void *bytes, size_t count, off_t at, size_t *ret_written);
/* The whole file, NUL added; *ret_bytes is the caller's, to be ended with free(). */
bool file_read_whole(const char *path, size_t bytes_max, char **ret_bytes, size_t *ret_count,
    struct problem *problem);
/* Makes the folder and its parents; one that is there is fine. */
bool folder_make(const char *path, mode_t mode, struct problem *problem);
/* fsync of a folder: makes a rename or an unlink in it durable. */
bool folder_sync(const char *path, struct problem *problem);
/* The folder and all below it; what is not there is fine.  Follows no symbolic link. */
bool folder_remove(const char *path, struct problem *problem);

#endif
