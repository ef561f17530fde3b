import { useState } from 'preact/hooks';
import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { ConfirmDialog } from '../shared/components/confirm_dialog';
import { Icon } from '../shared/components/icon';
import { ProblemNotice } from '../shared/components/problem_notice';
import { toast } from '../shared/components/toast';
import { useAction } from '../shared/staff/use_action';
import type { Participant } from '../shared/staff_types';
import { currentLanguage, t } from '../shared/text';
import { formatDateTime } from '../shared/time';
import { readerZone } from '../shared/zones';
import { NewLinkDialog } from './new_link_dialog';

/** How the participant gets in: the state of their personal link, a new one, and taking it away. */
export function InvitationPanel({ person, onChange }: { person: Participant; onChange: () => void }) {
    const [link, setLink] = useState<string | null>(null);
    const [asking, setAsking] = useState(false);
    const issuing = useAction();
    const revoking = useAction();
    const { state } = person.invitation;
    const issue = () =>
        issuing.run(async () => {
            const answer = await request<{ link: string }>('POST', `/participants/${person.id}/invitation`);
            setLink(answer.link);
            onChange();
        });
    const revoke = async () => {
        const done = await revoking.run(() => request('DELETE', `/participants/${person.id}/invitation`));
        setAsking(false);
        if (done) {
            toast(t('organizer.revoked_now', { name: person.name }));
            onChange();
        }
    };
    const problem = issuing.problem ?? revoking.problem;
    return (
        <section class="card invitation" data-invitation={state} aria-label={t('organizer.personal_link')}>
            <div class="invitation-words">
                <p class="invitation-state">
                    <Icon name="link" />
                    {stateWords(person)}
                </p>
            </div>
            <div class="row">
                {state !== 'erased' && (
                    <Button busy={issuing.busy} onClick={() => void issue()}>
                        {state === 'none' ? t('organizer.make_link') : t('organizer.make_new_link')}
                    </Button>
                )}
                {(state === 'issued' || state === 'opened') && (
                    <Button kind="danger" onClick={() => setAsking(true)}>
                        {t('organizer.revoke')}
                    </Button>
                )}
            </div>
            {problem && <ProblemNotice problem={problem} />}
            {link && <NewLinkDialog link={link} name={person.name} onClose={() => setLink(null)} />}
            {asking && (
                <ConfirmDialog
                    title={t('organizer.revoke_title')}
                    text={t('organizer.revoke_text', { name: person.name })}
                    action={t('organizer.revoke')}
                    busy={revoking.busy}
                    onConfirm={() => void revoke()}
                    onClose={() => setAsking(false)}
                />
            )}
        </section>
    );
}

function stateWords({ invitation }: Participant): string {
    const when = (atMs: number | null) =>
        atMs === null ? '' : formatDateTime(atMs, currentLanguage(), readerZone());
    switch (invitation.state) {
        case 'none':
            return t('organizer.link_none');
        case 'issued':
            return t('organizer.link_issued', {
                issued: when(invitation.issued_at_ms),
                expires: when(invitation.expires_at_ms),
            });
        case 'opened':
            return t('organizer.link_opened', { expires: when(invitation.expires_at_ms) });
        case 'expired':
            return t('organizer.link_expired', { expires: when(invitation.expires_at_ms) });
        case 'erased':
            return t('organizer.link_erased');
        case 'revoked':
            return t('organizer.link_revoked');
    }
}
