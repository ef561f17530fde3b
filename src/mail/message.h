/*
 * A mail as it goes over the line: RFC 5322 with MIME (RFC 2045, 2046, 2047, 2231), pure ASCII with CRLF,
 * no line longer than 76 characters but for a single long word of a header.  Pure, but for the boundary of its parts, which is random.
 *
 * Refused    CR, LF and other control characters in any field, so that no value can add a header or a
 *            recipient; addresses that are not plain ASCII mailboxes; text that is not UTF-8;
 *            attachments beyond MAIL_ATTACHMENTS_MAX or MAIL_BYTES_MAX in all.  PROBLEM_INVALID_FIELD names the field.
 * Text       plain, in UTF-8; lines may end with LF or CRLF.  7bit where it is short ASCII lines, quoted-printable where
 *            most of it is ASCII, base64 else.
 * Header     words that are not ASCII become encoded words of whole characters (base64), as do words too long to fold;
 *            attachments' names follow RFC 2231 in pieces.  Auto-Submitted (RFC 3834) keeps
 *            robots from answering.
 */
#ifndef LECTERN_MAIL_MESSAGE_H
#define LECTERN_MAIL_MESSAGE_H

#include "base/problem.h"
#include "base/text.h"

enum {
    MAIL_ADDRESS_MAX = 254, /* RFC 5321 section 4.5.3.1.3 */
    MAIL_LINE_MAX = 500,    /* bytes of a subject, a person's name, a file's name */
    MAIL_ATTACHMENTS_MAX = 8,
    MAIL_BYTES_MAX = 1 << 20, /* of text and attachments */
    MAIL_MESSAGE_BYTES_MAX = 4 * MAIL_BYTES_MAX,
};

struct mail_attachment {
    const char *name; /* of the file, UTF-8 */
    const char *type; /* "text/plain"; sent as it is */
    const char *bytes;
    size_t count;
};

struct mail {
    const char *key; /* who queues the same key again sends one mail; 1 to MAIL_LINE_MAX bytes */
    const char *to;  /* "person@example.org" */
    const char *to_name; /* may be NULL */
    const char *subject;
    const char *text;
    const struct mail_attachment *attachments;
    size_t attachment_count;
};

/* What the house adds. */
struct mail_sender {
    const char *address;
    const char *name;       /* may be NULL or "" */
    const char *message_id; /* without < and > */
    int64_t date_ms;
};

/* A mailbox that SMTP carries without extensions: printable ASCII without spaces, quotes, brackets, or separators. */
bool mail_address_is_sound(const char *address);
/* Appends the whole message; `text` should allow MAIL_MESSAGE_BYTES_MAX. */
bool mail_write_message(const struct mail *mail, const struct mail_sender *sender,
    struct text *text, struct problem *problem);

#endif
