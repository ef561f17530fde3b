#include "viewing/contact.h"

#include "base/clock.h"
#include "viewing/rule.h"
#include "viewing/timeline.h"

#include <stdio.h>

// clang-format off
/* The person's budget and who plays now stand in the same row: it is read with every batch. */
static const char session_sql[] =
    "SELECT play_session.lecture_id, play_session.version, play_session.last_contact_at_ms,"
    "       play_session.received_seqs, play_session.server_gap_allowed_ms,"
    "       play_session.server_gap_credited_ms, lecture_version.duration_ms,"
    "       lecture_version.trailing_silence_ms, play_session.offline_credited_ms,"
    "       credit_budget.last_contact_at_ms, credit_budget.budget_ms, credit_budget.records_left,"
    "       credit_budget.counted, playback_lease.play_session_id, playback_lease.session_id,"
    "       playing.last_contact_at_ms, playback_lease.taken_at_ms, viewing_group.id,"
    "       viewing_group.last_at_ms, viewing_group.budget_ms,"
    "       EXISTS (SELECT 1 FROM viewing_group_credit"
    "                WHERE viewing_group_credit.participant_id = play_session.participant_id)"
    "  FROM play_session"
    "  JOIN lecture_version ON lecture_version.lecture_id = play_session.lecture_id"
    "   AND lecture_version.version = play_session.version"
    "  LEFT JOIN credit_budget ON credit_budget.participant_id = play_session.participant_id"
    "  LEFT JOIN playback_lease ON playback_lease.participant_id = play_session.participant_id"
    "  LEFT JOIN play_session AS playing ON playing.id = playback_lease.play_session_id"
    "  LEFT JOIN viewing_group ON viewing_group.session_id = play_session.session_id"
    "   AND viewing_group.closed_at_ms IS NULL"
    " WHERE play_session.id = $1 AND play_session.participant_id = $2"
    "   AND NOT EXISTS (SELECT 1 FROM erasure WHERE erasure.participant_id = play_session.participant_id)";
/* Devices that began later than this one, and play. */
static const char newer_devices_sql[] =
    "SELECT COUNT(DISTINCT session_id) FROM play_session"
    " WHERE participant_id = $1 AND session_id <> $2 AND last_contact_at_ms > $3"
    "   AND started_at_ms > (SELECT MAX(own.started_at_ms) FROM play_session AS own"
    "                         WHERE own.participant_id = $1 AND own.session_id = $2)";
/* A crash since the last contact, while the play session was open. */
static const char gap_sql[] =
    "SELECT id FROM server_gap WHERE to_ms > $1 AND from_ms < $2 LIMIT 1";
static const char other_versions_sql[] =
    "SELECT version, credited, real_ms, position_ms FROM viewing"
    " WHERE participant_id = $1 AND lecture_id = $2 AND version <> $3"
    " ORDER BY last_at_ms";
static const char groups_sql[] =
    "SELECT lecture_id, version, credited, real_ms, counted FROM viewing_group_credit"
    " WHERE participant_id = $1 AND counted <> '[]'";
static const char save_budget_sql[] =
    "INSERT INTO credit_budget (participant_id, budget_ms, last_contact_at_ms, records_left, counted)"
    " VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT (participant_id) DO UPDATE"
    "   SET budget_ms = excluded.budget_ms, last_contact_at_ms = excluded.last_contact_at_ms,"
    "       records_left = excluded.records_left, counted = excluded.counted";
static const char save_session_sql[] =
    "UPDATE play_session"
    "   SET last_contact_at_ms = $2, received_seqs = $3, server_gap_allowed_ms = $4,"
    "       server_gap_credited_ms = $5, offline_credited_ms = $6"
    " WHERE id = $1";
// clang-format on

