/*
 * A small local certificate authority and a server certificate under it, for a server without a public
 * name: the demo, an office, a first try.  People trust data/tls/authority.pem once, and no browser
 * warns them again; its name constraints (RFC 5280 section 4.2.1.10) let it vouch for this server only.
 *
 * Files      data/tls/authority.pem, authority.key, and the settings tls-certificate and tls-key where
 *            these lie below data.  Absolute paths, and a certificate of somebody else's in the usual
 *            place, are the operator's own and never touched.
 * Keys       ECDSA P-256, 0600.  A renewal keeps the server's key and replaces one file.
 */
#ifndef LECTERN_CLI_CERTIFICATE_H
#define LECTERN_CLI_CERTIFICATE_H

#include "base/problem.h"
#include "base/settings.h"

#include <stdint.h>

enum { CERTIFICATE_DAYS = 397, CERTIFICATE_RENEW_DAYS = 30, AUTHORITY_DAYS = 3650 };

enum certificate_change {
    CERTIFICATE_KEPT,
    CERTIFICATE_MADE,
    CERTIFICATE_RENEWED, /* it would have ended soon, or did not cover public-url */
};

/* For init: makes what is missing, renews what is ours and ends soon. */
bool certificate_ensure(
    const struct settings *settings, enum certificate_change *ret_change, struct problem *problem);
/* For serve: renews what is ours, makes nothing.  PROBLEM_SETTING when there is no certificate. */
bool certificate_renew(
    const struct settings *settings, enum certificate_change *ret_change, struct problem *problem);

struct certificate_facts {
    int64_t ends_at_ms;
    bool ours;        /* from the authority in data/tls */
    bool covers_host; /* of public-url */
};
/* PROBLEM_SETTING when there is none, or when it cannot be read. */
bool certificate_read(
    const struct settings *settings, struct certificate_facts *ret_facts, struct problem *problem);
/* data/tls/authority.pem, into ret_path[PATH_MAX]. */
bool certificate_authority_path(
    const struct settings *settings, char *ret_path, struct problem *problem);

#endif
