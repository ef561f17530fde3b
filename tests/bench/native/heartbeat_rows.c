/* How many heartbeats a second the store alone takes, a thousand a commit: heartbeat_rows FOLDER COUNT
 * Prints {"rows_per_second": N}. */
#include "tls_client.h"

#include "store/db.h"

#include <stdio.h>

enum { ROWS_A_COMMIT = 1000 };

static bool insert_rows(struct db_connection *connection, void *data, struct problem *problem)
{
    static const char sql[]
        = "INSERT INTO heartbeat (id, received_at_ms, play_session_id, seq, from_ms, to_ms, "
          "rate_percent, visible,"
          "  muted, rendition, language, client_at_ms, credited_ms, reasons)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    const int64_t *first = data;
    int64_t hundred = 100, one = 1, none = 0, now_ms = INT64_C(1764000000000);
    for (int64_t id = *first; id < *first + ROWS_A_COMMIT; id++)
        if (!db_exec(connection, NULL, problem, sql, "iitiiiIIIttIit", id, now_ms,
                "00000000-0000-7000-8000-0000000000c1", id, id * 10000, id * 10000 + 10000,
                &hundred, &one, &none, "240p", "en", &now_ms, INT64_C(10000), ""))
            return false;
    return true;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        die("usage: heartbeat_rows FOLDER COUNT");
    struct problem problem = { 0 };
    struct db *db = db_open(argv[1], &problem);
    int64_t count = number_of(argv[2], ROWS_A_COMMIT, 100000000), from_us = now_us(), id = 1;
    for (; db && id <= count; id += ROWS_A_COMMIT)
        if (!db_write(db, insert_rows, &id, &problem))
            break;
    if (!db || id <= count)
        die("%s", problem.detail);
    (void)printf(
        "{\"rows_per_second\": %.0f}\n", (double)(id - 1) * 1e6 / (double)(now_us() - from_us));
    db_close(db);
    return 0;
}
