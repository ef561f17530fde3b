/* Playing: the lease, the media cookie, and the player's heartbeats. */
#include "access/device_kind.h"
#include "access/media_token.h"
#include "api/access_line.h"
#include "api/handlers.h"
#include "api/request.h"
#include "base/clock.h"
#include "viewing/completion.h"
#include "viewing/play.h"

#include <stdio.h>
#include <string.h>

static void send_media_cookie(struct api_request *request, const char *token)
{
    char cookie[MEDIA_SET_COOKIE_SIZE];
    media_token_set_cookie(request->application->tokens, token, cookie);
    exchange_add_field(request->exchange, "Set-Cookie", cookie);
}

/* The lecture's current version, if this caller may watch it now. */
static bool find_watchable(const struct api_request *request, const char *lecture_id,
    const struct media_claims *claims, int64_t *ret_version, struct problem *problem)
{
    struct library *library = request->application->library;
    int64_t version = library_current_version(library, lecture_id);
    struct media_version *media = library_find(library, claims, lecture_id, version, problem);
    if (!media)
        return false;
    media_version_release(media);
    *ret_version = version;
    return true;
}

/* The address is cut before anything keeps it. */
static struct play_place place_of(const struct exchange *exchange)
{
    struct play_place place = { .device = device_kind(exchange_field(exchange, "user-agent")) };
    char network[ACCESS_PEER_SIZE];
    access_mask_peer(exchange->request.peer, ACCESS_ADDRESS_NETWORK, network);
    (void)snprintf(place.network, sizeof place.network, "%s", network);
    return place;
}

static bool begin_or_renew(const struct api_request *request, const char *lecture_id,
    int64_t version, struct play_session *ret_session, struct problem *problem)
{
    struct application *application = request->application;
    const char *renewed_id = NULL;
    if (!json_may_get_line(request->body, "renew", UUID_TEXT_SIZE - 1, &renewed_id, problem))
        return false;
    struct play_place place = place_of(request->exchange);
    if (!renewed_id)
        return play_begin(application->db, application->settings, request->caller, &place,
            lecture_id, version, ret_session, problem);
    if (!play_renew(application->db, application->settings, request->caller, renewed_id,
            ret_session, problem))
        return false;
    return text_equal(ret_session->lecture_id, lecture_id)
           || problem_set(problem, PROBLEM_PLAY_SESSION_UNKNOWN, "it plays another lecture");
}

/* For a play session that begins; one that goes on keeps its own. */
static void sign_grant(const struct api_request *request, const struct play_session *session,
    char ret_grant[OFFLINE_GRANT_SIZE])
{
    ret_grant[0] = '\0';
    if (session->at_ms == 0)
        return;
    struct offline_grant grant = { .at_ms = session->at_ms, .version = session->version };
    memcpy(grant.play_session_id, session->id, UUID_TEXT_SIZE);
    memcpy(grant.participant_id, request->caller->participant_id, UUID_TEXT_SIZE);
    memcpy(grant.lecture_id, session->lecture_id, UUID_TEXT_SIZE);
    offline_grant_sign(request->application->grants, &grant, ret_grant);
}

static int64_t granted_at_ms(
    const struct api_request *request, const char *play_session_id, const char *text)
{
    struct offline_grant grant;
    bool theirs = offline_grant_read(request->application->grants, text, &grant)
                  && text_equal(grant.play_session_id, play_session_id)
                  && text_equal(grant.participant_id, request->caller->participant_id);
    return theirs ? grant.at_ms : 0;
}

static bool play(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    (void)connection;
    struct media_tokens *tokens = request->application->tokens;
    const char *lecture_id;
    char token[MEDIA_TOKEN_SIZE], hls[128], dash[128];
    int64_t expires_at_ms, version;
    struct media_claims claims;
    struct play_session session = { .id = "" };
    if (!api_parameter_id(request, 0, &lecture_id, problem))
        return false;
    media_token_sign(tokens, request->caller, token, &expires_at_ms);
    if (!media_token_verify(tokens, token, clock_now_ms(), &claims, problem)
        || !find_watchable(request, lecture_id, &claims, &version, problem))
        return false;
    if (claims.staff)
        session.version = version;
    else if (!begin_or_renew(request, lecture_id, version, &session, problem))
        return false;
    send_media_cookie(request, token);
    char grant[OFFLINE_GRANT_SIZE];
    sign_grant(request, &session, grant);
    long long played = (long long)session.version;
    (void)snprintf(hls, sizeof hls, "/media/%s/%lld/master.m3u8", lecture_id, played);
    (void)snprintf(dash, sizeof dash, "/media/%s/%lld/manifest.mpd", lecture_id, played);
    /* a preview by staff has no play session: nothing is logged to a participant */
    return api_answer(request,
        json_pack("{s:s?, s:s?, s:s?, s:s, s:s, s:I}", "play_session",
            claims.staff ? NULL : session.id, "participant",
            claims.staff ? NULL : request->caller->participant_id, "grant", grant[0] ? grant : NULL,
            "hls", hls, "dash", dash, "expires_at_ms", (json_int_t)expires_at_ms),
        problem);
}

