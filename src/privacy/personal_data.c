#include "privacy/personal_data.h"

#include <stdio.h>
#include <string.h>

#define PLAY_SESSIONS "(SELECT id FROM play_session WHERE participant_id = $1)"

#define HOSTED "(SELECT id FROM viewing_group WHERE host_id = $1)"
#define GROUPS                                                                                     \
    "(SELECT id FROM viewing_group WHERE host_id = $1"                                             \
    " UNION SELECT group_id FROM viewing_group_stay WHERE participant_id = $1)"

/* A record names the one before of the same subject: the table has no other index. */
#define EVIDENCE_CHAIN                                                                             \
    "WITH RECURSIVE chain (seq, previous_seq) AS ("                                                \
    " SELECT evidence.seq, evidence.previous_seq FROM evidence_subject"                            \
    "  JOIN evidence ON evidence.seq = evidence_subject.last_seq"                                  \
    "  WHERE evidence_subject.subject_id = $1"                                                     \
    " UNION ALL"                                                                                   \
    " SELECT evidence.seq, evidence.previous_seq FROM chain"                                       \
    "  JOIN evidence ON evidence.seq = chain.previous_seq)"                                        \
    " SELECT seq FROM chain"

// clang-format off
const struct personal_table personal_tables[] = {
    { "participant",
      "t:id t:cohort_id t:name t:email t:country t:gender t:group_name t:language i:created_at_ms",
      "id = $1", FATE_REWRITTEN,
      "Who you are, as your organizer entered it." },
    { "completion",
      "t:participant_id t:lecture_id i:completed_at_ms i:rule_version i:credited_ms i:duration_ms "
      "i:by_group",
      "participant_id = $1", FATE_KEPT,
      "The lectures that you completed, and by which version of the rule." },
    { "viewing",
      "t:participant_id t:lecture_id i:version j:claimed j:delivered j:credited i:real_ms i:position_ms i:first_at_ms "
      "i:last_at_ms i:last_interval_id j:flag_counts j:withheld",
      "participant_id = $1", FATE_REWRITTEN,
      "What your player told that it played, what was sent to you, and what was credited: stretches of each lecture." },
    { "completion_decision",
      "i:id t:participant_id t:lecture_id t:verdict t:reason i:decided_at_ms -:decided_by i:ended_at_ms -:ended_by",
      "participant_id = $1", FATE_REWRITTEN,
      "Your organizer's word on a lecture, beside what the rule says." },
    { "certificate",
      "t:id t:participant_id t:language t:host t:name t:program_title t:cohort_name i:lecture_count i:content_ms "
      "t:completed_on t:issued_on x:digest i:issued_at_ms -:issued_by i:revoked_at_ms -:revoked_by t:revocation_reason",
      "participant_id = $1", FATE_REWRITTEN,
      "Your certificates, and what they say." },
    { "viewing_group_credit",
      "t:participant_id t:lecture_id i:version t:group_id j:shown j:credited i:real_ms j:counted",
      "participant_id = $1", FATE_KEPT,
      "What you saw of a lecture together with others, and what of it counts since an organizer confirmed it." },
    { "viewing_group_stay",
      "i:id t:group_id t:participant_id i:joined_at_ms i:left_at_ms t:way -:added_by",
      "participant_id = $1", FATE_KEPT,
      "From when until when you were there." },
    { "viewing_group_decision",
      "i:id t:group_id t:verdict t:reason i:decided_at_ms -:decided_by i:ended_at_ms -:ended_by",
      "group_id IN " GROUPS, FATE_REWRITTEN,
      "An organizer's word on a group that you were in." },
    { "viewing_group_showing",
      "i:id t:group_id t:lecture_id i:version i:from_at_ms i:to_at_ms i:from_ms i:to_ms",
      "group_id IN " HOSTED, FATE_KEPT,
      "What the screen showed in a group that watched by your link: others' credit is made from it." },
    { "viewing_group",
      "t:id t:host_id t:session_id -:code i:code_until_ms i:opened_at_ms i:last_at_ms i:budget_ms i:closed_at_ms",
      "host_id = $1", FATE_KEPT,
      "Groups that watched by your link." },
    { "credit_budget",
      "t:participant_id i:budget_ms i:last_contact_at_ms i:records_left j:counted",
      "participant_id = $1", FATE_REMOVED,
      "How much viewing could be credited just now; it grows with time." },
    { "playback_lease",
      "t:participant_id t:play_session_id t:session_id i:taken_at_ms",
      "participant_id = $1", FATE_REMOVED,
      "Which of your devices played last." },
    { "lease_takeover",
      "i:id t:participant_id i:at_ms",
      "participant_id = $1", FATE_REMOVED,
      "When one of your devices went on where another was playing." },
    { "heartbeat",
      "i:id i:received_at_ms t:play_session_id i:seq i:from_ms i:to_ms i:rate_percent i:visible i:muted t:rendition "
      "t:language i:client_at_ms i:credited_ms j:reasons",
      "play_session_id IN " PLAY_SESSIONS, FATE_REMOVED_IN_STEPS,
      "Each message of your player, and what was credited for it." },
    { "watch_interval",
      "i:id i:credited_at_ms t:participant_id t:lecture_id i:version t:play_session_id i:seq i:from_ms i:to_ms t:reason "
      "i:previous_id",
      "participant_id = $1", FATE_REMOVED_IN_STEPS,
      "Each stretch that was newly credited, and why." },
    { "delivery",
      "i:id i:at_ms t:participant_id t:session_id t:lecture_id i:version t:rendition i:segment i:start_ms i:end_ms "
      "i:status i:body_bytes i:whole i:first_byte_ms i:last_byte_ms t:client_session i:buffer_ms i:deadline_ms "
      "i:throughput_kbps i:bitrate_kbps i:rate_percent i:starved i:startup",
      "participant_id = $1", FATE_REMOVED_IN_STEPS,
      "Each piece of a lecture that was sent to you, and how well your line carried it." },
    { "quality",
      "t:participant_id t:lecture_id i:version t:play_session_id i:first_at_ms i:last_at_ms i:deliveries i:stalls "
      "i:buffer_least_ms i:throughput_least_kbps j:throughput j:renditions",
      "participant_id = $1", FATE_REMOVED,
      "The same, summed: how often your player stood still, and how fast your line was." },
    { "outbox",
      "i:id t:channel t:key t:recipient t:title -:body t:state i:attempts i:created_at_ms i:next_at_ms i:ended_at_ms "
      "t:answer",
      "(recipient = $1 OR lower(recipient) = (SELECT lower(email) FROM participant WHERE id = $1))", FATE_REMOVED,
      "Mails to your address, and statements on your viewing, that wait or were sent lately." },
    { "xapi_session",
      "t:play_session_id t:participant_id j:runs j:played i:position_ms i:begun i:ended i:due_at_ms",
      "participant_id = $1", FATE_REMOVED,
      "What of your viewing a learning record store is told (docs/exports.md)." },
    { "evidence",
      "i:seq t:day t:kind x:commitment t:subject_id i:previous_seq x:salt t:body",
      "seq IN (" EVIDENCE_CHAIN ")", FATE_REWRITTEN,
      "What the evidence log says of you, with the salts by which you can prove it (docs/evidence.md)." },
    { "evidence_subject",
      "t:subject_id i:last_seq",
      "subject_id = $1", FATE_REWRITTEN,
      "Where your records in that log begin." },
    { "play_session",
      "t:id t:participant_id t:lecture_id i:version t:session_id i:started_at_ms i:last_contact_at_ms j:received_seqs "
      "i:server_gap_allowed_ms i:server_gap_credited_ms i:offline_credited_ms t:network t:device",
      "participant_id = $1", FATE_REWRITTEN,
      "When you opened a lecture, until when your player was heard of; and for some days from which network, on what kind of device." },
    { "session",
      "t:id -:token_digest t:participant_id -:staff_id t:invitation_id i:created_at_ms i:expires_at_ms i:revoked_at_ms",
      "participant_id = $1", FATE_REWRITTEN,
      "When a device was let in by your link." },
    { "invitation",
      "t:id t:participant_id -:digest i:created_at_ms i:expires_at_ms i:opened_at_ms i:revoked_at_ms",
      "participant_id = $1", FATE_REMOVED,
      "Your personal links; the secret in them is not stored." },
    { "erasure",
      "t:participant_id i:asked_at_ms -:staff_id t:reason i:finished_at_ms",
      "participant_id = $1", FATE_KEPT,
      "That and why what was stored about you was erased." },
    { "audit",
      "i:id i:at_ms -:staff_id t:action t:object_id t:detail",
      "object_id = $1", FATE_KEPT,
      "What staff did to your entry: that, when, and never what about." },
};
// clang-format on
const size_t personal_table_count = sizeof personal_tables / sizeof personal_tables[0];

size_t personal_columns(
    const struct personal_table *table, struct personal_column ret_columns[PERSONAL_COLUMNS_MAX])
{
    size_t count = 0;
    for (const char *at = table->columns; *at && count < PERSONAL_COLUMNS_MAX; count++) {
        size_t length = strcspn(at, " ");
        ret_columns[count].kind = at[0];
        (void)snprintf(
            ret_columns[count].name, PERSONAL_COLUMN_SIZE, "%.*s", (int)length - 2, at + 2);
        at += length + strspn(at + length, " ");
    }
    return count;
}
