import { request } from '../shared/api';
import { SelectField, TextField } from '../shared/components/field';
import { FormDialog } from '../shared/components/form_dialog';
import { useAction } from '../shared/staff/use_action';
import { t } from '../shared/text';
import type { CompletionRule } from '../shared/types';

interface Properties {
    cohort: string;
    rule: CompletionRule;
    onClose: () => void;
    onSaved: () => void;
}

/** Changes make a new version; what was completed stays complete. */
export function RuleDialog({ cohort, rule, onClose, onSaved }: Properties) {
    const saving = useAction();
    const submit = (form: FormData) => {
        void saving
            .run(() => request('PUT', `/cohorts/${cohort}/rule`, { body: ruleOf(form, rule) }))
            .then((saved) => saved && onSaved());
    };
    return (
        <FormDialog
            title={t('organizer.rule_edit')}
            action={t('organizer.rule_save')}
            sending={saving}
            two
            onSubmit={submit}
            onClose={onClose}>
            <TextField
                label={t('organizer.rule_field_threshold')}
                name="threshold"
                type="number"
                min={1}
                max={100}
                value={String(rule.threshold_percent)}
                required
            />
            <TextField
                label={t('organizer.rule_field_gap')}
                hint={t('organizer.rule_field_gap_hint')}
                name="gap"
                type="number"
                min={0}
                max={86400}
                value={String(Math.round(rule.gap_ms_max / 1000))}
                required
            />
            {choices(rule).map((choice) => (
                <SelectField key={choice.name} {...choice} />
            ))}
            <p class="soft form-wide">{t('organizer.rule_sticky')}</p>
        </FormDialog>
    );
}

function choices(rule: CompletionRule) {
    const counts = [
        { value: 'yes', label: t('organizer.rule_counts') },
        { value: 'no', label: t('organizer.rule_counts_not') },
    ];
    const answer = (value: boolean) => (value ? 'yes' : 'no');
    return [
        {
            name: 'seeking',
            label: t('organizer.rule_field_seeking'),
            value: rule.seeking,
            options: [
                { value: 'free', label: t('organizer.rule_seeking_anywhere') },
                { value: 'watched', label: t('organizer.rule_seeking_within') },
            ],
        },
        {
            name: 'offline',
            label: t('organizer.rule_field_offline'),
            value: rule.offline,
            options: [
                { value: 'credit', label: t('organizer.rule_counts') },
                { value: 'hold', label: t('organizer.rule_held') },
            ],
        },
        {
            name: 'hidden',
            label: t('organizer.rule_field_hidden'),
            value: answer(rule.hidden_counts),
            options: counts,
        },
        {
            name: 'muted',
            label: t('organizer.rule_field_muted'),
            value: answer(rule.muted_counts),
            options: counts,
        },
        {
            name: 'silence',
            label: t('organizer.rule_field_silence'),
            value: answer(rule.silence_left_out),
            options: [
                { value: 'yes', label: t('organizer.rule_left_out') },
                { value: 'no', label: t('organizer.rule_needed') },
            ],
        },
        {
            name: 'real_time',
            label: t('organizer.rule_field_real_time'),
            value: answer(rule.real_time),
            options: [
                { value: 'yes', label: t('organizer.rule_asked') },
                { value: 'no', label: t('organizer.rule_not_asked') },
            ],
        },
    ];
}

function ruleOf(form: FormData, seen: CompletionRule) {
    const said = (name: string) => String(form.get(name) ?? '');
    return {
        version: seen.version > 0 ? seen.version : undefined,
        threshold_percent: Number(said('threshold')),
        gap_ms_max: Math.round(Number(said('gap')) * 1000),
        seeking: said('seeking'),
        offline: said('offline'),
        hidden_counts: said('hidden') === 'yes',
        muted_counts: said('muted') === 'yes',
        silence_left_out: said('silence') === 'yes',
        real_time: said('real_time') === 'yes',
    };
}
