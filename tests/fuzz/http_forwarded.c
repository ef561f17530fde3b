/* Forwarded and X-Forwarded-For: lines of input are fields, of one kind or the other by turns. */
#include "http/forwarded.h"

#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "forwarded", "x-forwarded-for" };
    struct networks trusted;
    struct problem problem = { 0 };
    struct peer_address peer, client, forged;
    struct http_field fields[FIELDS_MAX];
    size_t count = 0;
    char *text = malloc(size + 1), *at = text;
    memcpy(text, data, size);
    text[size] = '\0';
    for (; count < FIELDS_MAX && at; count++)
        fields[count] = (struct http_field){ names[count % 2], strsep(&at, "\n") };
    if (!networks_read("fuzz", "10.0.0.0/8, ::1", &trusted, &problem)
        || !peer_address_read("10.0.0.1", 8, &peer))
        abort();
    forwarded_find_client(fields, count, &trusted, &peer, &client);
    /* Behind an honest proxy, that appends to the one field that it knows, nobody is taken for
     * another than the proxy: whatever the client has sent in either. */
    struct http_field last = { "x-forwarded-for", "192.0.2.7" };
    fields[count < FIELDS_MAX ? count++ : FIELDS_MAX - 1] = last;
    forwarded_find_client(fields, count, &trusted, &peer, &client);
    if (!peer_address_read(last.value, strlen(last.value), &forged)
        || (!peer_address_equal(&client, &peer) && !peer_address_equal(&client, &forged)))
        abort();
    free(text);
    return 0;
}
