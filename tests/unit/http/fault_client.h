/*
 * A client that takes whatever a server does that runs out of memory: answers come whole, in part,
 * or not at all.  What it does not take is silence: a server that neither answers nor closes ends
 * the test.
 */
#ifndef LECTERN_TESTS_HTTP_FAULT_CLIENT_H
#define LECTERN_TESTS_HTTP_FAULT_CLIENT_H

#include "base/text.h"

enum { CLIENT_REQUESTS_MAX = 16 };

struct client_request {
    const char *method, *path;
    const char *fields[3][2]; /* lower case; all but those of framing */
    const char *body;         /* NULL for none */
    bool chunked;             /* over HTTP/1.1 */
    bool reset;               /* over HTTP/2: RST_STREAM right behind it */
};

struct client_answer {
    int status; /* 0: none came */
    bool whole;
    struct text body;
};

/* On one connection, one after the other, or all at once over HTTP/2.  false: no connection, or no
 * handshake. */
bool client_run_http1(
    int port, const struct client_request *requests, size_t count, struct client_answer *answers);
bool client_run_http2(
    int port, const struct client_request *requests, size_t count, struct client_answer *answers);
void client_release(struct client_answer *answers, size_t count);

#endif
