#include "viewing/play.h"

#include "base/clock.h"
#include "viewing/contact.h"

#include <stdio.h>

// clang-format off
static const char begin_sql[] =
    "INSERT INTO play_session (id, participant_id, lecture_id, version, session_id, started_at_ms,"
    "  last_contact_at_ms, received_seqs, server_gap_allowed_ms, server_gap_credited_ms, network, device)"
    " SELECT $1, $2, lecture_id, version, $5, $6, $6, '[]', 0, 0, $7, $8"
    "  FROM lecture_version"
    " WHERE lecture_id = $3 AND version = $4";
static const char take_lease_sql[] =
    "INSERT INTO playback_lease (participant_id, play_session_id, session_id, taken_at_ms)"
    " VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (participant_id) DO UPDATE"
    "   SET play_session_id = excluded.play_session_id, session_id = excluded.session_id,"
    "       taken_at_ms = CASE WHEN playback_lease.session_id = excluded.session_id"
    "                          THEN playback_lease.taken_at_ms ELSE excluded.taken_at_ms END";
/* Of another device that plays. */
static const char takeover_sql[] =
    "INSERT INTO lease_takeover (id, participant_id, at_ms)"
    " SELECT $1, playback_lease.participant_id, $4"
    "   FROM playback_lease"
    "   JOIN play_session ON play_session.id = playback_lease.play_session_id"
    "  WHERE playback_lease.participant_id = $2 AND playback_lease.session_id <> $3"
    "    AND play_session.last_contact_at_ms > $5";
// clang-format on

struct playing {
    const struct settings *settings;
    const struct caller *caller;
    const struct play_place *place;
    struct play_session session; /* begin: given but for the lecture; renew: found */
};

static bool take_lease(struct db_connection *connection, const struct playing *playing,
    int64_t now_ms, struct problem *problem)
{
    return db_exec(connection, NULL, problem, take_lease_sql, "ttti",
        playing->caller->participant_id, playing->session.id, playing->caller->session_id, now_ms);
}

static bool note_takeover(struct db_connection *connection, const struct playing *playing,
    int64_t now_ms, struct problem *problem)
{
    return db_exec(connection, NULL, problem, takeover_sql, "ittii",
        db_next_key(connection, "lease_takeover"), playing->caller->participant_id,
        playing->caller->session_id, now_ms, now_ms - playing->settings->play_session_idle_ms);
}

static bool begin(struct db_connection *connection, void *data, struct problem *problem)
{
    struct playing *playing = data;
    struct play_session *session = &playing->session;
    int64_t inserted = 0;
    int64_t now_ms = session->at_ms = clock_now_ms();
    const struct play_place *place = playing->place;
    if (!db_exec(connection, &inserted, problem, begin_sql, "tttititt", session->id,
            playing->caller->participant_id, session->lecture_id, session->version,
            playing->caller->session_id, now_ms, place ? place->network : NULL,
            place ? place->device : NULL))
        return false;
    if (inserted != 1)
        return problem_set(problem, PROBLEM_NOT_FOUND, "lecture '%s' has no version %lld",
            session->lecture_id, (long long)session->version);
    if (!note_takeover(connection, playing, now_ms, problem)
        || !take_lease(connection, playing, now_ms, problem))
        return false;
    struct contact contact;
    bool good = contact_open(
                    connection, playing->settings, playing->caller, session->id, &contact, problem)
                && contact_charge(&contact, PLAY_RECORDS, problem)
                && contact_save(connection, &contact, problem);
    contact_release(&contact);
    return good;
}

bool play_begin(struct db *db, const struct settings *settings, const struct caller *caller,
    const struct play_place *place, const char *lecture_id, int64_t version,
    struct play_session *ret_session, struct problem *problem)
{
    if (caller->role != CALLER_PARTICIPANT)
        return problem_set(problem, PROBLEM_FORBIDDEN, "only participants have play sessions");
    struct playing playing = { .settings = settings, .caller = caller, .place = place };
    playing.session.version = version;
    secure_make_uuid(playing.session.id);
    (void)snprintf(playing.session.lecture_id, sizeof playing.session.lecture_id, "%s", lecture_id);
    if (!db_write(db, begin, &playing, problem))
        return false;
    *ret_session = playing.session;
    return true;
}

static bool renew(struct db_connection *connection, void *data, struct problem *problem)
{
    struct playing *playing = data;
    struct contact contact;
    bool good = contact_open(
        connection, playing->settings, playing->caller, playing->session.id, &contact, problem);
    if (good && contact.lease_busy)
        good = problem_set(problem, PROBLEM_LEASE_TAKEN, "another device plays now");
    good = good && take_lease(connection, playing, contact.now_ms, problem)
           && contact_save(connection, &contact, problem);
    if (good)
        playing->session = contact.session;
    contact_release(&contact);
    return good;
}

bool play_renew(struct db *db, const struct settings *settings, const struct caller *caller,
    const char *play_session_id, struct play_session *ret_session, struct problem *problem)
{
    struct playing playing = { .settings = settings, .caller = caller };
    (void)snprintf(playing.session.id, sizeof playing.session.id, "%s", play_session_id);
    if (!db_write(db, renew, &playing, problem))
        return false;
    *ret_session = playing.session;
    return true;
}
