/* Heartbeats: one transaction from the claims to what is durable. */
#include "viewing/play.h"

#include "base/memory.h"
#include "viewing/beats_evidence.h"
#include "viewing/completion_row.h"
#include "viewing/contact.h"
#include "viewing/decision.h"
#include "viewing/group_screen.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
static const char insert_heartbeat_sql[] =
    "INSERT INTO heartbeat (id, received_at_ms, play_session_id, seq, from_ms, to_ms, rate_percent, visible,"
    "  muted, rendition, language, client_at_ms, credited_ms, reasons)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
static const char insert_interval_sql[] =
    "INSERT INTO watch_interval (id, credited_at_ms, participant_id, lecture_id, version, play_session_id, seq,"
    "  from_ms, to_ms, reason, previous_id)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
static const char completion_sql[] =
    "SELECT completed_at_ms FROM completion WHERE participant_id = $1 AND lecture_id = $2";
// clang-format on

static const char reason_delivered[] = "delivered", reason_server_gap[] = "server-gap",
                  reason_offline[] = "offline";

enum { REASONS_BYTES_MAX = 120 };

/* A beat of the batch; sorted by seq. */
struct place {
    const struct beat *beat;
};

struct taking {
    struct delivery_log *log;
    const struct settings *settings;
    const struct caller *caller;
    const char *play_session_id;
    const struct beat *first; /* of the batch */
    struct place *beats;      /* by seq */
    size_t beat_count;
    int64_t granted_at_ms; /* 0: no grant came along */
    /* of one run of the transaction */
    int64_t heartbeat_id, interval_id;
    struct {
        struct span span;
        int64_t seq; /* of its first beat */
        const char *reason;
    } open; /* newly credited, and not yet written: the next beat may go on with it */
    struct credit_state credit;
    struct group_screen screen;
    struct beats_evidence evidence;
    /* out */
    struct delivery_mark mark;
    struct beats_answer *answer;
};

void beats_answer_release(struct beats_answer *answer)
{
    spans_release(&answer->credited);
}

static void write_reasons(unsigned flags, struct text *text)
{
    for (size_t i = 0; credit_flag_names[i]; i++)
        if (flags & 1u << i)
            text_printf(text, "%s%s", text->length > 0 ? " " : "", credit_flag_names[i]);
}

/* What was not told is null. */
static const int64_t *told(const int64_t *value)
{
    return *value >= 0 ? value : NULL;
}

static bool insert_heartbeat(struct db_connection *connection, struct taking *taking,
    const struct contact *contact, const struct beat *beat, const struct credit_result *result,
    unsigned flags, struct problem *problem)
{
    struct text reasons;
    text_init(&reasons, REASONS_BYTES_MAX);
    text_append_string(&reasons, "");
    write_reasons(flags, &reasons);
    beats_evidence_add(&taking->evidence, beat, result, reasons.bytes);
    int64_t credited_ms = credit_result_total(result);
    int64_t visible = beat->visible;
    int64_t muted = beat->muted;
    bool good = db_exec(connection, NULL, problem, insert_heartbeat_sql, "iitiiiIIIttIit",
        taking->heartbeat_id++, contact->now_ms, contact->session.id, beat->seq, beat->from_ms,
        beat->to_ms, told(&beat->rate_percent), told(&visible), told(&muted),
        beat->rendition[0] ? beat->rendition : NULL, beat->language[0] ? beat->language : NULL,
        told(&beat->client_at_ms), credited_ms, reasons.bytes);
    text_release(&reasons);
    return good;
}

