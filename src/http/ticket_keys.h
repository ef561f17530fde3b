/*
 * The keys that session tickets are sealed with (RFC 5077; RFC 8446 section 4.6.1), so that a client
 * which comes back resumes its session on any loop, and after a reload.
 *
 * Life       a key seals tickets for TICKET_KEY_LIFE_MS and opens them for as long again: whoever
 *            comes back within that time is recognized.  ticket_keys_renew() is what ends a key, so
 *            it has to be called now and then.
 * Secrecy    keys are in memory only, in no file and no backup: who steals one can read the TLS 1.2
 *            sessions of its hours.  One other process may have them: that which takes over
 *            (ticket_keys_share).  Any other begins with new keys, and each client's next handshake
 *            is a full one.
 * Threads    safe from any; a lock is held while a key is copied.
 */
#ifndef LECTERN_HTTP_TICKET_KEYS_H
#define LECTERN_HTTP_TICKET_KEYS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

enum { TICKET_KEY_LIFE_MS = 12 * 3600 * 1000 };

struct ticket_keys;

/* NULL: OpenSSL lacks a cipher. */
struct ticket_keys *ticket_keys_create(int64_t now_ms);
void ticket_keys_free(struct ticket_keys *keys); /* accepts NULL */
/* The context's tickets are sealed and opened by these from now on; they must outlive it, and every
 * SSL of it. */
bool ticket_keys_attach(struct ticket_keys *keys, SSL_CTX *tls);
/* A new key if the newest is older than TICKET_KEY_LIFE_MS; what is older than two lives is wiped.
 * Steady milliseconds. */
void ticket_keys_renew(struct ticket_keys *keys, int64_t now_ms);

/* A pipe that holds a copy, for another process of ours to take: what is read is there no more, and
 * what nobody reads is gone with the pipe.  -1: the system gives none. */
int ticket_keys_share(struct ticket_keys *keys, int64_t now_ms);
/* Goes on with what such a pipe holds, for the rest of its life, instead of its own; false: that is not
 * of our layout (another version's, or cut off), and nothing has changed.  The descriptor is lent. */
bool ticket_keys_take(struct ticket_keys *keys, int fd, int64_t now_ms);

#endif
