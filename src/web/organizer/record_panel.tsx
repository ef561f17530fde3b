import { useState } from 'preact/hooks';
import { request, type Problem } from '../shared/api';
import { Button } from '../shared/components/button';
import { Dialog } from '../shared/components/dialog';
import { TextField } from '../shared/components/field';
import { Icon } from '../shared/components/icon';
import { ProblemNotice } from '../shared/components/problem_notice';
import { toast } from '../shared/components/toast';
import { downloadProof } from '../shared/proof';
import { useAction } from '../shared/staff/use_action';
import type { Participant } from '../shared/staff_types';
import { t } from '../shared/text';

/** All that is stored about a person, the proof of it, and, for admins, its erasure. */
export function RecordPanel({
    person,
    mayErase,
    onErased,
}: {
    person: Participant;
    mayErase: boolean;
    onErased: () => void;
}) {
    const [erasing, setErasing] = useState(false);
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    const path = `/api/v1/participants/${person.id}`;
    const prove = async () => {
        setBusy(true);
        setProblem(await downloadProof(`${path}/evidence`, `evidence-${person.id}.jsonl`));
        setBusy(false);
    };
    return (
        <details class="card record-panel" id="record">
            <summary>{t('organizer.record_title')}</summary>
            <p>{t('organizer.record_text')}</p>
            <div class="row">
                <a class="button button-plain" href={`${path}/record?format=text`} download>
                    <Icon name="download" />
                    {t('organizer.record_download')}
                </a>
                <Button busy={busy} onClick={() => void prove()}>
                    <Icon name="download" />
                    {t('organizer.record_proof')}
                </Button>
                {mayErase && (
                    <Button kind="danger" onClick={() => setErasing(true)}>
                        {t('organizer.erase')}
                    </Button>
                )}
            </div>
            {problem && <ProblemNotice problem={problem} />}
            {erasing && (
                <EraseDialog person={person} onClose={() => setErasing(false)} onErased={onErased} />
            )}
        </details>
    );
}

function EraseDialog({
    person,
    onClose,
    onErased,
}: {
    person: Participant;
    onClose: () => void;
    onErased: () => void;
}) {
    const [reason, setReason] = useState('');
    const erasing = useAction();
    const submit = async (event: SubmitEvent) => {
        event.preventDefault();
        const done = await erasing.run(() =>
            request('POST', `/participants/${person.id}/erasure`, { body: { reason: reason.trim() } }),
        );
        if (!done) return;
        toast(t('organizer.erased_now'));
        onClose();
        onErased();
    };
    return (
        <Dialog title={t('organizer.erase_title', { name: person.name })} onClose={onClose}>
            <form class="form" onSubmit={(event) => void submit(event)}>
                <p>{t('organizer.erase_text')}</p>
                <p>{t('organizer.erase_keeps')}</p>
                <TextField
                    label={t('organizer.erase_reason')}
                    name="reason"
                    hint={t('organizer.erase_reason_hint')}
                    value={reason}
                    onInput={setReason}
                    required
                />
                {erasing.problem && <ProblemNotice problem={erasing.problem} />}
                <div class="row row-end">
                    <Button kind="quiet" onClick={onClose}>
                        {t('shared.cancel')}
                    </Button>
                    <Button kind="danger" type="submit" busy={erasing.busy}>
                        {t('organizer.erase')}
                    </Button>
                </div>
            </form>
        </Dialog>
    );
}
