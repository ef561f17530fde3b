#include "access/secret_digest.h"

#include "base/text.h"

#include <string.h>

bool secret_digest(const char *secret, uint8_t ret_digest[SHA256_BYTES])
{
    uint8_t bytes[SECRET_BYTES];
    size_t count;
    if (strnlen(secret, SECRET_TEXT_SIZE) != TEXT_BASE64URL_32
        || !text_base64url_decode(secret, TEXT_BASE64URL_32, bytes, sizeof bytes, &count)
        || count != sizeof bytes)
        return false;
    secure_sha256(bytes, sizeof bytes, ret_digest);
    secure_wipe(bytes, sizeof bytes);
    return true;
}

void secret_make(char ret_secret[SECRET_TEXT_SIZE], uint8_t ret_digest[SHA256_BYTES])
{
    secure_make_secret(ret_secret);
    (void)secret_digest(ret_secret, ret_digest);
}
