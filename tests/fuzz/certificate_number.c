/* A certificate's number as it stands in an address or comes from a keyboard: none, or one that is read as itself. */
#include "certificate/certificate.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    char id[CERTIFICATE_ID_SIZE], again[CERTIFICATE_ID_SIZE];
    char *typed = malloc(count + 1);
    memcpy(typed, bytes, count);
    typed[count] = '\0';
    if (certificate_id_read(typed, id)
        && (strlen(id) != CERTIFICATE_ID_LENGTH
            || strspn(id, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != CERTIFICATE_ID_LENGTH
            || !certificate_id_read(id, again) || strcmp(id, again) != 0))
        abort();
    free(typed);
    return 0;
}
