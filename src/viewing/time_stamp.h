/*
 * Time stamps of somebody else (RFC 3161), over OpenSSL and libcurl: that a checkpoint was there at a
 * time, said by an authority that has nothing to gain from it.
 *
 * Trust      is for the reader to have in the authority: its signature is checked by whoever reads a
 *            bundle (`openssl ts -verify`).  Here an answer is taken when it grants a stamp of these
 *            very bytes and of this very request.
 * Threads    no state; time_stamp_fetch() blocks for TIME_STAMP_SECONDS_MAX at most.
 */
#ifndef LECTERN_VIEWING_TIME_STAMP_H
#define LECTERN_VIEWING_TIME_STAMP_H

#include "base/problem.h"
#include "base/text.h"

#include <stdint.h>

enum { TIME_STAMP_BYTES_MAX = 65536, TIME_STAMP_SECONDS_MAX = 15 };

/* A TimeStampReq in DER: SHA-256 of the bytes, this nonce, and the authority's certificate asked for.
 * Pure. */
bool time_stamp_request(const void *bytes, size_t count, uint64_t nonce, struct text *request);
/* Whether a TimeStampResp in DER answers that request.  Pure. */
bool time_stamp_answers(const void *response, size_t response_count, const void *bytes,
    size_t count, uint64_t nonce, struct problem *problem);
/* Asks the authority at this http or https address; appends its whole answer. */
bool time_stamp_fetch(const char *url, const void *bytes, size_t count, struct text *response,
    struct problem *problem);

#endif