static int64_t least(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

/* Columns 9 to 12 of session_sql; a person's first play session finds none. */
static bool take_budget(struct db_rows *rows, struct contact *contact, struct problem *problem)
{
    const struct settings *settings = contact->settings;
    contact->budget_ms = BUDGET_START_MS;
    contact->records_left = settings->viewing_records_max;
    if (db_is_null(rows, 9))
        return true;
    int64_t last_contact_ms = db_int(rows, 9);
    int64_t since_ms = contact->now_ms - last_contact_ms;
    contact->budget_ms = credit_budget_grow(
        db_int(rows, 10), since_ms, settings->play_session_idle_ms, contact->rule.rate_cap_percent);
    contact->records_left
        = least(contact->records_left, db_int(rows, 11) + since_ms * RECORDS_PER_SECOND / 1000);
    if (!spans_read(db_text(rows, 12), &contact->counted, problem))
        return false;
    counted_time_add(&contact->counted, last_contact_ms,
        least(contact->now_ms, last_contact_ms + settings->play_session_idle_ms));
    return true;
}

/* Columns 13 to 16. */
static void take_lease(struct db_rows *rows, struct contact *contact, int64_t last_contact_ms)
{
    if (db_is_null(rows, 13))
        return;
    contact->lease_held = text_equal(db_text(rows, 13), contact->session.id)
                          || text_equal(db_text(rows, 14), contact->caller->session_id);
    int64_t ends_at_ms = db_int(rows, 15) + contact->settings->play_session_idle_ms;
    contact->lease_busy = !contact->lease_held && contact->now_ms < ends_at_ms;
    contact->taken_at_ms = db_int(rows, 16);
    int64_t before_ms = contact->taken_at_ms - last_contact_ms;
    contact->before_ms = before_ms > 0 ? before_ms : 0;
}

/* Columns 17 to 19. */
static void take_group(struct db_rows *rows, struct contact *contact)
{
    if (db_is_null(rows, 17))
        return;
    (void)snprintf(contact->group.id, UUID_TEXT_SIZE, "%s", db_text(rows, 17));
    contact->group.last_at_ms = db_int(rows, 18);
    contact->group.budget_ms = db_int(rows, 19);
}

/* Where several devices may play, the newest ones hold the lease together. */
static bool share_lease(
    struct db_connection *connection, struct contact *contact, struct problem *problem)
{
    const struct settings *settings = contact->settings;
    if (!contact->lease_busy || settings->devices_at_once_max == 1)
        return true;
    struct db_rows *rows
        = db_query(connection, newer_devices_sql, "tti", contact->caller->participant_id,
            contact->caller->session_id, contact->now_ms - settings->play_session_idle_ms);
    if (db_next(rows) && db_int(rows, 0) < settings->devices_at_once_max) {
        contact->lease_held = true;
        contact->lease_busy = false;
    }
    return db_end(rows, problem);
}

int64_t contact_budget(const struct contact *contact)
{
    if (!contact->lease_busy)
        return contact->budget_ms;
    return least(contact->budget_ms,
        credit_budget_grow(0, contact->before_ms, contact->settings->play_session_idle_ms,
            contact->rule.rate_cap_percent));
}

/* What read_session() found beside the contact itself. */
struct found {
    int64_t last_contact_ms;        /* of the play session */
    int64_t person_last_contact_ms; /* of any of theirs; 0: none */
    bool in_groups;                 /* there is something on record for them */
};

static bool read_session(struct db_connection *connection, struct contact *contact,
    const char *play_session_id, struct found *ret_found, struct problem *problem)
{
    struct db_rows *rows
        = db_query(connection, session_sql, "tt", play_session_id, contact->caller->participant_id);
    bool found = db_next(rows);
    bool good = true;
    if (found) {
        struct play_session *session = &contact->session;
        (void)snprintf(session->id, sizeof session->id, "%s", play_session_id);
        (void)snprintf(session->lecture_id, sizeof session->lecture_id, "%s", db_text(rows, 0));
        session->version = db_int(rows, 1);
        *ret_found = (struct found){ .last_contact_ms = db_int(rows, 2),
            .person_last_contact_ms = db_is_null(rows, 9) ? 0 : db_int(rows, 9),
            .in_groups = db_int(rows, 20) != 0 };
        contact->server_gap_allowed_ms = db_int(rows, 4);
        contact->server_gap_credited_ms = db_int(rows, 5);
        contact->duration_ms = db_int(rows, 6);
        contact->needed_ms = contact->rule.silence_left_out
                                 ? completion_needed_ms(contact->duration_ms, db_int(rows, 7))
                                 : contact->duration_ms;
        contact->offline_credited_ms = db_int(rows, 8);
        take_lease(rows, contact, ret_found->last_contact_ms);
        take_group(rows, contact);
        good = spans_read(db_text(rows, 3), &contact->received_seqs, problem)
               && take_budget(rows, contact, problem);
    }
    if (!db_end(rows, problem) || !good)
        return false;
    return found
           || problem_set(problem, PROBLEM_PLAY_SESSION_UNKNOWN,
               "this participant has no play session '%.40s'", play_session_id);
}

/* The last contact is still that before the crash here, so this is the moment to look. */
static bool allow_for_crash(struct db_connection *connection, struct contact *contact,
    int64_t last_contact_ms, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, gap_sql, "ii", last_contact_ms,
        last_contact_ms + contact->settings->play_session_idle_ms);
    if (db_next(rows))
        contact->server_gap_allowed_ms = contact->settings->server_gap_credit_ms;
    return db_end(rows, problem);
}