static bool close_interval(struct db_connection *connection, struct taking *taking,
    struct contact *contact, struct problem *problem)
{
    struct viewing_row *viewing = &contact->viewing;
    struct span span = taking->open.span;
    if (span.from == span.to)
        return true;
    int64_t id = taking->interval_id++;
    if (!db_exec(connection, NULL, problem, insert_interval_sql, "iittitiiitI", id, contact->now_ms,
            viewing->participant_id, viewing->lecture_id, viewing->version, contact->session.id,
            taking->open.seq, span.from, span.to, taking->open.reason,
            viewing->last_interval_id > 0 ? &viewing->last_interval_id : NULL))
        return false;
    viewing->last_interval_id = id;
    taking->open.span = (struct span){ 0 };
    return true;
}

/* What the beats of a batch credit in a row is one interval. */
static bool add_intervals(struct db_connection *connection, struct taking *taking,
    struct contact *contact, int64_t seq, const struct spans *added, const char *reason,
    struct problem *problem)
{
    for (size_t i = 0; i < added->count; i++) {
        struct span span = added->items[i], *open = &taking->open.span;
        if (open->to == span.from && open->from < open->to && taking->open.reason == reason) {
            open->to = span.to;
            continue;
        }
        if (!close_interval(connection, taking, contact, problem))
            return false;
        taking->open.span = span;
        taking->open.seq = seq;
        taking->open.reason = reason;
    }
    return true;
}

/* To resume where the person is: the newest beat of the device that plays now.  A journal that
 * comes late from elsewhere moves nothing. */
static void follow_position(struct contact *contact, const struct beat *beat)
{
    const struct spans *received = &contact->received_seqs;
    bool newest = beat->seq == received->items[received->count - 1].to - 1;
    if (!newest || !contact->lease_held || beat->malformed)
        return;
    int64_t position_ms = beat->to_ms < contact->duration_ms ? beat->to_ms : contact->duration_ms;
    contact->viewing.position_ms = position_ms > 0 ? position_ms : 0;
}

static bool take_new_beat(struct db_connection *connection, struct taking *taking,
    struct contact *contact, const struct beat *beat, unsigned *ret_flags, struct problem *problem)
{
    struct credit_result result;
    if (!contact_charge(contact, 1, problem))
        return false;
    if (!group_screen_show(&taking->screen, beat, problem)
        || !credit_beat(&taking->credit, beat, &result, problem))
        return false;
    unsigned flags = result.flags | (contact->lease_held ? 0 : (unsigned)FLAG_LEASE);
    contact->server_gap_credited_ms += spans_total(&result.added_by_gap);
    contact_spend_offline(contact, spans_total(&result.added_offline));
    viewing_row_count_flags(&contact->viewing, flags);
    follow_position(contact, beat);
    bool good = insert_heartbeat(connection, taking, contact, beat, &result, flags, problem)
                && add_intervals(connection, taking, contact, beat->seq, &result.added,
                    reason_delivered, problem)
                && add_intervals(connection, taking, contact, beat->seq, &result.added_by_gap,
                    reason_server_gap, problem)
                && add_intervals(connection, taking, contact, beat->seq, &result.added_offline,
                    reason_offline, problem);
    credit_result_release(&result);
    *ret_flags = flags;
    return good;
}

static void flag_beat(struct taking *taking, const struct beat *beat, unsigned flags)
{
    struct beats_answer *answer = taking->answer;
    if (flags == 0)
        return;
    answer->flagged[answer->flagged_count].place = (size_t)(beat - taking->first);
    answer->flagged[answer->flagged_count].seq = beat->seq;
    answer->flagged[answer->flagged_count++].flags = flags;
}

static bool take_beat(struct db_connection *connection, struct taking *taking,
    struct contact *contact, const struct beat *beat, struct problem *problem)
{
    unsigned flags = 0;
    struct problem full = { 0 };
    if (beat->seq < 0)
        flags = FLAG_MALFORMED;
    else if (spans_contain(&contact->received_seqs, beat->seq, beat->seq + 1))
        flags = FLAG_DUPLICATE;
    else if (!spans_add(&contact->received_seqs, beat->seq, beat->seq + 1, 0, &full))
        flags = FLAG_SCATTERED; /* as if it had not come */
    else if (!take_new_beat(connection, taking, contact, beat, &flags, problem))
        return false;
    flag_beat(taking, beat, flags);
    return true;
}

