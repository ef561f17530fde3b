#include "viewing/beats_evidence.h"

#include "viewing/evidence.h"

void beats_evidence_init(struct beats_evidence *evidence)
{
    text_init(&evidence->beats, EVIDENCE_DOCUMENT_MAX);
    text_init(&evidence->credited, EVIDENCE_DOCUMENT_MAX);
}

void beats_evidence_release(struct beats_evidence *evidence)
{
    text_release(&evidence->beats);
    text_release(&evidence->credited);
}

static void add_comma(struct text *text)
{
    if (text->length > 0)
        text_append(text, ",", 1);
}

/* What was not told is null. */
static void add_told(struct text *text, int64_t value)
{
    if (value >= 0)
        text_printf(text, ",%lld", (long long)value);
    else
        text_append_string(text, ",null");
}

static void add_credited(struct text *text, const struct spans *added, const char *reason)
{
    for (size_t i = 0; i < added->count; i++) {
        add_comma(text);
        text_printf(text, "[%lld,%lld,\"%s\"]", (long long)added->items[i].from,
            (long long)added->items[i].to, reason);
    }
}

void beats_evidence_add(struct beats_evidence *evidence, const struct beat *beat,
    const struct credit_result *result, const char *reasons)
{
    struct text *text = &evidence->beats;
    add_comma(text);
    text_printf(text, "[%lld,%lld,%lld", (long long)beat->seq, (long long)beat->from_ms,
        (long long)beat->to_ms);
    add_told(text, beat->rate_percent);
    add_told(text, beat->visible);
    add_told(text, beat->muted);
    add_told(text, beat->client_at_ms);
    text_printf(text, ",%lld,\"%s\"]", (long long)credit_result_total(result), reasons);
    add_credited(&evidence->credited, &result->added, "delivered");
    add_credited(&evidence->credited, &result->added_by_gap, "server-gap");
    add_credited(&evidence->credited, &result->added_offline, "offline");
}

bool beats_evidence_append(struct db_connection *connection, const struct beats_evidence *evidence,
    const struct contact *contact, struct problem *problem)
{
    if (evidence->beats.length == 0)
        return true;
    struct text record;
    text_init(&record, EVIDENCE_DOCUMENT_MAX);
    text_append_string(&record, "{\"beats\":[");
    text_append(&record, evidence->beats.bytes, evidence->beats.length);
    text_append_string(&record, "],\"credited\":[");
    if (evidence->credited.length > 0)
        text_append(&record, evidence->credited.bytes, evidence->credited.length);
    text_printf(&record, "],\"lecture\":\"%s\",\"play_session\":\"%s\",\"version\":%lld}",
        contact->session.lecture_id, contact->session.id, (long long)contact->session.version);
    bool good = record.overflowed
                    ? problem_set(problem, PROBLEM_INTERNAL, "heartbeats of too much evidence")
                    : evidence_append_text(connection, "heartbeats",
                        contact->caller->participant_id, record.bytes, record.length, problem);
    text_release(&record);
    return good;
}
