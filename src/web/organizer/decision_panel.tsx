import { useState } from 'preact/hooks';
import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { DecisionNote } from '../shared/components/decision_note';
import { SelectField, TextField } from '../shared/components/field';
import { FormDialog } from '../shared/components/form_dialog';
import { ProblemNotice } from '../shared/components/problem_notice';
import { useAction } from '../shared/staff/use_action';
import type { DecisionRecord } from '../shared/staff_types';
import { currentLanguage, t } from '../shared/text';
import { formatDateTime } from '../shared/time';
import { readerZone } from '../shared/zones';

interface Properties {
    participant: string;
    lecture: string;
    decisions: DecisionRecord[];
    onChange: () => void;
}

/** What was decided by hand for this lecture, and the way to decide. */
export function DecisionPanel({ participant, lecture, decisions, onChange }: Properties) {
    const [deciding, setDeciding] = useState(false);
    const withdrawing = useAction();
    const path = `/participants/${participant}/lectures/${lecture}/decision`;
    const standing = decisions.find((decision) => decision.ended_at_ms === null);
    const ended = decisions.filter((decision) => decision.ended_at_ms !== null);
    const withdraw = () =>
        void withdrawing.run(() => request('DELETE', path)).then((done) => done && onChange());
    return (
        <div class="decision">
            {standing && <DecisionNote decision={standing} />}
            {ended.map((decision) => (
                <p key={decision.decided_at_ms} class="soft">
                    {endedWords(decision)}
                </p>
            ))}
            {withdrawing.problem && <ProblemNotice problem={withdrawing.problem} />}
            <div class="row">
                <Button kind="quiet" small onClick={() => setDeciding(true)}>
                    {t('organizer.decide')}
                </Button>
                {standing && (
                    <Button kind="quiet" small busy={withdrawing.busy} onClick={withdraw}>
                        {t('organizer.decision_withdraw')}
                    </Button>
                )}
            </div>
            {deciding && (
                <DecisionDialog
                    path={path}
                    onClose={() => setDeciding(false)}
                    onDecided={() => {
                        setDeciding(false);
                        onChange();
                    }}
                />
            )}
        </div>
    );
}

function endedWords(decision: DecisionRecord): string {
    const values = {
        decided: formatDateTime(decision.decided_at_ms, currentLanguage(), readerZone()),
        ended: formatDateTime(decision.ended_at_ms ?? 0, currentLanguage(), readerZone()),
        reason: decision.reason,
    };
    return decision.verdict === 'accepted'
        ? t('organizer.decision_was_accepted', values)
        : t('organizer.decision_was_refused', values);
}

function DecisionDialog({
    path,
    onClose,
    onDecided,
}: {
    path: string;
    onClose: () => void;
    onDecided: () => void;
}) {
    const deciding = useAction();
    const submit = (form: FormData) => {
        const body = { verdict: form.get('verdict'), reason: String(form.get('reason') ?? '').trim() };
        void deciding.run(() => request('POST', path, { body })).then((done) => done && onDecided());
    };
    const verdicts = [
        { value: 'accepted', label: t('organizer.decision_accept') },
        { value: 'refused', label: t('organizer.decision_refuse') },
    ];
    return (
        <FormDialog
            title={t('organizer.decide')}
            action={t('organizer.decision_save')}
            sending={deciding}
            onSubmit={submit}
            onClose={onClose}>
            <p>{t('organizer.decision_text')}</p>
            <SelectField
                label={t('organizer.decision')}
                name="verdict"
                value="accepted"
                options={verdicts}
            />
            <TextField
                label={t('organizer.decision_reason')}
                hint={t('organizer.decision_reason_hint')}
                name="reason"
                required
            />
        </FormDialog>
    );
}
