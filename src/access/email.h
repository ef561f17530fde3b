/*
 * Mail addresses of people: one spelling a mailbox, so that an account is found however it is
 * typed.
 *
 * Taken    what mail systems deliver (RFC 5321 section 4.1.2, Dot-string): a local part of 1 to 64
 *          ASCII letters, digits and !#$%&'*+-/=?^_`{|}~ with single dots inside, and a domain of
 *          two labels or more.
 * Refused  quoted local parts, address literals, comments, and what is not ASCII (an international
 *          domain is typed as xn--...).  With those go CR and LF, so an address cannot carry a
 *          header line into a mail.
 * Changed  spaces around are dropped, and all letters made small: the standard lets a host tell
 *          "A" from "a", and none does.
 */
#ifndef LECTERN_ACCESS_EMAIL_H
#define LECTERN_ACCESS_EMAIL_H

#include <stdbool.h>

enum { EMAIL_SIZE = 255 }; /* 254 characters: what fits a path (RFC 5321 section 4.5.3.1.3) */

/* False when it is no address; pure. */
bool email_normalise(const char *typed, char ret_email[EMAIL_SIZE]);

#endif
