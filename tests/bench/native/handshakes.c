/* So many TLS handshakes, one after the other: handshakes PORT COUNT full|resumed REQUEST_FILE
 * Prints {"handshakes": N, "resumed": N}.  The ticket of the resumed ones comes with an answer to
 * the request, on a connection before them. */
#include "tls_client.h"

#include <stdio.h>
#include <string.h>

static SSL_SESSION *get_ticket(const struct tls_client *client)
{
    SSL *ssl = tls_open(client, NULL);
    (void)tls_ask(client, ssl);
    SSL_SESSION *session = SSL_get1_session(ssl);
    tls_close(ssl);
    if (!session || !SSL_SESSION_is_resumable(session))
        die("port %d gives no ticket", client->port);
    return session;
}

int main(int argc, char **argv)
{
    struct tls_client client = { 0 };
    if (argc != 5)
        die("usage: handshakes PORT COUNT full|resumed REQUEST_FILE");
    tls_client_init(&client, argv[1], "http/1.1", argv[4]);
    SSL_SESSION *ticket = strcmp(argv[3], "resumed") == 0 ? get_ticket(&client) : NULL;
    int64_t count = number_of(argv[2], 1, 1000000), resumed = 0;
    for (int64_t i = 0; i < count; i++) {
        SSL *ssl = tls_open(&client, ticket);
        resumed += SSL_session_reused(ssl);
        tls_close(ssl);
    }
    (void)printf(
        "{\"handshakes\": %lld, \"resumed\": %lld}\n", (long long)count, (long long)resumed);
    SSL_SESSION_free(ticket);
    tls_client_release(&client);
    return 0;
}
