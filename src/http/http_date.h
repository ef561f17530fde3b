/* HTTP dates in requests (RFC 9110 section 5.6.7): the preferred form "Sun, 06 Nov 1994 08:49:37
 * GMT" alone. The two obsolete forms are taken as no date, so their conditions are left aside.
 * Pure. */
#ifndef LECTERN_HTTP_HTTP_DATE_H
#define LECTERN_HTTP_HTTP_DATE_H

#include <stdbool.h>
#include <stdint.h>

bool http_date_read(const char *text, int64_t *ret_instant_ms);

#endif
