/* The public form of a record, and the commitment in it: pure. */
#include "viewing/evidence.h"

#include "base/digest.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const char prefix[] = "rec-v1"; /* with its NUL */

void evidence_commit(const uint8_t salt[EVIDENCE_SALT_BYTES], const char *document, size_t length,
    uint8_t ret_commitment[SHA256_BYTES])
{
    const struct digest_piece pieces[]
        = { { prefix, sizeof prefix }, { salt, EVIDENCE_SALT_BYTES }, { document, length } };
    digest_sha256_pieces(pieces, 3, ret_commitment);
}

size_t evidence_line_write(const struct evidence_line *line, char ret_text[EVIDENCE_LINE_SIZE])
{
    char commitment[2 * SHA256_BYTES + 1];
    text_hex_encode(line->commitment, SHA256_BYTES, commitment);
    int length = snprintf(ret_text, EVIDENCE_LINE_SIZE,
        "{\"seq\":%lld,\"day\":\"%s\",\"kind\":\"%s\",\"commit\":\"%s\"}", (long long)line->seq,
        line->day, line->kind, commitment);
    return (size_t)length;
}

/* What is left of a line that is read. */
struct rest {
    const char *at, *end;
};

static bool take(struct rest *rest, const char *expected)
{
    size_t length = strlen(expected);
    if ((size_t)(rest->end - rest->at) < length || memcmp(rest->at, expected, length) != 0)
        return false;
    rest->at += length;
    return true;
}

/* The characters of `of`, at least one, fewer than `size`; a NUL is added. */
static bool take_word(struct rest *rest, const char *of, char *ret_word, size_t size)
{
    size_t length = 0;
    while (
        rest->at + length < rest->end && rest->at[length] != '\0' && strchr(of, rest->at[length]))
        length++;
    if (length == 0 || length >= size)
        return false;
    memcpy(ret_word, rest->at, length);
    ret_word[length] = '\0';
    rest->at += length;
    return true;
}

static void read_commitment(const char *digits, uint8_t ret_bytes[SHA256_BYTES])
{
    for (size_t i = 0; i < SHA256_BYTES; i++)
        ret_bytes[i]
            = (uint8_t)(text_hex_value(digits[2 * i]) * 16 + text_hex_value(digits[2 * i + 1]));
}

bool evidence_line_read(const char *text, size_t length, struct evidence_line *ret_line)
{
    static const char digits[] = "0123456789";
    struct rest rest = { text, text + length };
    struct evidence_line line;
    char seq[20], commitment[2 * SHA256_BYTES + 1];
    if (!take(&rest, "{\"seq\":") || !take_word(&rest, digits, seq, sizeof seq)
        || !take(&rest, ",\"day\":\"")
        || !take_word(&rest, "0123456789-", line.day, sizeof line.day)
        || !take(&rest, "\",\"kind\":\"")
        || !take_word(&rest, "abcdefghijklmnopqrstuvwxyz-", line.kind, sizeof line.kind)
        || !take(&rest, "\",\"commit\":\"")
        || !take_word(&rest, "0123456789abcdef", commitment, sizeof commitment)
        || !take(&rest, "\"}") || rest.at != rest.end)
        return false;
    if ((seq[0] == '0' && seq[1] != '\0') || strlen(commitment) != 2 * SHA256_BYTES
        || !text_to_int64(seq, strlen(seq), 0, INT64_MAX, &line.seq))
        return false;
    read_commitment(commitment, line.commitment);
    *ret_line = line;
    return true;
}
