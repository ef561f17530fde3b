/*
 * A libcurl handle as the house uses it: bounded in time, verified, and interruptible.  Private to mail/.
 *
 * Time       a connection within half of outbox-timeout-seconds, a whole try within it, and whoever stops the courier
 *            ends a try at once.
 * TLS        1.2 at least; the other side's certificate must be good, by the system's authorities or by those of a file.
 * Redirects  are not followed, and no proxy of the environment is used: what is sent is personal, and goes where the setting says.
 */
#ifndef LECTERN_MAIL_LINE_H
#define LECTERN_MAIL_LINE_H

#include "mail/courier.h"

#include <curl/curl.h>

struct line {
    CURL *curl;
    char error[CURL_ERROR_SIZE];
    const struct courier *courier; /* of this try; NULL: cannot be stopped */
};

/* authorities: a file in PEM, relative to data; "": the system's.  protocols: as of CURLOPT_PROTOCOLS_STR. */
bool line_open(struct line *line, const struct settings *settings, const char *url,
    const char *protocols, const char *authorities, struct problem *problem);
void line_close(struct line *line); /* also of a zeroed one */
/* User and password of a file (first line; relative to data, readable by its owner alone).  Read anew each
 * time, so that a changed password needs no restart.  user "": nobody. */
bool line_sign_in(struct line *line, const struct settings *settings, const char *user,
    const char *password_file, struct problem *problem);
/* What went wrong, as far as libcurl knows. */
const char *line_error(const struct line *line, CURLcode code);
/* The printable part of these bytes. */
void line_answer(char answer[COURIER_ANSWER_SIZE], const char *bytes, size_t count);

#endif