static bool read_rule(
    struct db_connection *connection, struct contact *contact, struct problem *problem)
{
    return rule_of_participant(
        connection, contact->settings, contact->caller->participant_id, &contact->rule, problem);
}

void contact_grant(struct contact *contact, int64_t granted_at_ms)
{
    const struct settings *settings = contact->settings;
    int64_t return_ms = settings->offline_return_days * 24 * 3600 * 1000;
    if (granted_at_ms > contact->now_ms || contact->now_ms - granted_at_ms > return_ms)
        return;
    int64_t until_ms
        = contact->lease_busy ? least(contact->now_ms, contact->taken_at_ms) : contact->now_ms;
    if (until_ms <= granted_at_ms)
        return;
    contact->offline = offline_window(granted_at_ms, until_ms, settings->offline_ms_max);
    struct spans counted;
    spans_copy(&contact->counted, &counted);
    spans_add_all(&counted, &contact->elsewhere);
    int64_t payable_ms
        = offline_time_left_ms(&counted, contact->offline) * contact->rule.rate_cap_percent / 100;
    spans_release(&counted);
    /* Of its own lecture, once. */
    int64_t lecture_left_ms = contact->duration_ms - contact->offline_credited_ms;
    contact->offline_left_ms = payable_ms < lecture_left_ms ? payable_ms : lecture_left_ms;
    if (contact->offline_left_ms < 0)
        contact->offline_left_ms = 0;
}

void contact_spend_offline(struct contact *contact, int64_t content_ms)
{
    if (content_ms == 0)
        return;
    int64_t cap_percent = contact->rule.rate_cap_percent;
    int64_t time_ms = (content_ms * 100 + cap_percent - 1) / cap_percent;
    offline_time_take(&contact->counted, &contact->elsewhere, contact->offline, time_ms);
    contact->offline_credited_ms += content_ms;
    contact->viewing.real_ms += time_ms;
}

static bool read_viewing(
    struct db_connection *connection, struct contact *contact, struct problem *problem)
{
    struct viewing_row *viewing = &contact->viewing;
    viewing->participant_id = contact->caller->participant_id;
    viewing->lecture_id = contact->session.lecture_id;
    viewing->version = contact->session.version;
    if (!viewing_row_read(connection, viewing, problem))
        return false;
    /* Real time is a budget at real speed. */
    if (viewing->last_at_ms > 0)
        viewing->real_ms = credit_budget_grow(viewing->real_ms,
            contact->now_ms - viewing->last_at_ms, contact->settings->play_session_idle_ms, 100);
    else
        viewing->first_at_ms = contact->now_ms;
    viewing->last_at_ms = contact->now_ms;
    return true;
}

static bool carry_row(struct contact *contact, struct db_rows *rows,
    const struct timelines *timelines, struct problem *problem)
{
    struct spans credited, carried;
    if (!spans_read(db_text(rows, 1), &credited, problem))
        return false;
    timelines_carry(timelines, contact->session.lecture_id, db_int(rows, 0),
        contact->session.version, &credited, &carried);
    if (carried.count > 0)
        contact->carried_real_ms += db_int(rows, 2);
    /* Who comes to this version for the first time goes on where they were last. */
    if (!contact->viewing.stored)
        contact->viewing.position_ms
            = timelines_carry_moment(timelines, contact->session.lecture_id, db_int(rows, 0),
                contact->session.version, db_int(rows, 3));
    spans_add_all(&contact->carried, &carried);
    spans_release(&credited);
    spans_release(&carried);
    return true;
}

static bool read_other_versions(
    struct db_connection *connection, struct contact *contact, struct problem *problem)
{
    struct timelines timelines;
    bool any = false, good = true;
    struct db_rows *rows = db_query(connection, other_versions_sql, "tti",
        contact->caller->participant_id, contact->session.lecture_id, contact->session.version);
    while (good && db_next(rows)) {
        /* Few have watched another version: only they need what leads from it to this one. */
        good = any || timelines_read(connection, contact->session.lecture_id, &timelines, problem);
        any = any || good;
        good = good && carry_row(contact, rows, &timelines, problem);
    }
    if (any)
        timelines_release(&timelines);
    return db_end(rows, problem) && good;
}

