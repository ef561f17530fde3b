/*
 * The cryptography of the house, all of it OpenSSL's: random bytes, digests, MACs, password hashes,
 * comparison in constant time, and identifiers.  Safe from any thread.
 */
#ifndef LECTERN_BASE_SECURE_H
#define LECTERN_BASE_SECURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32, UUID_TEXT_SIZE = 37, SECRET_BYTES = 32, SECRET_TEXT_SIZE = 44 };

/* Ends the process when the kernel gives no randomness: nothing safe could follow. */
void secure_random(uint8_t *ret_bytes, size_t count);
void secure_sha256(const void *bytes, size_t count, uint8_t ret_digest[SHA256_BYTES]);
/* HMAC-SHA256 (RFC 2104) with a keyed context kept per thread and key: about 170 ns a short message. */
void secure_hmac(const uint8_t key[SECRET_BYTES], const void *bytes, size_t count,
    uint8_t ret_mac[SHA256_BYTES]);
bool secure_equal(const void *left, const void *right, size_t count);
void secure_wipe(void *memory, size_t count);

/* 32 random bytes as base64url: invitations, sessions. */
void secure_make_secret(char ret_text[SECRET_TEXT_SIZE]);
/* UUID version 7 (RFC 9562): grows with time, so that keys are appended.  Lower-case text. */
void secure_make_uuid(char ret_text[UUID_TEXT_SIZE]);
bool secure_is_uuid(const char *text);
/* text: at least UUID_TEXT_SIZE - 1 bytes. */
bool secure_begins_with_uuid(const char *text);

/* "scrypt$N$r$p$salt$hash" (RFC 7914), N=2^15 r=8 p=1: about 32 MiB and 0.1 s, so never on a loop.
 * false only when memory or the library fails. */
enum { PASSWORD_HASH_SIZE = 128 };
bool secure_hash_password(const char *password, char ret_hash[PASSWORD_HASH_SIZE]);
/* A NULL hash takes the same time and says false, so that nobody learns which addresses exist. */
bool secure_check_password(const char *password, const char *hash);

#endif
