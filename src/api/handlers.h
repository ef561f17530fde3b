/* Every handler of the route table (routes.c), by the file that holds it.  A handler runs on a loop
 * and does not block. */
#ifndef LECTERN_API_HANDLERS_H
#define LECTERN_API_HANDLERS_H

#include "http/exchange.h"

/* session.c */
void session_open_invitation(struct exchange *exchange);
void session_open_password(struct exchange *exchange);
void session_end(struct exchange *exchange);
void session_show_me(struct exchange *exchange);

/* playback.c */
void playback_play(struct exchange *exchange);
void playback_take_heartbeats(struct exchange *exchange);

/* media_delivery.c */
void media_delivery_get(struct exchange *exchange);

/* programs.c */
void programs_list(struct exchange *exchange);
void programs_create(struct exchange *exchange);
void programs_show(struct exchange *exchange);
void programs_put_lectures(struct exchange *exchange);
void programs_create_cohort(struct exchange *exchange);
void providers_list(struct exchange *exchange);
void providers_create(struct exchange *exchange);

/* rules.c */
void rules_show(struct exchange *exchange);
void rules_put(struct exchange *exchange);

/* decisions.c */
void decisions_make(struct exchange *exchange);
void decisions_withdraw(struct exchange *exchange);

/* certificates.c */
void certificates_show(struct exchange *exchange);
void certificates_paper(struct exchange *exchange);
void certificates_badge(struct exchange *exchange);
void certificates_mine(struct exchange *exchange);
void certificates_take_mine(struct exchange *exchange);
void certificates_list(struct exchange *exchange);
void certificates_issue_all(struct exchange *exchange);
void certificates_issue(struct exchange *exchange);
void certificates_revoke(struct exchange *exchange);
void badges_key_set(struct exchange *exchange);
void badges_key(struct exchange *exchange);
void badges_issuer(struct exchange *exchange);
void badges_revocations(struct exchange *exchange);

/* groups.c */
void groups_open(struct exchange *exchange);
void groups_show(struct exchange *exchange);
void groups_leave(struct exchange *exchange);
void groups_join(struct exchange *exchange);
void groups_list(struct exchange *exchange);
void groups_decide(struct exchange *exchange);
void groups_withdraw(struct exchange *exchange);
void groups_add_person(struct exchange *exchange);
void groups_remove_person(struct exchange *exchange);

/* people.c */
void people_list(struct exchange *exchange);
void people_create(struct exchange *exchange);
void people_issue_invitation(struct exchange *exchange);
void people_revoke_invitation(struct exchange *exchange);
void people_show_record(struct exchange *exchange);
void people_report(struct exchange *exchange);
void statements_get(struct exchange *exchange);
void people_quality(struct exchange *exchange);

/* privacy.c */
void privacy_my_record(struct exchange *exchange);
void privacy_record(struct exchange *exchange);
void privacy_erase(struct exchange *exchange);
void privacy_set_retention(struct exchange *exchange);
void privacy_list_due(struct exchange *exchange);

/* lectures.c */
void lectures_list(struct exchange *exchange);
void lectures_show(struct exchange *exchange);
void lectures_change(struct exchange *exchange);
void lectures_remove(struct exchange *exchange);
void lectures_put_captions(struct exchange *exchange);
void lectures_preview_captions(struct exchange *exchange);
void lectures_delete_captions(struct exchange *exchange);
void sounds_list(struct exchange *exchange);
void sounds_change(struct exchange *exchange);
void sounds_remove(struct exchange *exchange);
void lectures_remove_original(struct exchange *exchange);
void lectures_trim(struct exchange *exchange);

/* chapters.c */
void chapters_show(struct exchange *exchange);
void chapters_put(struct exchange *exchange);

/* handouts.c */
void handouts_add(struct exchange *exchange);
void handouts_remove(struct exchange *exchange);
void handouts_get(struct exchange *exchange);

/* events_stream.c */
void events_get(struct exchange *exchange);

/* jobs.c */
void jobs_show(struct exchange *exchange);
void jobs_change(struct exchange *exchange);
void jobs_cancel(struct exchange *exchange);
void jobs_retry(struct exchange *exchange);

/* upload.c: tus 1.0.0 */
void upload_options(struct exchange *exchange);
void upload_post(struct exchange *exchange);
void upload_list(struct exchange *exchange);
void upload_get(struct exchange *exchange);
void upload_patch(struct exchange *exchange);
void upload_delete(struct exchange *exchange);
void upload_post_with_override(struct exchange *exchange);

/* health.c */
void health_live(struct exchange *exchange);
void health_ready(struct exchange *exchange);

/* metrics.c */
void metrics_show(struct exchange *exchange);

/* pages.c */
void pages_get(struct exchange *exchange);
void pages_get_asset(struct exchange *exchange);
void evidence_get_checkpoint(struct exchange *exchange);
void evidence_my_proof(struct exchange *exchange);
void evidence_proof(struct exchange *exchange);
void pages_get_openapi(struct exchange *exchange);

#endif
