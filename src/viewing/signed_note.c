#include "viewing/signed_note.h"

#include "base/digest.h"
#include "base/memory.h"
#include "base/secure.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The algorithm's number in key ids and key texts: Ed25519. */
static const uint8_t ed25519_mark = 1;
/* An em dash and a space, which begin a line of a signature. */
static const char line_mark[] = "\xe2\x80\x94 ";

enum {
    MARKED_KEY_BYTES = 1 + NOTE_KEY_BYTES,
    LINE_BYTES = NOTE_ID_BYTES + NOTE_SIGNATURE_BYTES,
    BASE64_MAX = (LINE_BYTES + 2) / 3 * 4 + 1,
    KEY_BASE64_SIZE = (MARKED_KEY_BYTES + 2) / 3 * 4 + 1
};

struct note_signer {
    struct note_key key;
    EVP_PKEY *pair;
};

bool note_name_is_good(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length >= NOTE_NAME_SIZE || !text_is_utf8(name, length))
        return false;
    for (const unsigned char *at = (const unsigned char *)name; *at; at++)
        if (*at <= ' ' || *at == '+' || *at == 0x7f)
            return false;
    return true;
}

void note_key_id(const struct note_key *key, uint8_t ret_id[NOTE_ID_BYTES])
{
    uint8_t digest[DIGEST_BYTES_MAX];
    const struct digest_piece pieces[] = { { key->name, strlen(key->name) }, { "\n", 1 },
        { &ed25519_mark, 1 }, { key->public_key, NOTE_KEY_BYTES } };
    digest_sha256_pieces(pieces, 4, digest);
    memcpy(ret_id, digest, NOTE_ID_BYTES);
}

void note_key_write(const struct note_key *key, char ret_text[NOTE_KEY_TEXT_SIZE])
{
    uint8_t id[NOTE_ID_BYTES], marked[MARKED_KEY_BYTES];
    char id_text[2 * NOTE_ID_BYTES + 1], key_text[KEY_BASE64_SIZE];
    note_key_id(key, id);
    text_hex_encode(id, sizeof id, id_text);
    marked[0] = ed25519_mark;
    memcpy(marked + 1, key->public_key, NOTE_KEY_BYTES);
    (void)EVP_EncodeBlock((unsigned char *)key_text, marked, sizeof marked);
    (void)snprintf(ret_text, NOTE_KEY_TEXT_SIZE, "%s+%s+%s", key->name, id_text, key_text);
}

bool note_key_read(const char *text, size_t length, struct note_key *ret_key)
{
    struct note_key key;
    uint8_t marked[MARKED_KEY_BYTES + 3];
    size_t count;
    const char *plus = memchr(text, '+', length);
    size_t name_length = plus ? (size_t)(plus - text) : 0;
    if (!plus || name_length >= sizeof key.name || length < name_length + 2 * NOTE_ID_BYTES + 2)
        return false;
    memcpy(key.name, text, name_length);
    key.name[name_length] = '\0';
    size_t before = name_length + 2 * NOTE_ID_BYTES + 2;
    if (strlen(key.name) != name_length || !note_name_is_good(key.name)
        || !text_base64_decode(text + before, length - before, marked, sizeof marked, &count)
        || count != MARKED_KEY_BYTES || marked[0] != ed25519_mark)
        return false;
    memcpy(key.public_key, marked + 1, NOTE_KEY_BYTES);
    /* The id is known now, and so is all of the text. */
    char again[NOTE_KEY_TEXT_SIZE];
    note_key_write(&key, again);
    if (strlen(again) != length || memcmp(again, text, length) != 0)
        return false;
    *ret_key = key;
    return true;
}

bool note_key_equal(const struct note_key *left, const struct note_key *right)
{
    return text_equal(left->name, right->name)
           && memcmp(left->public_key, right->public_key, NOTE_KEY_BYTES) == 0;
}

