/*
 * Players that tell what they played, as fast as they are answered: heartbeats PORT SECONDS FROM_MS REQUEST_FILE PEOPLE_FILE
 * PEOPLE_FILE has a line for each player, "play_session cookies"; each has a connection of its own, and sends batches of ten beats,
 * the next one when the last one is acknowledged.  They play from FROM_MS of the lecture on.  REQUEST_FILE is any request.
 * Prints {"batches", "seconds", "p50_us", "p99_us"}: of batches that were answered 200 and acknowledged to their last beat.
 */
#include "tls_client.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PEOPLE_MAX = 512,
    LINE_BYTES = 2048,
    BODY_BYTES = 4096,
    TIMES_MAX = 1 << 17,
    BATCH = 10,
    STRETCH_MS = 3
};

struct player {
    const struct tls_client *client;
    int64_t until_us, from_ms;
    char play_session[64], cookies[LINE_BYTES];
    int64_t seq;
    uint32_t *times_us;
    size_t count;
};

static atomic_size_t ready;
static atomic_bool begun;

static size_t write_batch(struct player *player, char *request, size_t size)
{
    char body[BODY_BYTES];
    int length = snprintf(body, sizeof body, "{\"beats\":[");
    for (int i = 0; i < BATCH; i++, player->seq++)
        length += snprintf(body + length, sizeof body - (size_t)length,
            "%s{\"seq\":%lld,\"from_ms\":%lld,\"to_ms\":%lld,\"rate\":1,\"visible\":true,\"muted\":"
            "false,"
            "\"rendition\":\"240p\",\"language\":\"en\",\"client_ts\":1764000000000}",
            i > 0 ? "," : "", (long long)player->seq,
            (long long)(player->from_ms + player->seq * STRETCH_MS),
            (long long)(player->from_ms + (player->seq + 1) * STRETCH_MS));
    length += snprintf(body + length, sizeof body - (size_t)length, "]}");
    int head = snprintf(request, size,
        "POST /api/v1/play/%s/heartbeats HTTP/1.1\r\nHost: localhost:%d\r\nContent-Type: "
        "application/json\r\n"
        "Origin: https://localhost:%d\r\nCookie: %s\r\nContent-Length: %d\r\n\r\n%s",
        player->play_session, player->client->port, player->client->port, player->cookies, length,
        body);
    if (head < 0 || (size_t)head >= size)
        die("a request does not fit");
    return (size_t)head;
}

/* Reads one answer, whole, into text. */
static void read_answer(SSL *ssl, char *text, size_t size)
{
    size_t count = 0, whole = 0;
    while (whole == 0 || count < whole) {
        size_t more;
        if (count + 1 >= size || SSL_read_ex(ssl, text + count, size - 1 - count, &more) != 1)
            die("an answer breaks off");
        count += more;
        text[count] = '\0';
        const char *body = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "content-length:");
        if (whole == 0 && body && length)
            whole = (size_t)(body + 4 - text) + strtoul(length + 15, NULL, 10);
    }
}

static void check_answer(const struct player *player, const char *answer)
{
    const char *acknowledged = strstr(answer, "\"acknowledged_seq\":");
    if (strncmp(answer, "HTTP/1.1 200 ", 13) != 0 || !acknowledged
        || strtoll(acknowledged + 19, NULL, 10) != player->seq - 1)
        die("an unexpected answer to seq %lld: %.400s", (long long)player->seq, answer);
}

static void *play(void *data)
{
    struct player *player = data;
    static const size_t size = 32 * 1024;
    char *request = memory_alloc(size), *answer = memory_alloc(size);
    SSL *ssl = tls_open(player->client, NULL);
    atomic_fetch_add(&ready, 1);
    while (!atomic_load(&begun))
        (void)sched_yield();
    while (player->count < TIMES_MAX) {
        size_t length = write_batch(player, request, size), written;
        int64_t sent_us = now_us();
        if (sent_us > player->until_us)
            break;
        if (SSL_write_ex(ssl, request, length, &written) != 1 || written != length)
            die("a request breaks off");
        read_answer(ssl, answer, size);
        player->times_us[player->count++] = (uint32_t)(now_us() - sent_us);
        check_answer(player, answer);
    }
    tls_close(ssl);
    free(request);
    free(answer);
    return NULL;
}

static size_t read_people(const char *path, struct player *players)
{
    char line[LINE_BYTES];
    size_t count = 0;
    FILE *file = fopen(path, "r");
    if (!file)
        die("'%s' cannot be read", path);
    while (count < PEOPLE_MAX && fgets(line, sizeof line, file))
        if (sscanf(line, "%63s %2047[^\n]", players[count].play_session, players[count].cookies)
            == 2)
            count++;
    (void)fclose(file);
    if (count == 0)
        die("'%s' names nobody", path);
    return count;
}

static int compare(const void *left, const void *right)
{
    uint32_t first = *(const uint32_t *)left, second = *(const uint32_t *)right;
    return (first > second) - (first < second);
}

static void tell(const struct player *players, size_t people, double seconds)
{
    size_t count = 0;
    for (size_t i = 0; i < people; i++)
        count += players[i].count;
    uint32_t *times_us = memory_zeroed(count + 1, sizeof *times_us);
    count = 0;
    for (size_t i = 0; i < people; i++) {
        memcpy(times_us + count, players[i].times_us, players[i].count * sizeof *times_us);
        count += players[i].count;
    }
    qsort(times_us, count, sizeof *times_us, compare);
    (void)printf("{\"batches\": %zu, \"seconds\": %.3f, \"p50_us\": %u, \"p99_us\": %u}\n", count,
        seconds, times_us[count / 2], times_us[count * 99 / 100]);
    free(times_us);
}

int main(int argc, char **argv)
{
    static struct player players[PEOPLE_MAX];
    static pthread_t threads[PEOPLE_MAX];
    struct tls_client client = { 0 };
    if (argc != 6)
        die("usage: heartbeats PORT SECONDS FROM_MS REQUEST_FILE PEOPLE_FILE");
    tls_client_init(&client, argv[1], "http/1.1", argv[4]);
    int64_t seconds = number_of(argv[2], 1, 600);
    int64_t from_ms = number_of(argv[3], 0, 100000000);
    size_t people = read_people(argv[5], players);
    for (size_t i = 0; i < people; i++) {
        players[i].client = &client;
        players[i].from_ms = from_ms;
        players[i].times_us = memory_zeroed(TIMES_MAX, sizeof *players[i].times_us);
        if (pthread_create(&threads[i], NULL, play, &players[i]) != 0)
            die("a thread cannot be started");
    }
    while (atomic_load(&ready) < people)
        (void)sched_yield();
    int64_t from_us = now_us();
    for (size_t i = 0; i < people; i++)
        players[i].until_us = from_us + seconds * 1000000;
    atomic_store(&begun, true);
    for (size_t i = 0; i < people; i++)
        (void)pthread_join(threads[i], NULL);
    tell(players, people, (double)(now_us() - from_us) / 1e6);
    tls_client_release(&client);
    return 0;
}
