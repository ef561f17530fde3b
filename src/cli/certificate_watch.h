/* Looks after the certificates that the running server hands out, and says what an operator must know of
 * them. */
#ifndef LECTERN_CLI_CERTIFICATE_WATCH_H
#define LECTERN_CLI_CERTIFICATE_WATCH_H

#include "http/tls_context.h"

/* A log line for each certificate just taken up; a warning where its OCSP response is of no use. */
void certificates_tell(const struct tls_facts *facts);

#endif
