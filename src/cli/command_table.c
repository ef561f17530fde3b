/* Every command, in the order in which help lists them: a new one is a file below commands/ and two lines here. */
#include "cli/command.h"

extern const struct command command_serve;
extern const struct command command_init;
extern const struct command command_program_add;
extern const struct command command_program_text;
extern const struct command command_program_list;
extern const struct command command_program_show;
extern const struct command command_program_lectures;
extern const struct command command_program_assign;
extern const struct command command_cohort_add;
extern const struct command command_cohort_list;
extern const struct command command_cohort_rule_show;
extern const struct command command_cohort_rule_set;
extern const struct command command_cohort_retention;
extern const struct command command_provider_add;
extern const struct command command_provider_list;
extern const struct command command_lecture_add;
extern const struct command command_lecture_replace;
extern const struct command command_lecture_trim;
extern const struct command command_lecture_list;
extern const struct command command_lecture_show;
extern const struct command command_lecture_publish;
extern const struct command command_lecture_unpublish;
extern const struct command command_lecture_remove;
extern const struct command command_lecture_title;
extern const struct command command_lecture_provider;
extern const struct command command_lecture_original_list;
extern const struct command command_lecture_original_remove;
extern const struct command command_lecture_captions;
extern const struct command command_lecture_chapters;
extern const struct command command_lecture_handout;
extern const struct command command_lecture_sound_add;
extern const struct command command_lecture_sound_list;
extern const struct command command_lecture_sound_move;
extern const struct command command_lecture_sound_remove;
extern const struct command command_participant_add;
extern const struct command command_participant_list;
extern const struct command command_invitation_issue;
extern const struct command command_invitation_revoke;
extern const struct command command_privacy_export;
extern const struct command command_privacy_erase;
extern const struct command command_privacy_due;
extern const struct command command_staff_add;
extern const struct command command_staff_list;
extern const struct command command_staff_password;
extern const struct command command_staff_disable;
extern const struct command command_report;
extern const struct command command_decision_accept;
extern const struct command command_decision_refuse;
extern const struct command command_decision_withdraw;
extern const struct command command_decision_list;
extern const struct command command_certificate_issue;
extern const struct command command_certificate_list;
extern const struct command command_certificate_show;
extern const struct command command_certificate_revoke;
extern const struct command command_badge_key_list;
extern const struct command command_badge_key_rotate;
extern const struct command command_group_list;
extern const struct command command_group_confirm;
extern const struct command command_group_refuse;
extern const struct command command_group_withdraw;
extern const struct command command_group_add;
extern const struct command command_group_remove;
extern const struct command command_evidence_export;
extern const struct command command_evidence_proof;
extern const struct command command_evidence_verify;
extern const struct command command_evidence_checkpoint;
extern const struct command command_evidence_list;
extern const struct command command_evidence_witness_add;
extern const struct command command_evidence_witness_list;
extern const struct command command_evidence_witness_remove;
extern const struct command command_evidence_key_list;
extern const struct command command_evidence_key_rotate;
extern const struct command command_evidence_key_replace;
extern const struct command command_delivery_list;
extern const struct command command_delivery_quality;
extern const struct command command_job_list;
extern const struct command command_job_show;
extern const struct command command_job_cancel;
extern const struct command command_job_retry;
extern const struct command command_job_first;
extern const struct command command_backup;
extern const struct command command_mail_list;
extern const struct command command_mail_retry;
extern const struct command command_mail_test;
extern const struct command command_xapi_export;
extern const struct command command_xapi_list;
extern const struct command command_xapi_retry;
extern const struct command command_settings;
extern const struct command command_reload;
extern const struct command command_doctor;
extern const struct command command_version;

const struct command *const all_commands[] = {
    &command_serve,
    &command_init,
    &command_program_add,
    &command_program_text,
    &command_program_list,
    &command_program_show,
    &command_program_lectures,
    &command_program_assign,
    &command_cohort_add,
    &command_cohort_list,
    &command_cohort_rule_show,
    &command_cohort_rule_set,
    &command_cohort_retention,
    &command_provider_add,
    &command_provider_list,
    &command_lecture_add,
    &command_lecture_replace,
    &command_lecture_trim,
    &command_lecture_list,
    &command_lecture_show,
    &command_lecture_publish,
    &command_lecture_unpublish,
    &command_lecture_remove,
    &command_lecture_title,
    &command_lecture_provider,
    &command_lecture_original_list,
    &command_lecture_original_remove,
    &command_lecture_captions,
    &command_lecture_chapters,
    &command_lecture_handout,
    &command_lecture_sound_add,
    &command_lecture_sound_list,
    &command_lecture_sound_move,
    &command_lecture_sound_remove,
    &command_participant_add,
    &command_participant_list,
    &command_invitation_issue,
    &command_invitation_revoke,
    &command_privacy_export,
    &command_privacy_erase,
    &command_privacy_due,
    &command_staff_add,
    &command_staff_list,
    &command_staff_password,
    &command_staff_disable,
    &command_report,
    &command_decision_accept,
    &command_decision_refuse,
    &command_decision_withdraw,
    &command_decision_list,
    &command_certificate_issue,
    &command_certificate_list,
    &command_certificate_show,
    &command_certificate_revoke,
    &command_badge_key_list,
    &command_badge_key_rotate,
    &command_group_list,
    &command_group_confirm,
    &command_group_refuse,
    &command_group_withdraw,
    &command_group_add,
    &command_group_remove,
    &command_evidence_export,
    &command_evidence_proof,
    &command_evidence_verify,
    &command_evidence_checkpoint,
    &command_evidence_list,
    &command_evidence_witness_add,
    &command_evidence_witness_list,
    &command_evidence_witness_remove,
    &command_evidence_key_list,
    &command_evidence_key_rotate,
    &command_evidence_key_replace,
    &command_delivery_list,
    &command_delivery_quality,
    &command_job_list,
    &command_job_show,
    &command_job_cancel,
    &command_job_retry,
    &command_job_first,
    &command_backup,
    &command_mail_list,
    &command_mail_retry,
    &command_mail_test,
    &command_xapi_export,
    &command_xapi_list,
    &command_xapi_retry,
    &command_settings,
    &command_reload,
    &command_doctor,
    &command_version,
    NULL,
};
