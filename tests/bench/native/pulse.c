/* How long an answer takes, asked again and again for some seconds:
 *   pulse PORT kept|new INTERVAL_US SECONDS REQUEST_FILE
 * kept asks on one connection; new opens one for each request, and counts from connect().
 * Prints the microseconds of each, one a line.  Requests are due on a raster: one that could not
 * begin in time, because the one before it took so long, counts from when it was due.  So a stall
 * counts for all whom it would have held up. */
#include "tls_client.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void wait_until(int64_t due_us)
{
    int64_t left_us = due_us - now_us();
    struct timespec rest = { .tv_sec = left_us / 1000000, .tv_nsec = left_us % 1000000 * 1000 };
    if (left_us > 0)
        (void)nanosleep(&rest, NULL);
}

/* On the kept connection, or on one of its own. */
static int64_t answered_us(const struct tls_client *client, SSL *kept)
{
    SSL *ssl = kept ? kept : tls_open(client, NULL);
    (void)tls_ask(client, ssl);
    int64_t at_us = now_us();
    if (!kept)
        tls_close(ssl);
    return at_us;
}

int main(int argc, char **argv)
{
    struct tls_client client = { 0 };
    if (argc != 6)
        die("usage: pulse PORT kept|new INTERVAL_US SECONDS REQUEST_FILE");
    tls_client_init(&client, argv[1], "http/1.1", argv[5]);
    SSL *kept = strcmp(argv[2], "kept") == 0 ? tls_open(&client, NULL) : NULL;
    int64_t interval_us = number_of(argv[3], 100, 1000000);
    int64_t due_us = now_us(), end_us = due_us + number_of(argv[4], 1, 600) * 1000000;
    for (; due_us < end_us; due_us += interval_us) {
        bool late = now_us() > due_us;
        wait_until(due_us);
        int64_t from_us = late ? due_us : now_us();
        (void)printf("%lld\n", (long long)(answered_us(&client, kept) - from_us));
    }
    if (kept)
        tls_close(kept);
    tls_client_release(&client);
    return 0;
}