static bool carry_group(struct contact *contact, struct db_rows *rows,
    const struct timelines *timelines, struct problem *problem)
{
    struct spans counted, credited, carried;
    if (!spans_read(db_text(rows, 4), &counted, problem))
        return false;
    spans_add_all(&contact->elsewhere, &counted);
    spans_release(&counted);
    if (!text_equal(db_text(rows, 0), contact->session.lecture_id))
        return true;
    if (!spans_read(db_text(rows, 2), &credited, problem))
        return false;
    timelines_carry(timelines, contact->session.lecture_id, db_int(rows, 1),
        contact->session.version, &credited, &carried);
    contact->by_group = contact->by_group || carried.count > 0;
    contact->carried_real_ms += carried.count > 0 ? db_int(rows, 3) : 0;
    spans_add_all(&contact->carried, &carried);
    spans_release(&credited);
    spans_release(&carried);
    return true;
}

/* One clock a person: time that counted in a group does not grow their budget too. */
static void leave_out_elsewhere(struct contact *contact, int64_t last_contact_ms)
{
    struct spans twice;
    int64_t until_ms
        = least(contact->now_ms, last_contact_ms + contact->settings->play_session_idle_ms);
    spans_intersect(&contact->elsewhere, last_contact_ms, until_ms, &twice);
    contact->budget_ms -= spans_total(&twice) * contact->rule.rate_cap_percent / 100;
    spans_release(&twice);
}

static bool read_groups(struct db_connection *connection, struct contact *contact,
    const struct found *found, struct problem *problem)
{
    struct timelines timelines;
    if (!found->in_groups)
        return true;
    if (!timelines_read(connection, contact->session.lecture_id, &timelines, problem))
        return false;
    bool good = true;
    struct db_rows *rows = db_query(connection, groups_sql, "t", contact->caller->participant_id);
    while (good && db_next(rows))
        good = carry_group(contact, rows, &timelines, problem);
    timelines_release(&timelines);
    good = db_end(rows, problem) && good;
    if (good && found->person_last_contact_ms > 0)
        leave_out_elsewhere(contact, found->person_last_contact_ms);
    return good;
}

void contact_union(const struct contact *contact, struct spans *ret_union)
{
    spans_copy(&contact->viewing.credited, ret_union);
    spans_add_all(ret_union, &contact->carried);
}

bool contact_open(struct db_connection *connection, const struct settings *settings,
    const struct caller *caller, const char *play_session_id, struct contact *ret_contact,
    struct problem *problem)
{
    struct found found = { 0 };
    *ret_contact
        = (struct contact){ .settings = settings, .caller = caller, .now_ms = clock_now_ms() };
    return read_rule(connection, ret_contact, problem)
           && read_session(connection, ret_contact, play_session_id, &found, problem)
           && share_lease(connection, ret_contact, problem)
           && allow_for_crash(connection, ret_contact, found.last_contact_ms, problem)
           && read_viewing(connection, ret_contact, problem)
           && read_other_versions(connection, ret_contact, problem)
           && read_groups(connection, ret_contact, &found, problem);
}

bool contact_charge(struct contact *contact, int64_t records, struct problem *problem)
{
    if (records > contact->records_left)
        return problem_set(problem, PROBLEM_TOO_MANY_REQUESTS,
            "this participant causes more than viewing-records-max records");
    contact->records_left -= records;
    return true;
}

bool contact_save(
    struct db_connection *connection, const struct contact *contact, struct problem *problem)
{
    struct text seqs, counted;
    text_init(&seqs, SPANS_TEXT_MAX);
    text_init(&counted, SPANS_TEXT_MAX);
    spans_write(&contact->received_seqs, &seqs);
    spans_write(&contact->counted, &counted);
    bool good = db_exec(connection, NULL, problem, save_session_sql, "titiii", contact->session.id,
                    contact->now_ms, seqs.bytes, contact->server_gap_allowed_ms,
                    contact->server_gap_credited_ms, contact->offline_credited_ms)
                && db_exec(connection, NULL, problem, save_budget_sql, "tiiit",
                    contact->caller->participant_id, contact->budget_ms, contact->now_ms,
                    contact->records_left, counted.bytes)
                && viewing_row_write(connection, &contact->viewing, problem);
    text_release(&seqs);
    text_release(&counted);
    return good;
}

void contact_release(struct contact *contact)
{
    spans_release(&contact->received_seqs);
    spans_release(&contact->counted);
    spans_release(&contact->elsewhere);
    viewing_row_release(&contact->viewing);
    spans_release(&contact->carried);
}
