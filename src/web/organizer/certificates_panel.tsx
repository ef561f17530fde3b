import { useState } from 'preact/hooks';
import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { TextField } from '../shared/components/field';
import { FormDialog } from '../shared/components/form_dialog';
import { Icon } from '../shared/components/icon';
import { ProblemNotice } from '../shared/components/problem_notice';
import { useLoaded } from '../shared/hooks';
import { useAction } from '../shared/staff/use_action';
import type { CertificateHolder, ListedCertificate } from '../shared/staff_types';
import { currentLanguage, t } from '../shared/text';
import { formatCivilDay } from '../shared/time';

/** Who of the cohort has earned a certificate, and who has one. */
export function CertificatesPanel({ cohort }: { cohort: string }) {
    const issuing = useAction();
    const [revoking, setRevoking] = useState<ListedCertificate | null>(null);
    const list = useLoaded(
        `certificates ${cohort}`,
        async () =>
            (await request<{ participants: CertificateHolder[] }>('GET', `/cohorts/${cohort}/certificates`))
                .participants,
    );
    if (list.problem && !list.value)
        return <ProblemNotice problem={list.problem} retry={() => void list.reload()} />;
    if (!list.value) return null;
    const concerned = list.value.filter((one) => one.earned || one.certificates.length > 0);
    const waiting = concerned.filter((one) => one.earned && one.certificates.length === 0);
    const toCome = Math.max(0, ...list.value.map((one) => one.to_come));
    const issue = (path: string) =>
        void issuing
            .run(() => request('POST', path, { body: {} }))
            .then((done) => void (done && list.reload()));
    return (
        <details class="card rule" id="certificates">
            <summary>
                {t('organizer.certificates', {
                    issued: concerned.filter((one) => inForce(one) !== undefined).length,
                    earned: concerned.filter((one) => one.earned).length,
                })}
            </summary>
            {toCome > 0 && <p>{t('organizer.certificates_to_come', { count: toCome })}</p>}
            {toCome === 0 && concerned.length === 0 && <p>{t('organizer.certificates_none')}</p>}
            {issuing.problem && <ProblemNotice problem={issuing.problem} />}
            {waiting.length > 0 && (
                <Button
                    kind="primary"
                    small
                    busy={issuing.busy}
                    onClick={() => issue(`/cohorts/${cohort}/certificates`)}>
                    {t('organizer.certificates_issue', { count: waiting.length })}
                </Button>
            )}
            {concerned.length > 0 && (
                <ul class="holders">
                    {concerned.map((holder) => (
                        <Holder
                            key={holder.participant}
                            holder={holder}
                            busy={issuing.busy}
                            onIssue={() => issue(`/participants/${holder.participant}/certificate`)}
                            onRevoke={setRevoking}
                        />
                    ))}
                </ul>
            )}
            {revoking && (
                <RevokeDialog
                    certificate={revoking}
                    onClose={() => setRevoking(null)}
                    onRevoked={() => {
                        setRevoking(null);
                        void list.reload();
                    }}
                />
            )}
        </details>
    );
}

function inForce(holder: CertificateHolder): ListedCertificate | undefined {
    return holder.certificates.find((one) => one.state === 'valid');
}

interface HolderProperties {
    holder: CertificateHolder;
    busy: boolean;
    onIssue: () => void;
    onRevoke: (certificate: ListedCertificate) => void;
}

function Holder({ holder, busy, onIssue, onRevoke }: HolderProperties) {
    const valid = inForce(holder);
    return (
        <li class="holder" data-participant={holder.participant} data-state={valid ? 'valid' : 'none'}>
            <div>
                <strong dir="auto">{holder.name}</strong>
                <p class="soft">{standingWords(holder)}</p>
            </div>
            <div class="row">
                {valid && <Files certificate={valid} name={holder.name} />}
                {valid && (
                    <Button kind="quiet" small onClick={() => onRevoke(valid)}>
                        {t('organizer.certificate_revoke')}
                    </Button>
                )}
                {!valid && holder.earned && (
                    <Button kind="quiet" small busy={busy} onClick={onIssue}>
                        {t('organizer.certificate_issue')}
                    </Button>
                )}
            </div>
        </li>
    );
}

function Files({ certificate, name }: { certificate: ListedCertificate; name: string }) {
    const path = `/api/v1/certificates/${certificate.id}`;
    return (
        <>
            <a
                class="button button-plain button-small"
                href={`${path}/paper`}
                aria-label={t('organizer.certificate_paper_of', { name })}
                download>
                <Icon name="download" />
                {t('organizer.certificate_paper')}
            </a>
            <a class="button button-quiet button-small" href={`/certificates/${certificate.id}`}>
                {t('organizer.certificate_page')}
            </a>
        </>
    );
}

function standingWords(holder: CertificateHolder): string {
    const newest = inForce(holder) ?? holder.certificates[0];
    if (!newest) return t('organizer.certificate_earned');
    const day = formatCivilDay(newest.issued_on, currentLanguage());
    if (newest.state === 'erased') return t('organizer.certificate_erased', { day });
    if (newest.state === 'revoked')
        return t('organizer.certificate_revoked', { day, reason: newest.reason ?? '' });
    return holder.earned
        ? t('organizer.certificate_issued', { day })
        : t('organizer.certificate_unearned', { day });
}

interface RevokeProperties {
    certificate: ListedCertificate;
    onClose: () => void;
    onRevoked: () => void;
}

function RevokeDialog({ certificate, onClose, onRevoked }: RevokeProperties) {
    const revoking = useAction();
    const submit = (form: FormData) => {
        const body = { reason: String(form.get('reason') ?? '').trim() };
        void revoking
            .run(() => request('POST', `/certificates/${certificate.id}/revocation`, { body }))
            .then((done) => done && onRevoked());
    };
    return (
        <FormDialog
            title={t('organizer.certificate_revoke_title')}
            action={t('organizer.certificate_revoke')}
            sending={revoking}
            onSubmit={submit}
            onClose={onClose}>
            <p>{t('organizer.certificate_revoke_text')}</p>
            <TextField
                label={t('organizer.decision_reason')}
                hint={t('organizer.decision_reason_hint')}
                name="reason"
                required
            />
        </FormDialog>
    );
}
