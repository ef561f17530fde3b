/*
 * What strangers send to sign in: a session cookie or a link's secret, and a mail address.  A secret has one spelling; an
 * address that was normalised stays as it is when it is normalised again, and can carry no header line.
 */
#include "access/email.h"
#include "access/secret_digest.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static void check_secret(const char *typed)
{
    uint8_t digest[SHA256_BYTES], bytes[SECRET_BYTES];
    char again[SECRET_TEXT_SIZE];
    size_t count;
    if (!secret_digest(typed, digest))
        return;
    if (!text_base64url_decode(typed, strlen(typed), bytes, sizeof bytes, &count))
        abort();
    text_base64url_encode(bytes, count, again);
    if (strcmp(typed, again) != 0)
        abort();
}

static void check_email(const char *typed)
{
    char email[EMAIL_SIZE], again[EMAIL_SIZE];
    if (!email_normalise(typed, email))
        return;
    if (!email_normalise(email, again) || strcmp(email, again) != 0
        || !text_is_line(email, EMAIL_SIZE - 1) || strpbrk(email, " <>,;\"\\")
        || !strchr(email, '@'))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char typed[1024];
    size_t count = size < sizeof typed - 1 ? size : sizeof typed - 1;
    memcpy(typed, data, count);
    typed[count] = '\0';
    check_secret(typed);
    check_email(typed);
    return 0;
}
