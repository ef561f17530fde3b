/*
 * The built pages: scripts, styles, pictures.  All of them are read into memory at the start, with
 * the gzip and brotli siblings that the build made (app.js.br, app.js.gz), and found by looking the
 * whole path up in a table: no request ever touches the disk, and no path can lead out of the
 * folder.
 *
 * Caching    a name with a fingerprint, as esbuild writes it (app-5QXLT2KD.js), is sent
 *            `immutable`; all else `no-cache`, which means "ask every time" and is answered 304 by
 *            the strong ETag.
 * Hints      a sibling with the suffix ".link" (lecture.html.link) is one line: the Link value of
 *            what the page needs first, for static_files_hint().  It is no file of its own.
 * Ownership  static_files_load() gives; files are lent and must outlive the server.
 * Threads    read-only once loaded.
 */
#ifndef LECTERN_HTTP_STATIC_FILES_H
#define LECTERN_HTTP_STATIC_FILES_H

#include "http/exchange.h"

struct static_files;

enum { STATIC_FILES_MAX = 10000, STATIC_DEPTH_MAX = 16 };
#define STATIC_BYTES_MAX (UINT64_C(256) * 1024 * 1024)

/* Symbolic links and names that begin with a dot are left out.  NULL means *problem is set. */
struct static_files *static_files_load(const char *folder, struct problem *problem);
void static_files_free(struct static_files *files);

/* Answers GET or HEAD with the file at this path ("/app-5QXLT2KD.js"); a path that ends with '/'
 * means its index.html. false, and nothing is answered, when there is none. */
bool static_files_answer(
    const struct static_files *files, struct exchange *exchange, const char *path);

/* Tells a browser that opens this page in a window (Fetch metadata, Sec-Fetch-Mode) what to ask for,
 * ahead of the answer; see exchange_send_hints(). */
void static_files_hint(
    const struct static_files *files, struct exchange *exchange, const char *path);

/* The same file as what another status than 200 says, such as the page of a 404: whole, and without
 * an ETag, as conditions and ranges are for a 200 alone (RFC 9110 section 13.2.1). */
bool static_files_answer_as(
    const struct static_files *files, struct exchange *exchange, int status, const char *path);

/* "app-5QXLT2KD.js": has eight or more characters of base32 or hex between the last '-' and the
 * next '.'?  Pure. */
bool static_name_has_fingerprint(const char *name);

#endif
