#include "mail/outbox.h"

#include "base/clock.h"
#include "base/secure.h"

#include <stdio.h>
#include <string.h>

// clang-format off
static const char add_sql[] =
    "INSERT INTO outbox (id, channel, key, recipient, title, body, state, attempts, created_at_ms, next_at_ms, answer)"
    " VALUES ($1, $2, $3, $4, $5, $6, 'waiting', 0, $7, $7, '')"
    " ON CONFLICT (channel, key) DO NOTHING";
static const char has_sql[] = "SELECT 1 FROM outbox WHERE channel = $1 AND key = $2";
static const char state_sql[] = "SELECT state FROM outbox WHERE channel = $1 AND id = $2";
static const char retry_sql[] =
    "UPDATE outbox SET state = 'waiting', attempts = 0, created_at_ms = $3, next_at_ms = $3, ended_at_ms = NULL"
    " WHERE channel = $1 AND id = $2";
static const char retry_failed_sql[] =
    "UPDATE outbox SET state = 'waiting', attempts = 0, created_at_ms = $2, next_at_ms = $2, ended_at_ms = NULL"
    " WHERE channel = $1 AND state = 'failed'";
static const char waiting_sql[] = "SELECT COUNT(*) FROM outbox WHERE channel = $1 AND state = 'waiting'";
static const char list_sql[] =
    "SELECT id, state, recipient, title, attempts, created_at_ms, next_at_ms, ended_at_ms, answer"
    "  FROM outbox WHERE channel = $1 AND (state <> 'sent' OR $2 = 1)"
    " ORDER BY id DESC LIMIT $3";
static const char count_sql[] =
    "SELECT state, COUNT(*) FROM outbox WHERE channel = $1 AND state <> 'sent' GROUP BY state";
// clang-format on

bool outbox_add(
    struct db_connection *connection, const struct outbox_entry *entry, struct problem *problem)
{
    return db_exec(connection, NULL, problem, add_sql, "ittttti", db_next_key(connection, "outbox"),
        entry->channel, entry->key, entry->recipient, entry->title, entry->body, clock_now_ms());
}

bool mail_is_set_up(const struct settings *settings)
{
    return settings->smtp_url[0] != '\0' && settings->mail_from[0] != '\0';
}

static bool is_queued(
    struct db_connection *connection, const char *key, bool *ret_queued, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, has_sql, "tt", OUTBOX_MAIL, key);
    *ret_queued = db_next(rows);
    return db_end(rows, problem);
}

bool mail_compose(const struct settings *settings, const struct mail *mail, struct text *text,
    struct problem *problem)
{
    char id[UUID_TEXT_SIZE], message_id[UUID_TEXT_SIZE + MAIL_ADDRESS_MAX];
    const char *at = strchr(settings->mail_from, '@');
    if (settings->mail_from[0] == '\0')
        return problem_set(
            problem, PROBLEM_SETTING, "Mails need a sender: setting mail-from is empty.");
    secure_make_uuid(id);
    (void)snprintf(message_id, sizeof message_id, "%s%s", id, at ? at : "");
    const struct mail_sender sender = {
        .address = settings->mail_from,
        .name = settings->mail_from_name,
        .message_id = message_id,
        .date_ms = clock_wall_ms(),
    };
    return mail_write_message(mail, &sender, text, problem);
}

static bool add_mail(struct db_connection *connection, const struct settings *settings,
    const struct mail *mail, struct text *text, struct problem *problem)
{
    if (!mail_compose(settings, mail, text, problem))
        return false;
    const struct outbox_entry entry = {
        .channel = OUTBOX_MAIL,
        .key = mail->key,
        .recipient = mail->to,
        .title = mail->subject,
        .body = text->bytes,
    };
    return outbox_add(connection, &entry, problem);
}

bool mail_queue(struct db_connection *connection, const struct settings *settings,
    const struct mail *mail, struct problem *problem)
{
    bool queued = false;
    if (!mail->key || !text_is_line(mail->key, MAIL_LINE_MAX))
        return problem_set_field(
            problem, "key", "one line of text, %d bytes at most", MAIL_LINE_MAX);
    if (!is_queued(connection, mail->key, &queued, problem))
        return false;
    if (queued)
        return true;
    struct text text;
    text_init(&text, MAIL_MESSAGE_BYTES_MAX);
    bool added = add_mail(connection, settings, mail, &text, problem);
    text_release(&text);
    return added;
}

bool outbox_retry(
    struct db_connection *connection, const char *channel, int64_t id, struct problem *problem)
{
    bool found, sent;
    struct db_rows *rows = db_query(connection, state_sql, "ti", channel, id);
    found = db_next(rows);
    sent = found && text_equal(db_text(rows, 0), "sent");
    if (!db_end(rows, problem))
        return false;
    if (!found)
        return problem_set(problem, PROBLEM_NOT_FOUND, "no item %lld in the outbox", (long long)id);
    if (sent)
        return problem_set(problem, PROBLEM_CONFLICT, "item %lld is sent already", (long long)id);
    return db_exec(connection, NULL, problem, retry_sql, "tii", channel, id, clock_now_ms());
}

bool outbox_retry_failed(struct db_connection *connection, const char *channel, int64_t *ret_count,
    struct problem *problem)
{
    return db_exec(connection, ret_count, problem, retry_failed_sql, "ti", channel, clock_now_ms());
}

bool outbox_count_waiting(struct db_connection *connection, const char *channel, int64_t *ret_count,
    struct problem *problem)
{
    struct db_rows *rows = db_query(connection, waiting_sql, "t", channel);
    *ret_count = db_next(rows) ? db_int(rows, 0) : 0;
    return db_end(rows, problem);
}

static json_t *instant(struct db_rows *rows, int column, bool shown)
{
    return shown && !db_is_null(rows, column) ? json_integer(db_int(rows, column)) : json_null();
}

static json_t *item_json(struct db_rows *rows)
{
    const char *state = db_text(rows, 1);
    return json_pack("{s:I, s:s, s:s, s:s, s:I, s:I, s:o, s:o, s:s}", "id",
        (json_int_t)db_int(rows, 0), "state", state, "recipient", db_text(rows, 2), "title",
        db_text(rows, 3), "attempts", (json_int_t)db_int(rows, 4), "created_at_ms",
        (json_int_t)db_int(rows, 5), "next_at_ms", instant(rows, 6, text_equal(state, "waiting")),
        "ended_at_ms", instant(rows, 7, true), "answer", db_text(rows, 8));
}

static bool count_states(
    struct db_connection *connection, const char *channel, json_t *list, struct problem *problem)
{
    (void)json_object_set_new(list, "waiting", json_integer(0));
    (void)json_object_set_new(list, "failed", json_integer(0));
    struct db_rows *rows = db_query(connection, count_sql, "t", channel);
    while (db_next(rows))
        (void)json_object_set_new(list, db_text(rows, 0), json_integer(db_int(rows, 1)));
    return db_end(rows, problem);
}

json_t *outbox_json(
    struct db_connection *connection, const char *channel, bool all, struct problem *problem)
{
    json_t *items = json_array();
    struct db_rows *rows
        = db_query(connection, list_sql, "tii", channel, (int64_t)all, (int64_t)OUTBOX_LIST_MAX);
    while (db_next(rows))
        (void)json_array_append_new(items, item_json(rows));
    json_t *list = json_pack("{s:o}", "items", items);
    if (db_end(rows, problem) && count_states(connection, channel, list, problem))
        return list;
    json_decref(list);
    return NULL;
}
