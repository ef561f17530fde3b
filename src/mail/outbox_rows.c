#include "mail/outbox_rows.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/secure.h"

#include <stdlib.h>
#include <string.h>

enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS, SECOND_MS = 1000 };
/* A claim outlasts the try: a sender begins nothing new once the time of one has passed. */
enum { TRY_SLACK_MS = 5 * SECOND_MS };

// clang-format off
static const char look_sql[] =
    "SELECT COUNT(*), MIN(next_at_ms), MIN(created_at_ms) FROM outbox WHERE channel = $1 AND state = 'waiting'";
static const char failed_sql[] = "SELECT COUNT(*) FROM outbox WHERE channel = $1 AND state = 'failed'";
static const char lately_sql[] =
    "SELECT COUNT(*) FROM outbox WHERE channel = $1 AND state = 'sent' AND ended_at_ms > $2";
static const char due_sql[] =
    "SELECT id, recipient, body, attempts FROM outbox"
    " WHERE channel = $1 AND state = 'waiting' AND next_at_ms <= $2 ORDER BY next_at_ms, id LIMIT $3";
static const char claim_sql[] = "UPDATE outbox SET attempts = attempts + 1, next_at_ms = $2 WHERE id = $1";
static const char taken_sql[] =
    "UPDATE outbox SET state = 'sent', body = '', ended_at_ms = $2, answer = $3 WHERE id = $1";
static const char refused_sql[] =
    "UPDATE outbox SET state = 'failed', ended_at_ms = $2, answer = $3 WHERE id = $1 AND state = 'waiting'";
static const char put_off_sql[] =
    "UPDATE outbox SET answer = $2, next_at_ms = $3 WHERE id = $1 AND state = 'waiting'";
static const char give_up_sql[] =
    "UPDATE outbox SET state = 'failed', ended_at_ms = $2 WHERE id = $1 AND state = 'waiting' AND created_at_ms < $3";
static const char clear_sql[] = "DELETE FROM outbox WHERE channel = $1 AND state <> 'waiting' AND ended_at_ms < $2";
// clang-format on

int64_t courier_delay_ms(int64_t failures, int64_t first_ms, int64_t most_ms, unsigned chance)
{
    int64_t delay_ms = first_ms;
    for (int64_t i = 1; i < failures && delay_ms < most_ms; i++)
        delay_ms *= 2;
    if (delay_ms > most_ms)
        delay_ms = most_ms;
    return delay_ms / 2 + delay_ms / 2 * (int64_t)chance / 1000;
}

struct looking {
    const char *channel;
    struct outbox_state *state;
};

static int64_t instant(struct db_rows *rows, int column)
{
    return db_is_null(rows, column) ? INT64_MAX : db_int(rows, column);
}

static bool look(struct db_connection *connection, void *data, struct problem *problem)
{
    struct looking *looking = data;
    struct outbox_state *state = looking->state;
    struct db_rows *rows = db_query(connection, look_sql, "t", looking->channel);
    if (db_next(rows)) {
        state->waiting = db_int(rows, 0);
        state->due_at_ms = instant(rows, 1);
        state->oldest_at_ms = instant(rows, 2);
    }
    if (!db_end(rows, problem))
        return false;
    rows = db_query(connection, failed_sql, "t", looking->channel);
    if (db_next(rows))
        state->failed = db_int(rows, 0);
    if (!db_end(rows, problem))
        return false;
    rows = db_query(connection, lately_sql, "ti", looking->channel, clock_now_ms() - HOUR_MS);
    if (db_next(rows))
        state->taken_lately = db_int(rows, 0);
    return db_end(rows, problem);
}

bool outbox_look(
    struct db *db, const char *channel, struct outbox_state *ret_state, struct problem *problem)
{
    struct outbox_state state = { .due_at_ms = INT64_MAX, .oldest_at_ms = INT64_MAX };
    struct looking looking = { channel, &state };
    if (!db_read(db, look, &looking, problem))
        return false;
    *ret_state = state;
    return true;
}

void outbox_batch_release(struct outbox_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        free(batch->items[i].recipient);
        free(batch->items[i].body);
    }
    batch->count = 0;
}

struct claiming {
    const struct courier_options *options;
    struct outbox_batch *batch;
    size_t most;
    int64_t attempts[COURIER_BATCH_MAX];
};

