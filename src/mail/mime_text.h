/*
 * The encodings of mails: encoded words and parameters for headers, quoted-printable and base64 for bodies.  Private to mail/.
 *
 * All append to a text, end their lines with CRLF, and take bytes that were found good before (message.h).
 */
#ifndef LECTERN_MAIL_MIME_TEXT_H
#define LECTERN_MAIL_MIME_TEXT_H

#include "base/text.h"

enum { MIME_LINE_MAX = 76 };

/* "Name: value" CRLF, folded; words that need it as encoded words (RFC 2047). */
void mime_add_header(struct text *text, const char *name, const char *value);
/* The same for a mailbox: "Name: Someone <address>"; the person's name may be NULL or "". */
void mime_add_mailbox(struct text *text, const char *name, const char *person, const char *address);
/* "; filename=..." in as many pieces as its length needs (RFC 2231), each on a line of its own. */
void mime_add_parameter(struct text *text, const char *name, const char *value);

void mime_add_quoted_printable(struct text *text, const char *bytes, size_t count);
void mime_add_base64(struct text *text, const char *bytes, size_t count);

#endif
