/*
 * Mails to the server of setting smtp-url (RFC 5321), by libcurl.
 *
 * TLS        smtps:// from the first byte; else STARTTLS (RFC 3207), which is demanded unless smtp-security is plain.
 * Outcomes   what refuses a sender, a recipient or the text with 5xx refuses the mail; 4xx puts it off; all that comes before or
 *            between (no connection, 421, a password that is not taken, 530) is the line's.  An
 *            answer that did not come counts as none: the mail may be there, and will come again with the same Message-ID.
 * Ownership  smtp_open() gives; end with smtp_close(), which accepts NULL.
 * Threads    one at a time.
 */
#ifndef LECTERN_MAIL_SMTP_H
#define LECTERN_MAIL_SMTP_H

#include "mail/courier.h"

struct smtp;
/* settings must outlive it; PROBLEM_SETTING where smtp-url, smtp-security or mail-from are none. */
struct smtp *smtp_open(const struct settings *settings, struct problem *problem);
void smtp_close(struct smtp *smtp);
/* For courier_options: data is a struct smtp.  The connection is kept for the next. */
void smtp_send(void *data, const struct courier *courier, struct courier_item *items, size_t count);

#endif
