/* In a build without libipsec-mb: OpenSSL's own AES-GCM serves. */
#include "http/vaes_gcm.h"

bool vaes_gcm_offer(void)
{
    return false;
}