/* The sums are lent to the crediting and come back. */
static void lend_sums(struct taking *taking, struct contact *contact)
{
    struct viewing_row *viewing = &contact->viewing;
    int64_t gap_left_ms = contact->server_gap_allowed_ms - contact->server_gap_credited_ms;
    const struct completion_rule *rule = &contact->rule;
    taking->credit = (struct credit_state){ .duration_ms = contact->duration_ms,
        .policy = { .hidden_withheld = !rule->hidden_counts,
            .muted_withheld = !rule->muted_counts,
            .in_order = rule->in_order,
            .rate_cap_percent = rule->rate_cap_percent,
            .watched_too = &contact->carried },
        .credited = viewing->credited,
        .delivered = viewing->delivered,
        .claimed = viewing->claimed,
        .budget_ms = contact_budget(contact),
        .server_gap_left_ms = gap_left_ms > 0 ? gap_left_ms : 0,
        .offline_left_ms = contact->offline_left_ms,
        .offline_held = !contact->rule.offline_counts,
        .taken_over = contact->lease_busy };
    viewing->credited = viewing->delivered = viewing->claimed = (struct spans){ 0 };
    memcpy(taking->credit.withheld, viewing->withheld, sizeof viewing->withheld);
    memset(viewing->withheld, 0, sizeof viewing->withheld);
}

static void return_sums(struct taking *taking, struct contact *contact)
{
    contact->viewing.credited = taking->credit.credited;
    contact->viewing.delivered = taking->credit.delivered;
    contact->viewing.claimed = taking->credit.claimed;
    memcpy(contact->viewing.withheld, taking->credit.withheld, sizeof taking->credit.withheld);
    contact->budget_ms -= contact_budget(contact) - taking->credit.budget_ms;
    taking->credit = (struct credit_state){ 0 };
}

static bool take_all(struct db_connection *connection, struct taking *taking,
    struct contact *contact, struct problem *problem)
{
    bool good = group_screen_begin(connection, contact, &taking->screen, problem);
    if (taking->beat_count > 0) {
        taking->heartbeat_id = db_next_key(connection, "heartbeat");
        taking->interval_id = db_next_key(connection, "watch_interval");
        taking->open.span = (struct span){ 0 };
    }
    beats_evidence_init(&taking->evidence);
    lend_sums(taking, contact);
    for (size_t i = 0; good && i < taking->beat_count; i++)
        good = take_beat(connection, taking, contact, taking->beats[i].beat, problem);
    good = good && close_interval(connection, taking, contact, problem);
    return_sums(taking, contact);
    good = good && beats_evidence_append(connection, &taking->evidence, contact, problem)
           && group_screen_end(connection, contact, &taking->screen, problem);
    beats_evidence_release(&taking->evidence);
    group_screen_release(&taking->screen);
    return good;
}

/* Sticky: asked only while there is none. */
static bool complete_by_rule(struct db_connection *connection, const struct contact *contact,
    struct beats_answer *answer, struct problem *problem)
{
    const struct viewing_row *viewing = &contact->viewing;
    struct db_rows *rows
        = db_query(connection, completion_sql, "tt", viewing->participant_id, viewing->lecture_id);
    answer->completed = db_next(rows);
    answer->completed_at_ms = answer->completed ? db_int(rows, 0) : 0;
    if (!db_end(rows, problem))
        return false;
    if (answer->completed
        || !completion_reached(&contact->rule, &answer->credited, contact->needed_ms,
            viewing->real_ms + contact->carried_real_ms))
        return true;
    answer->completed = true;
    answer->completed_at_ms = contact->now_ms;
    const struct completion completion = { .participant_id = viewing->participant_id,
        .lecture_id = viewing->lecture_id,
        .at_ms = contact->now_ms,
        .rule_version = contact->rule.version,
        .credited_ms = spans_total(&answer->credited),
        .duration_ms = contact->duration_ms,
        .by_group = contact->by_group };
    return completion_add(connection, &completion, problem);
}

