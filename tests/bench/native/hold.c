/* Opens so many connections, asks once on each, and holds them idle until its input ends:
 *   hold PORT COUNT http/1.1|h2 REQUEST_FILE
 * Prints "held N" when all of them are idle. */
#include "tls_client.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    struct tls_client client = { 0 };
    if (argc != 5)
        die("usage: hold PORT COUNT http/1.1|h2 REQUEST_FILE");
    tls_client_init(&client, argv[1], argv[3], argv[4]);
    size_t count = (size_t)number_of(argv[2], 1, 100000);
    SSL **held = memory_zeroed(count, sizeof *held);
    for (size_t i = 0; i < count; i++) {
        held[i] = tls_open(&client, NULL);
        (void)tls_ask(&client, held[i]);
    }
    (void)printf("held %zu\n", count);
    (void)fflush(stdout);
    while (getchar() != EOF)
        ;
    for (size_t i = 0; i < count; i++)
        tls_close(held[i]);
    free(held);
    tls_client_release(&client);
    return 0;
}
