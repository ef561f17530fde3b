/* A cohort's rule as sentences. */
import { currentLanguage, t } from '../shared/text';
import { formatPercent, formatPosition } from '../shared/time';
import type { CompletionRule } from '../shared/types';

export function ruleWords(rule: CompletionRule): string[] {
    const percent = formatPercent(rule.threshold_percent / 100, currentLanguage());
    return [
        rule.silence_left_out
            ? t('organizer.rule_threshold_silence', { percent })
            : t('organizer.rule_threshold', { percent }),
        rule.gap_ms_max > 0
            ? t('organizer.rule_gap', { length: formatPosition(rule.gap_ms_max) })
            : t('organizer.rule_any_gap'),
        t('organizer.rule_speed', { rate: rule.rate_cap_percent / 100 }),
        rule.real_time ? t('organizer.rule_real_time') : t('organizer.rule_no_real_time'),
        rule.seeking === 'watched' ? t('organizer.rule_seeking_watched') : t('organizer.rule_seeking_free'),
        rule.offline === 'hold' ? t('organizer.rule_offline_hold') : t('organizer.rule_offline_credit'),
        rule.hidden_counts ? t('organizer.rule_hidden_counts') : t('organizer.rule_hidden_not'),
        rule.muted_counts ? t('organizer.rule_muted_counts') : t('organizer.rule_muted_not'),
    ];
}