void playback_play(struct exchange *exchange)
{
    api_call(exchange, play);
}

/* "flags": one entry a beat and reason.  A beat without a number is named by its place alone. */
static json_t *flags_json(const struct beats_answer *answer)
{
    json_t *flags = json_array();
    for (size_t i = 0; i < answer->flagged_count; i++) {
        json_int_t seq = answer->flagged[i].seq, place = (json_int_t)answer->flagged[i].place;
        for (size_t bit = 0; credit_flag_names[bit]; bit++) {
            const char *reason = credit_flag_names[bit];
            if (answer->flagged[i].flags & 1u << bit)
                (void)json_array_append_new(flags,
                    seq >= 0
                        ? json_pack("{s:I, s:s}", "seq", seq, "reason", reason)
                        : json_pack("{s:n, s:I, s:s}", "seq", "place", place, "reason", reason));
        }
    }
    return flags;
}

static json_t *beats_json(const struct beats_answer *answer)
{
    return json_pack("{s:I, s:o, s:o, s:{s:b}, s:o, s:f}", "acknowledged_seq",
        (json_int_t)answer->acknowledged_seq, "credited", spans_to_json(&answer->credited), "flags",
        flags_json(answer), "lease", "held", answer->lease_held, "completed_at_ms",
        answer->completed ? json_integer(answer->completed_at_ms) : json_null(), "coverage",
        coverage_ratio(&answer->credited, answer->duration_ms));
}

/* A player that only sends heartbeats, paused or playing from its buffer, keeps its media cookie
 * fresh too. */
static void renew_media_cookie(struct api_request *request)
{
    struct media_tokens *tokens = request->application->tokens;
    const char *token = exchange_cookie(request->exchange, MEDIA_TOKEN_COOKIE);
    struct media_claims claims;
    struct problem ignored = { 0 };
    char renewed[MEDIA_TOKEN_SIZE];
    int64_t now_ms = request->exchange->started_ms;
    if (token && media_token_verify(tokens, token, now_ms, &claims, &ignored)
        && media_token_renew(tokens, &claims, now_ms, renewed))
        send_media_cookie(request, renewed);
}

/* Not read by api_call: a beacon comes without a JSON type, and the beats have a strict reader of
 * their own. */
static void take_heartbeats(struct exchange *exchange)
{
    struct api_request *request = exchange->state;
    struct application *application = request->application;
    struct problem *problem = &exchange->problem;
    struct beat *beats = arena_alloc(&exchange->arena, BEATS_MAX * sizeof *beats);
    struct beats_answer *answer = arena_alloc(&exchange->arena, sizeof *answer);
    size_t beat_count;
    const char *play_session_id;
    char grant[OFFLINE_GRANT_SIZE];
    if (!api_parameter_id(request, 0, &play_session_id, problem)
        || !beats_read(exchange->body, exchange->body_bytes, beats, &beat_count, grant, problem)
        || !play_take_beats(application->db, application->delivery_log, application->settings,
            request->caller, play_session_id, beats, beat_count,
            granted_at_ms(request, play_session_id, grant), answer, problem)) {
        exchange_send_problem(exchange, problem);
        return;
    }
    renew_media_cookie(request);
    exchange_send_json(exchange, 200, beats_json(answer));
    beats_answer_release(answer);
}

void playback_take_heartbeats(struct exchange *exchange)
{
    struct api_request *request = arena_alloc(&exchange->arena, sizeof *request);
    api_request_init(request, exchange);
    exchange->state = request;
    exchange_run_blocking(exchange, POOL_STORE, take_heartbeats, NULL);
}
