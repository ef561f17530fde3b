/* Opens so many connections, asks once on each, and holds them idle until its input ends:
 *   hold PORT COUNT http/1.1|h2 REQUEST_FILE
 * Prints "held N" when all of them are idle. */
#include "tls_client.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    struct tls_client client = { 0 };
    if (argc != 5)
        die("usage: hold PORT COUNT http/1.1|h2 REQUEST_FILE");
    tls_client_init(&client, argv[1], argv[3], argv[4]);
    int64_t count = number_of(argv[2], 1, 100000);
    for (int64_t i = 0; i < count; i++)
        (void)tls_ask(&client, tls_open(&client, NULL)); /* stays open until the program ends */
    (void)printf("held %lld\n", (long long)count);
    (void)fflush(stdout);
    while (getchar() != EOF)
        ;
    tls_client_release(&client);
    return 0; /* the kernel closes them at once: a goodbye for each is not what is measured */
}
