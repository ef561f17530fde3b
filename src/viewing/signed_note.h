/*
 * Checkpoints as signed notes: https://c2sp.org/signed-note and https://c2sp.org/tlog-checkpoint, so that tools
 * which nobody here wrote verify them.  Pure, over OpenSSL's Ed25519.
 *
 *   localhost:8443/evidence                          the origin: which log
 *   123                                              the tree's size
 *   0d9vBH...=                                       its root, in base64
 *
 *   — localhost:8443/evidence Az3grlgtzPICa5OS...=   a line a signature: of the three lines above
 *
 * Key        its name and id tell lines apart; the id is the first four bytes of SHA-256(name || 0x0A ||
 *            0x01 || public key).  Its text, "name+id+base64(0x01 || public key)", is what tools call
 *            a verifier key.
 * Strict     a note is taken only in the form above, no control characters, at most NOTE_SIZE_MAX;
 *            signatures of other keys are left alone, as the specification asks.
 * Ownership  note_signer_* give; end with note_signer_free(), which accepts NULL.
 * Threads    signers are read-only once made; the rest has no state.
 */
#ifndef LECTERN_VIEWING_SIGNED_NOTE_H
#define LECTERN_VIEWING_SIGNED_NOTE_H

#include "base/text.h"
#include "viewing/merkle.h"

enum {
    NOTE_NAME_SIZE = 128, /* of an origin and its keys, with a NUL */
    NOTE_KEY_BYTES = 32,
    NOTE_ID_BYTES = 4,
    NOTE_SIGNATURE_BYTES = 64,
    NOTE_KEY_TEXT_SIZE = NOTE_NAME_SIZE + 64,
    NOTE_SIZE_MAX = 8192,
    NOTE_LINES_MAX = 16 /* signatures that are looked at */
};

struct note_key {
    char name[NOTE_NAME_SIZE];
    uint8_t public_key[NOTE_KEY_BYTES];
};
/* UTF-8 without spaces, control characters and '+', not empty. */
bool note_name_is_good(const char *name);
void note_key_id(const struct note_key *key, uint8_t ret_id[NOTE_ID_BYTES]);
void note_key_write(const struct note_key *key, char ret_text[NOTE_KEY_TEXT_SIZE]);
bool note_key_read(const char *text, size_t length, struct note_key *ret_key);
bool note_key_equal(const struct note_key *left, const struct note_key *right);
/* Over any message. */
bool note_key_verifies(const struct note_key *key, const void *message, size_t count,
    const uint8_t signature[NOTE_SIGNATURE_BYTES]);

struct note_signer;
struct note_signer *note_signer_make(const char *name); /* a new key; NULL: OpenSSL cannot */
/* As an unencrypted PEM text (PKCS #8, RFC 8410), which is secret: wipe it.  NULL, false: it is none. */
struct note_signer *note_signer_read(const char *name, const char *pem, size_t length);
bool note_signer_write(const struct note_signer *signer, struct text *pem);
const struct note_key *note_signer_key(const struct note_signer *signer); /* lent */
bool note_signer_sign(const struct note_signer *signer, const void *message, size_t count,
    uint8_t ret_signature[NOTE_SIGNATURE_BYTES]);
void note_signer_free(struct note_signer *signer);

struct checkpoint {
    char origin[NOTE_NAME_SIZE];
    uint64_t size;
    struct merkle_hash root;
};
/* Appends the whole note, signed by each; the first one's name is the origin. */
bool checkpoint_write(uint64_t size, const struct merkle_hash *root,
    const struct note_signer *const *signers, size_t signer_count, struct text *text);
/* Whose signatures stand below a note. */
struct note_line {
    char name[NOTE_NAME_SIZE];
    uint8_t id[NOTE_ID_BYTES];
    uint8_t signature[NOTE_SIGNATURE_BYTES];
};
struct note {
    struct checkpoint checkpoint;
    size_t signed_length; /* of the text's beginning, which is signed */
    struct note_line lines[NOTE_LINES_MAX];
    size_t line_count; /* of the form of our signatures */
};
bool note_read(const char *bytes, size_t length, struct note *ret_note);
enum note_verdict {
    NOTE_UNSIGNED, /* no line is this key's */
    NOTE_FORGED,   /* one is, and its signature is wrong */
    NOTE_SIGNED
};
enum note_verdict note_verify(
    const struct note *note, const char *bytes, const struct note_key *key);

#endif
