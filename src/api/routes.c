/*
 * The one table of routes: who may call, how the body comes, how large it may be.  A test holds the
 * OpenAPI document (openapi.json) against it.
 */
#include "access/permission.h"
#include "api/application.h"
#include "api/handlers.h"

#define KIB(n) ((size_t)(n) << 10)
#define API "/api/v1"

enum { CAPTION_BODY_MAX = 1 << 26 }; /* the setting caption-bytes-max is checked by the reader */

// clang-format off
static const struct route routes[] = {
    /* method     path                                              caller             body           body_max   handler */
    { HTTP_POST,   API "/session/invitation",                        NEEDS_NOTHING,     BODY_WHOLE,    KIB(4),    session_open_invitation },
    { HTTP_POST,   API "/session/password",                          NEEDS_NOTHING,     BODY_WHOLE,    KIB(4),    session_open_password },
    { HTTP_DELETE, API "/session",                                   NEEDS_SESSION,     BODY_NONE,     0,         session_end },
    { HTTP_GET,    API "/me",                                        NEEDS_SESSION,     BODY_NONE,     0,         session_show_me },
    { HTTP_GET,    API "/me/record",                                 NEEDS_PARTICIPANT, BODY_NONE,     0,         privacy_my_record },
    { HTTP_GET,    API "/me/evidence",                               NEEDS_PARTICIPANT, BODY_NONE,     0,         evidence_my_proof },
    { HTTP_GET,    API "/me/certificate",                            NEEDS_PARTICIPANT, BODY_NONE,     0,         certificates_mine },
    { HTTP_POST,   API "/me/certificate",                            NEEDS_PARTICIPANT, BODY_WHOLE,    KIB(4),    certificates_take_mine },

    { HTTP_POST,   API "/lectures/{id}/play",                        NEEDS_SESSION,     BODY_WHOLE,    KIB(4),    playback_play },
    { HTTP_POST,   API "/play/{play_session}/heartbeats",            NEEDS_PARTICIPANT, BODY_WHOLE,    KIB(256),  playback_take_heartbeats },
    { HTTP_GET,    API "/group",                                     NEEDS_PARTICIPANT, BODY_NONE,     0,         groups_show },
    { HTTP_POST,   API "/group",                                     NEEDS_PARTICIPANT, BODY_WHOLE,    KIB(4),    groups_open },
    { HTTP_DELETE, API "/group",                                     NEEDS_PARTICIPANT, BODY_NONE,     0,         groups_leave },
    { HTTP_POST,   API "/group/presence",                            NEEDS_PARTICIPANT, BODY_WHOLE,    KIB(4),    groups_join },
    { HTTP_GET,    "/media/{lecture}/{version}/handouts/{id}",       NEEDS_MEDIA_TOKEN, BODY_NONE,     0,         handouts_get },
    { HTTP_GET,    "/media/{lecture}/{version}/{file...}",           NEEDS_MEDIA_TOKEN, BODY_NONE,     0,         media_delivery_get },

    { HTTP_GET,    API "/programs",                                  NEEDS_STAFF,       BODY_NONE,     0,         programs_list },
    { HTTP_POST,   API "/programs",                                  NEEDS_ADMIN,       BODY_WHOLE,    KIB(64),   programs_create },
    { HTTP_GET,    API "/programs/{id}",                             NEEDS_STAFF,       BODY_NONE,     0,         programs_show },
    { HTTP_PUT,    API "/programs/{id}/lectures",                    NEEDS_ADMIN,       BODY_WHOLE,    KIB(64),   programs_put_lectures },
    { HTTP_POST,   API "/programs/{id}/cohorts",                     NEEDS_ADMIN,       BODY_WHOLE,    KIB(64),   programs_create_cohort },
    { HTTP_GET,    API "/providers",                                 NEEDS_STAFF,       BODY_NONE,     0,         providers_list },
    { HTTP_POST,   API "/providers",                                 NEEDS_ADMIN,       BODY_WHOLE,    KIB(64),   providers_create },

    { HTTP_GET,    API "/cohorts/{id}/participants",                 NEEDS_STAFF,       BODY_NONE,     0,         people_list },
    { HTTP_POST,   API "/cohorts/{id}/participants",                 NEEDS_STAFF,       BODY_WHOLE,    KIB(64),   people_create },
    { HTTP_GET,    API "/cohorts/{id}/report",                       NEEDS_STAFF,       BODY_NONE,     0,         people_report },
    { HTTP_GET,    API "/cohorts/{id}/statements",                   NEEDS_STAFF,       BODY_NONE,     0,         statements_get },
    { HTTP_GET,    API "/cohorts/{id}/quality",                      NEEDS_STAFF,       BODY_NONE,     0,         people_quality },
    { HTTP_GET,    API "/cohorts/{id}/rule",                         NEEDS_STAFF,       BODY_NONE,     0,         rules_show },
    { HTTP_PUT,    API "/cohorts/{id}/rule",                         NEEDS_STAFF,       BODY_WHOLE,    KIB(4),    rules_put },
    { HTTP_GET,    API "/cohorts/{id}/groups",                       NEEDS_STAFF,       BODY_NONE,     0,         groups_list },
    { HTTP_POST,   API "/groups/{id}/decision",                      NEEDS_STAFF,       BODY_WHOLE,    KIB(4),    groups_decide },
    { HTTP_DELETE, API "/groups/{id}/decision",                      NEEDS_STAFF,       BODY_NONE,     0,         groups_withdraw },
    { HTTP_POST,   API "/groups/{id}/people",                        NEEDS_STAFF,       BODY_WHOLE,    KIB(4),    groups_add_person },
    { HTTP_DELETE, API "/groups/{id}/people/{participant}",          NEEDS_STAFF,       BODY_NONE,     0,         groups_remove_person },
    { HTTP_POST,   API "/participants/{id}/invitation",              NEEDS_STAFF,       BODY_WHOLE,    KIB(4),    people_issue_invitation },
    { HTTP_DELETE, API "/participants/{id}/invitation",              NEEDS_STAFF,       BODY_NONE,     0,         people_revoke_invitation },
    { HTTP_GET,    API "/participants/{id}/lectures/{lecture}",      NEEDS_STAFF,       BODY_NONE,     0,         people_show_record },
    { HTTP_POST,   API "/participants/{id}/lectures/{lecture}/decision", NEEDS_STAFF,   BODY_WHOLE,    KIB(4),    decisions_make },
    { HTTP_DELETE, API "/participants/{id}/lectures/{lecture}/decision", NEEDS_STAFF,   BODY_NONE,     0,         decisions_withdraw },
    { HTTP_GET,    API "/participants/{id}/record",                  NEEDS_STAFF,       BODY_NONE,     0,         privacy_record },
    { HTTP_GET,    API "/participants/{id}/evidence",                NEEDS_STAFF,       BODY_NONE,     0,         evidence_proof },
    { HTTP_POST,   API "/participants/{id}/erasure",                 NEEDS_ADMIN,       BODY_WHOLE,    KIB(4),    privacy_erase },
    { HTTP_PUT,    API "/cohorts/{id}/retention",                    NEEDS_ADMIN,       BODY_WHOLE,    KIB(4),    privacy_set_retention },
    { HTTP_GET,    API "/privacy/due",                               NEEDS_ADMIN,       BODY_NONE,     0,         privacy_list_due },

    { HTTP_GET,    API "/cohorts/{id}/certificates",                 NEEDS_STAFF,       BODY_NONE,     0,         certificates_list },
    { HTTP_POST,   API "/cohorts/{id}/certificates",                 NEEDS_STAFF,       BODY_WHOLE,    KIB(4),    certificates_issue_all },
    { HTTP_POST,   API "/participants/{id}/certificate",             NEEDS_STAFF,       BODY_WHOLE,    KIB(4),    certificates_issue },
    { HTTP_GET,    API "/certificates/{id}",                         NEEDS_NOTHING,     BODY_NONE,     0,         certificates_show },
    { HTTP_GET,    API "/certificates/{id}/paper",                   NEEDS_SESSION,     BODY_NONE,     0,         certificates_paper },
    { HTTP_GET,    API "/certificates/{id}/badge",                   NEEDS_SESSION,     BODY_NONE,     0,         certificates_badge },
    { HTTP_POST,   API "/certificates/{id}/revocation",              NEEDS_STAFF,       BODY_WHOLE,    KIB(4),    certificates_revoke },

    { HTTP_GET,    API "/lectures",                                  NEEDS_STAFF,       BODY_NONE,     0,         lectures_list },
    { HTTP_GET,    API "/lectures/{id}",                             NEEDS_STAFF,       BODY_NONE,     0,         lectures_show },
    { HTTP_PATCH,  API "/lectures/{id}",                             NEEDS_ADMIN,       BODY_WHOLE,    KIB(64),   lectures_change },
    { HTTP_DELETE, API "/lectures/{id}",                             NEEDS_ADMIN,       BODY_NONE,     0,         lectures_remove },
    { HTTP_GET,    API "/lectures/{id}/chapters",                    NEEDS_STAFF,       BODY_NONE,     0,         chapters_show },
    { HTTP_PUT,    API "/lectures/{id}/chapters",                    NEEDS_ADMIN,       BODY_WHOLE,    KIB(1024), chapters_put },
    { HTTP_POST,   API "/lectures/{id}/handouts",                    NEEDS_ADMIN,       BODY_STREAMED, 0,         handouts_add },
    { HTTP_DELETE, API "/lectures/{id}/handouts/{handout}",          NEEDS_ADMIN,       BODY_NONE,     0,         handouts_remove },
    { HTTP_PUT,    API "/lectures/{id}/captions/{language}",         NEEDS_ADMIN,       BODY_WHOLE,    CAPTION_BODY_MAX, lectures_put_captions },
    { HTTP_POST,   API "/lectures/{id}/captions/{language}/preview", NEEDS_ADMIN,       BODY_WHOLE,    CAPTION_BODY_MAX, lectures_preview_captions },
    { HTTP_DELETE, API "/lectures/{id}/captions/{language}",         NEEDS_ADMIN,       BODY_NONE,     0,         lectures_delete_captions },
    { HTTP_GET,    API "/events",                                    NEEDS_STAFF,       BODY_NONE,     0,         events_get },
    { HTTP_GET,    API "/lectures/{id}/sounds",                      NEEDS_STAFF,       BODY_NONE,     0,         sounds_list },
    { HTTP_PATCH,  API "/lectures/{id}/sounds/{language}",           NEEDS_ADMIN,       BODY_WHOLE,    KIB(4),    sounds_change },
    { HTTP_DELETE, API "/lectures/{id}/sounds/{language}",           NEEDS_ADMIN,       BODY_NONE,     0,         sounds_remove },
    { HTTP_POST,   API "/lectures/{id}/trim",                        NEEDS_ADMIN,       BODY_WHOLE,    KIB(4),    lectures_trim },
    { HTTP_DELETE, API "/lectures/{id}/original",                    NEEDS_ADMIN,       BODY_NONE,     0,         lectures_remove_original },
    { HTTP_GET,    API "/jobs/{id}",                                 NEEDS_ADMIN,       BODY_NONE,     0,         jobs_show },
    { HTTP_PATCH,  API "/jobs/{id}",                                 NEEDS_ADMIN,       BODY_WHOLE,    KIB(4),    jobs_change },
    { HTTP_DELETE, API "/jobs/{id}",                                 NEEDS_ADMIN,       BODY_NONE,     0,         jobs_cancel },
    { HTTP_POST,   API "/jobs/{id}/retry",                           NEEDS_ADMIN,       BODY_WHOLE,    KIB(4),    jobs_retry },

    { HTTP_OPTIONS, API "/uploads",                                  NEEDS_NOTHING,     BODY_NONE,     0,         upload_options },
    { HTTP_POST,   API "/uploads",                                   NEEDS_ADMIN,       BODY_STREAMED, 0,         upload_post },
    { HTTP_GET,    API "/uploads",                                   NEEDS_ADMIN,       BODY_NONE,     0,         upload_list },
    { HTTP_OPTIONS, API "/uploads/{id}",                             NEEDS_NOTHING,     BODY_NONE,     0,         upload_options },
    { HTTP_GET,    API "/uploads/{id}",                              NEEDS_ADMIN,       BODY_NONE,     0,         upload_get },
    { HTTP_PATCH,  API "/uploads/{id}",                              NEEDS_ADMIN,       BODY_STREAMED, 0,         upload_patch },
    { HTTP_DELETE, API "/uploads/{id}",                              NEEDS_ADMIN,       BODY_NONE,     0,         upload_delete },
    { HTTP_POST,   API "/uploads/{id}",                              NEEDS_ADMIN,       BODY_STREAMED, 0,         upload_post_with_override },

    { HTTP_GET,    API "/evidence/checkpoint",                       NEEDS_NOTHING,     BODY_NONE,     0,         evidence_get_checkpoint },
    { HTTP_GET,    API "/openapi.json",                              NEEDS_NOTHING,     BODY_NONE,     0,         pages_get_openapi },
    { HTTP_GET,    "/.well-known/jwks.json",                         NEEDS_NOTHING,     BODY_NONE,     0,         badges_key_set },
    { HTTP_GET,    "/badges/keys/{id}",                              NEEDS_NOTHING,     BODY_NONE,     0,         badges_key },
    { HTTP_GET,    "/badges/issuer",                                 NEEDS_NOTHING,     BODY_NONE,     0,         badges_issuer },
    { HTTP_GET,    "/badges/revocations",                            NEEDS_NOTHING,     BODY_NONE,     0,         badges_revocations },
    { HTTP_GET,    "/healthz",                                       NEEDS_NOTHING,     BODY_NONE,     0,         health_live },
    { HTTP_GET,    "/readyz",                                        NEEDS_NOTHING,     BODY_NONE,     0,         health_ready },

    { HTTP_GET,    "/",                                              NEEDS_NOTHING,     BODY_NONE,     0,         pages_get },
    { HTTP_GET,    "/j",                                             NEEDS_NOTHING,     BODY_NONE,     0,         pages_get },
    { HTTP_GET,    "/lecture/{id}",                                  NEEDS_NOTHING,     BODY_NONE,     0,         pages_get },
    { HTTP_GET,    "/sign-in",                                       NEEDS_NOTHING,     BODY_NONE,     0,         pages_get },
    { HTTP_GET,    "/admin",                                         NEEDS_NOTHING,     BODY_NONE,     0,         pages_get },
    { HTTP_GET,    "/organizer",                                     NEEDS_NOTHING,     BODY_NONE,     0,         pages_get },
    { HTTP_GET,    "/certificates/{id}",                             NEEDS_NOTHING,     BODY_NONE,     0,         pages_get },
    { HTTP_GET,    "/favicon.ico",                                   NEEDS_NOTHING,     BODY_NONE,     0,         pages_get },
    { HTTP_GET,    "/assets/{file}",                                 NEEDS_NOTHING,     BODY_NONE,     0,         pages_get_asset },
};

static const struct route plain_routes[] = {
    { HTTP_GET, "/healthz", NEEDS_NOTHING, BODY_NONE, 0, health_live },
    { HTTP_GET, "/readyz",  NEEDS_NOTHING, BODY_NONE, 0, health_ready },
    { HTTP_GET, "/metrics", NEEDS_NOTHING, BODY_NONE, 0, metrics_show },
};
// clang-format on

const struct route *application_routes(size_t *ret_count)
{
    *ret_count = sizeof routes / sizeof routes[0];
    return routes;
}

const struct route *application_plain_routes(size_t *ret_count)
{
    *ret_count = sizeof plain_routes / sizeof plain_routes[0];
    return plain_routes;
}

/* Health checks and scrapes are of no interest. */
static bool is_plain(const struct route *route)
{
    return route >= plain_routes
           && route < plain_routes + sizeof plain_routes / sizeof *plain_routes;
}

void application_access_log(const struct exchange *exchange, const struct exchange_outcome *outcome)
{
    const struct application *application = exchange->context;
    if (!is_plain(exchange->route))
        access_log_note(application->access_log, exchange->worker->index, exchange, outcome);
}