bool note_key_verifies(const struct note_key *key, const void *message, size_t count,
    const uint8_t signature[NOTE_SIGNATURE_BYTES])
{
    EVP_PKEY *public_key
        = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->public_key, NOTE_KEY_BYTES);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = public_key && context
                && EVP_DigestVerifyInit(context, NULL, NULL, NULL, public_key) == 1
                && EVP_DigestVerify(context, signature, NOTE_SIGNATURE_BYTES, message, count) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(public_key);
    return good;
}

/* Takes the pair. */
static struct note_signer *make_signer(const char *name, EVP_PKEY *pair)
{
    struct note_signer *signer = memory_zeroed(1, sizeof *signer);
    size_t count = NOTE_KEY_BYTES;
    signer->pair = pair;
    (void)snprintf(signer->key.name, sizeof signer->key.name, "%s", name);
    if (pair && note_name_is_good(name)
        && EVP_PKEY_get_raw_public_key(pair, signer->key.public_key, &count) == 1)
        return signer;
    note_signer_free(signer);
    return NULL;
}

struct note_signer *note_signer_make(const char *name)
{
    return make_signer(name, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
}

struct note_signer *note_signer_read(const char *name, const char *pem, size_t length)
{
    BIO *bytes = BIO_new_mem_buf(pem, (int)length);
    EVP_PKEY *pair = bytes ? PEM_read_bio_PrivateKey(bytes, NULL, NULL, NULL) : NULL;
    BIO_free(bytes);
    if (pair && EVP_PKEY_is_a(pair, "ED25519"))
        return make_signer(name, pair);
    EVP_PKEY_free(pair);
    return NULL;
}

bool note_signer_write(const struct note_signer *signer, struct text *pem)
{
    BIO *bytes = BIO_new(BIO_s_secmem());
    char *written = NULL;
    bool good
        = bytes && PEM_write_bio_PrivateKey(bytes, signer->pair, NULL, NULL, 0, NULL, NULL) == 1;
    long count = good ? BIO_get_mem_data(bytes, &written) : 0;
    if (good)
        text_append(pem, written, (size_t)count);
    BIO_free(bytes);
    return good;
}

const struct note_key *note_signer_key(const struct note_signer *signer)
{
    return &signer->key;
}

bool note_signer_sign(const struct note_signer *signer, const void *message, size_t count,
    uint8_t ret_signature[NOTE_SIGNATURE_BYTES])
{
    size_t length = NOTE_SIGNATURE_BYTES;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_DigestSignInit(context, NULL, NULL, NULL, signer->pair) == 1
                && EVP_DigestSign(context, ret_signature, &length, message, count) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

void note_signer_free(struct note_signer *signer)
{
    if (!signer)
        return;
    EVP_PKEY_free(signer->pair);
    free(signer);
}

static bool write_line(
    const struct note_signer *signer, const char *message, size_t count, struct text *text)
{
    uint8_t line[LINE_BYTES];
    char line_text[BASE64_MAX];
    note_key_id(&signer->key, line);
    if (!note_signer_sign(signer, message, count, line + NOTE_ID_BYTES))
        return false;
    (void)EVP_EncodeBlock((unsigned char *)line_text, line, sizeof line);
    text_printf(text, "%s%s %s\n", line_mark, signer->key.name, line_text);
    return true;
}

bool checkpoint_write(uint64_t size, const struct merkle_hash *root,
    const struct note_signer *const *signers, size_t signer_count, struct text *text)
{
    char root_text[BASE64_MAX];
    struct text message;
    (void)EVP_EncodeBlock((unsigned char *)root_text, root->bytes, MERKLE_HASH_BYTES);
    text_init(&message, NOTE_SIZE_MAX);
    text_printf(
        &message, "%s\n%llu\n%s\n", signers[0]->key.name, (unsigned long long)size, root_text);
    text_append(text, message.bytes, message.length);
    text_append(text, "\n", 1);
    bool good = true;
    for (size_t i = 0; good && i < signer_count; i++)
        good = write_line(signers[i], message.bytes, message.length, text);
    text_release(&message);
    return good;
}

/* The next line without its end; NULL: there is none that ends. */
static const char *next_line(const char **at, const char *end, size_t *ret_length)
{
    const char *line = *at, *line_end = memchr(line, '\n', (size_t)(end - line));
    if (!line_end)
        return NULL;
    *ret_length = (size_t)(line_end - line);
    *at = line_end + 1;
    return line;
}

static bool copy_name(const char *name, size_t length, char ret_name[NOTE_NAME_SIZE])
{
    if (length >= NOTE_NAME_SIZE)
        return false;
    memcpy(ret_name, name, length);
    ret_name[length] = '\0';
    return strlen(ret_name) == length && note_name_is_good(ret_name);
}

/* The three lines, and the empty one after them. */
static bool read_message(const char **at, const char *end, struct checkpoint *ret_checkpoint)
{
    size_t length, count;
    int64_t size;
    uint8_t root[MERKLE_HASH_BYTES + 3];
    const char *line = next_line(at, end, &length);
    if (!line || !copy_name(line, length, ret_checkpoint->origin))
        return false;
    line = next_line(at, end, &length);
    if (!line || !text_to_int64(line, length, 0, INT64_MAX, &size)
        || (line[0] == '0' && length > 1))
        return false;
    ret_checkpoint->size = (uint64_t)size;
    line = next_line(at, end, &length);
    if (!line || !text_base64_decode(line, length, root, sizeof root, &count)
        || count != MERKLE_HASH_BYTES)
        return false;
    memcpy(ret_checkpoint->root.bytes, root, MERKLE_HASH_BYTES);
    return true;
}

/* False: it is no line of a signature at all.  Those of other algorithms are left out. */
static bool read_line(const char *line, size_t length, struct note *note)
{
    size_t mark_length = sizeof line_mark - 1, count;
    if (length <= mark_length || memcmp(line, line_mark, mark_length) != 0)
        return false;
    line += mark_length;
    length -= mark_length;
    struct note_line found;
    uint8_t bytes[NOTE_SIZE_MAX];
    const char *space = memchr(line, ' ', length);
    if (!space || !copy_name(line, (size_t)(space - line), found.name))
        return false;
    length -= (size_t)(space + 1 - line);
    if (!text_base64_decode(space + 1, length, bytes, sizeof bytes, &count)
        || count <= NOTE_ID_BYTES)
        return false;
    if (count != LINE_BYTES)
        return true;
    memcpy(found.id, bytes, NOTE_ID_BYTES);
    memcpy(found.signature, bytes + NOTE_ID_BYTES, NOTE_SIGNATURE_BYTES);
    if (note->line_count < NOTE_LINES_MAX)
        note->lines[note->line_count++] = found;
    return true;
}

bool note_read(const char *bytes, size_t length, struct note *ret_note)
{
    struct note note = { 0 };
    const char *at = bytes, *end = bytes + length, *line;
    size_t line_length;
    if (length > NOTE_SIZE_MAX || !text_is_utf8(bytes, length)
        || !read_message(&at, end, &note.checkpoint))
        return false;
    note.signed_length = (size_t)(at - bytes);
    line = next_line(&at, end, &line_length);
    if (!line || line_length != 0 || at == end)
        return false;
    while (at < end) {
        line = next_line(&at, end, &line_length);
        if (!line || !read_line(line, line_length, &note))
            return false;
    }
    *ret_note = note;
    return true;
}

enum note_verdict note_verify(
    const struct note *note, const char *bytes, const struct note_key *key)
{
    uint8_t id[NOTE_ID_BYTES];
    enum note_verdict verdict = NOTE_UNSIGNED;
    note_key_id(key, id);
    for (size_t i = 0; i < note->line_count; i++) {
        const struct note_line *line = &note->lines[i];
        if (!text_equal(line->name, key->name) || memcmp(line->id, id, sizeof id) != 0)
            continue;
        if (!note_key_verifies(key, bytes, note->signed_length, line->signature))
            return NOTE_FORGED;
        verdict = NOTE_SIGNED;
    }
    return verdict;
}