/* What the person is told: the rule's word, unless an organizer has decided. */
static bool complete(struct db_connection *connection, const struct contact *contact,
    struct beats_answer *answer, struct problem *problem)
{
    enum verdict verdict;
    int64_t decided_at_ms;
    if (!complete_by_rule(connection, contact, answer, problem)
        || !decision_standing(connection, contact->viewing.participant_id,
            contact->viewing.lecture_id, &verdict, &decided_at_ms, problem))
        return false;
    if (verdict == VERDICT_ACCEPTED && !answer->completed)
        answer->completed_at_ms = decided_at_ms;
    if (verdict != VERDICT_NONE)
        answer->completed = verdict == VERDICT_ACCEPTED;
    return true;
}

static void fill_answer(const struct contact *contact, struct beats_answer *answer)
{
    const struct spans *received = &contact->received_seqs;
    bool from_first = received->count > 0 && received->items[0].from == 0;
    answer->acknowledged_seq = from_first ? received->items[0].to - 1 : -1;
    contact_union(contact, &answer->credited);
    answer->duration_ms = contact->duration_ms;
    answer->lease_held = contact->lease_held;
}

static bool take(struct db_connection *connection, void *data, struct problem *problem)
{
    struct taking *taking = data;
    struct beats_answer *answer = taking->answer;
    /* It may run again: begin with an empty answer. */
    beats_answer_release(answer);
    memset(answer, 0, sizeof *answer);
    if (taking->log && !delivery_log_write(taking->log, connection, &taking->mark, problem))
        return false;
    struct contact contact;
    bool good = contact_open(
        connection, taking->settings, taking->caller, taking->play_session_id, &contact, problem);
    if (good && taking->granted_at_ms > 0)
        contact_grant(&contact, taking->granted_at_ms);
    good = good && take_all(connection, taking, &contact, problem);
    if (good) {
        fill_answer(&contact, answer);
        good = complete(connection, &contact, answer, problem)
               && contact_save(connection, &contact, problem);
    }
    contact_release(&contact);
    return good;
}

static int compare_seqs(const void *left, const void *right)
{
    const struct beat *first = ((const struct place *)left)->beat;
    const struct beat *second = ((const struct place *)right)->beat;
    if (first->seq != second->seq)
        return first->seq < second->seq ? -1 : 1;
    return first < second ? -1 : 1; /* of two of one number, the one that stands first */
}

bool play_take_beats(struct db *db, struct delivery_log *log, const struct settings *settings,
    const struct caller *caller, const char *play_session_id, const struct beat *beats,
    size_t beat_count, int64_t granted_at_ms, struct beats_answer *ret_answer,
    struct problem *problem)
{
    if (beat_count > BEATS_MAX)
        return problem_set_field(problem, "beats", "at most %d beats", BEATS_MAX);
    struct beats_answer answer = { 0 };
    struct taking taking = { .log = log,
        .settings = settings,
        .caller = caller,
        .play_session_id = play_session_id,
        .first = beats,
        .beats = memory_zeroed(beat_count, sizeof *taking.beats),
        .beat_count = beat_count,
        .granted_at_ms = granted_at_ms,
        .answer = &answer };
    for (size_t i = 0; i < beat_count; i++)
        taking.beats[i].beat = &beats[i];
    if (beat_count > 1)
        qsort(taking.beats, beat_count, sizeof *taking.beats, compare_seqs);
    bool durable = db_write(db, take, &taking, problem);
    free(taking.beats);
    if (durable && log)
        delivery_log_release(log, &taking.mark);
    if (durable)
        *ret_answer = answer;
    else
        beats_answer_release(&answer);
    return durable;
}
