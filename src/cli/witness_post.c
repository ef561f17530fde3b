#include "cli/witness_post.h"

#include "base/clock.h"
#include "mail/outbox.h"
#include "viewing/evidence_witness.h"

#include <stdio.h>
#include <string.h>

enum { HOUR_MS = 3600 * 1000, KEY_SIZE = 64, TEXT_BYTES_MAX = 4096 };

struct posting {
    const struct settings *settings;
    int64_t now_ms, count;
    struct evidence_head head;
    json_t *due;
};

static bool find_due(struct db_connection *connection, void *data, struct problem *problem)
{
    struct posting *posting = data;
    int64_t every_ms = posting->settings->evidence_witness_hours * HOUR_MS;
    return (posting->due = evidence_witnesses_due(
                connection, posting->now_ms, every_ms, &posting->head, problem));
}

static void write_text(const struct posting *posting, const char *name, struct text *text)
{
    char at[CLOCK_ISO_SIZE];
    clock_format_iso(posting->head.at_ms, at);
    text_printf(text,
        "%s,\n\n"
        "the attached file \"checkpoint\" says what the evidence log of %s was at %.16s UTC: %lld "
        "records. "
        "Please keep this mail. You need not do anything else.\n\n"
        "The log holds who watched which lecture. Nobody can change or remove one of these records "
        "any more without that being seen by whoever has this file. If figures of the course are "
        "ever in doubt, ask for its evidence, save the attached file beside it, and run\n\n"
        "    lectern evidence verify --checkpoint checkpoint FOLDER\n\n"
        "The file names nobody. It is a signed note (c2sp.org/tlog-checkpoint), which other tools "
        "read, too:\n\n"
        "%s",
        name, posting->settings->public_url, at, (long long)posting->head.size, posting->head.note);
}

static bool queue_one(struct db_connection *connection, const struct posting *posting,
    const json_t *witness, struct problem *problem)
{
    const char *name = json_string_value(json_object_get(witness, "name"));
    int64_t id = json_integer_value(json_object_get(witness, "id"));
    const struct mail_attachment attachment = { .name = "checkpoint",
        .type = "application/octet-stream",
        .bytes = posting->head.note,
        .count = strlen(posting->head.note) };
    char key[KEY_SIZE], subject[KEY_SIZE];
    struct text text;
    text_init(&text, TEXT_BYTES_MAX + NOTE_SIZE_MAX);
    write_text(posting, name, &text);
    (void)snprintf(key, sizeof key, "checkpoint-%lld-witness-%lld", (long long)posting->head.size,
        (long long)id);
    (void)snprintf(subject, sizeof subject, "Evidence log: checkpoint of %lld records",
        (long long)posting->head.size);
    const struct mail mail = { .key = key,
        .to = json_string_value(json_object_get(witness, "address")),
        .to_name = name,
        .subject = subject,
        .text = text.bytes,
        .attachments = &attachment,
        .attachment_count = 1 };
    bool good = mail_queue(connection, posting->settings, &mail, problem)
                && evidence_witness_note_sent(
                    connection, id, posting->head.size, posting->now_ms, problem);
    text_release(&text);
    return good;
}

static bool queue(struct db_connection *connection, void *data, struct problem *problem)
{
    struct posting *posting = data;
    bool good = true;
    size_t index;
    json_t *witness;
    posting->count = 0;
    json_array_foreach(posting->due, index, witness)
    {
        good = good && queue_one(connection, posting, witness, problem);
        posting->count++;
    }
    return good;
}

bool witness_post(
    struct db *db, const struct settings *settings, int64_t *ret_count, struct problem *problem)
{
    struct posting posting = { .settings = settings, .now_ms = clock_now_ms() };
    *ret_count = 0;
    if (!mail_is_set_up(settings))
        return true;
    bool good = db_read(db, find_due, &posting, problem);
    if (good && json_array_size(posting.due) > 0) {
        good = db_write(db, queue, &posting, problem);
        *ret_count = posting.count;
    }
    json_decref(posting.due);
    return good;
}
