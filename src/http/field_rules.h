/*
 * The grammar of header fields, shared by HTTP/1.1 and HTTP/2 (RFC 9110 section 5).  Pure
 * functions.
 *
 * Bytes of 0x80 and above are let through in values: RFC 9110 calls them opaque, and old agents
 * send them.
 */
#ifndef LECTERN_HTTP_FIELD_RULES_H
#define LECTERN_HTTP_FIELD_RULES_H

#include <stdbool.h>
#include <stddef.h>

/* One or more tchar: a method, a field name. */
bool field_is_token(const char *bytes, size_t length);
/* No control character but a tab: so no NUL, CR, LF. */
bool field_is_value(const char *bytes, size_t length);
/* Moves *bytes and *length past spaces and tabs at both ends. */
void field_trim(const char **bytes, size_t *length);

/* The members of a comma-separated list, trimmed, empty ones left out; commas inside quotes do not
 * part. *cursor starts at the value and moves on; false at the end. */
bool field_list_next(const char **cursor, const char **ret_member, size_t *ret_length);
/* Is the token a member, in any case of letters?  A NULL value has no members. */
bool field_list_has(const char *value, const char *token);

/* Does an Accept-Encoding value take this coding (RFC 9110 section 12.5.3)?  NULL takes none but
 * identity. */
bool field_accepts_coding(const char *accept_encoding, const char *coding);

/* Does an Accept value (RFC 9110 section 12.5.1) weigh this media type above that other one?  A
 * browser that opens a page does so for "text/html"; a wildcard, or NULL, prefers nothing. */
bool field_prefers_type(const char *accept, const char *type, const char *other);

#endif