static void take_row(struct claiming *claiming, struct db_rows *rows)
{
    struct outbox_batch *batch = claiming->batch;
    claiming->attempts[batch->count] = db_int(rows, 3) + 1;
    batch->items[batch->count++] = (struct courier_item){
        .id = db_int(rows, 0),
        .recipient = memory_strdup(db_text(rows, 1)),
        .body = memory_strdup(db_text(rows, 2)),
        .body_count = strlen(db_text(rows, 2)),
    };
}

static int64_t claimed_until_ms(const struct settings *settings, int64_t attempts)
{
    uint8_t chance[2];
    secure_random(chance, sizeof chance);
    int64_t delay_ms = courier_delay_ms(attempts, settings->outbox_retry_seconds * SECOND_MS,
        settings->outbox_retry_max_seconds * SECOND_MS, (chance[0] * 256U + chance[1]) % 1000);
    return clock_now_ms() + delay_ms;
}

static bool claim(struct db_connection *connection, void *data, struct problem *problem)
{
    struct claiming *claiming = data;
    const struct courier_options *options = claiming->options;
    outbox_batch_release(claiming->batch);
    struct db_rows *rows = db_query(
        connection, due_sql, "tii", options->channel, clock_now_ms(), (int64_t)claiming->most);
    while (db_next(rows))
        take_row(claiming, rows);
    bool good = db_end(rows, problem);
    int64_t try_ms = 2 * options->settings->outbox_timeout_seconds * SECOND_MS + TRY_SLACK_MS;
    for (size_t i = 0; good && i < claiming->batch->count; i++) {
        int64_t until_ms = claimed_until_ms(options->settings, claiming->attempts[i]);
        claiming->batch->items[i].pause_until_ms = until_ms;
        if (until_ms < clock_now_ms() + try_ms)
            until_ms = clock_now_ms() + try_ms;
        good = db_exec(
            connection, NULL, problem, claim_sql, "ii", claiming->batch->items[i].id, until_ms);
    }
    return good;
}

bool outbox_claim(const struct courier_options *options, size_t most, struct outbox_batch *batch,
    struct problem *problem)
{
    struct claiming claiming = { .options = options, .batch = batch, .most = most };
    if (db_write(options->db, claim, &claiming, problem))
        return true;
    outbox_batch_release(batch);
    return false;
}

struct ending {
    const struct courier_options *options;
    struct outbox_batch *batch;
};

/* It was claimed for longer than the try could take; now it is due when its next try is. */
static bool put_off(struct db_connection *connection, const struct ending *ending,
    const struct courier_item *item, struct problem *problem)
{
    int64_t now_ms = clock_now_ms(), next_at_ms = item->pause_until_ms, given_up = 0;
    if (next_at_ms < now_ms + item->pause_ms)
        next_at_ms = now_ms + item->pause_ms;
    int64_t begun_before_ms = now_ms - ending->options->settings->outbox_give_up_hours * HOUR_MS;
    if (!db_exec(connection, NULL, problem, put_off_sql, "iti", item->id, item->answer, next_at_ms)
        || !db_exec(
            connection, &given_up, problem, give_up_sql, "iii", item->id, now_ms, begun_before_ms))
        return false;
    ending->batch->refused += given_up;
    return true;
}

static bool end(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct ending *ending = data;
    struct outbox_batch *batch = ending->batch;
    bool good = true;
    batch->refused = 0;
    for (size_t i = 0; good && i < batch->count; i++) {
        const struct courier_item *item = &batch->items[i];
        if (item->outcome == COURIER_TAKEN || item->outcome == COURIER_REFUSED) {
            const char *sql = item->outcome == COURIER_TAKEN ? taken_sql : refused_sql;
            batch->refused += item->outcome == COURIER_REFUSED;
            good = db_exec(
                connection, NULL, problem, sql, "iit", item->id, clock_now_ms(), item->answer);
        } else {
            good = put_off(connection, ending, item, problem);
        }
    }
    return good;
}

bool outbox_end(
    const struct courier_options *options, struct outbox_batch *batch, struct problem *problem)
{
    struct ending ending = { options, batch };
    return db_write(options->db, end, &ending, problem);
}

static bool clear(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct courier_options *options = data;
    return db_exec(connection, NULL, problem, clear_sql, "ti", options->channel,
        clock_now_ms() - options->settings->outbox_keep_days * DAY_MS);
}

bool outbox_clear(const struct courier_options *options, struct problem *problem)
{
    struct courier_options copy = *options;
    return db_write(options->db, clear, &copy, problem);
}
