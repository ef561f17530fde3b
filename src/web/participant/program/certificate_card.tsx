import { useState } from 'preact/hooks';
import { asProblem, request, type Problem } from '../../shared/api';
import { Button } from '../../shared/components/button';
import { Icon } from '../../shared/components/icon';
import { ProblemNotice } from '../../shared/components/problem_notice';
import { useLoaded } from '../../shared/hooks';
import { currentLanguage, t } from '../../shared/text';
import { formatCivilDay, formatDay } from '../../shared/time';
import type { Certificate, OwnCertificate } from '../../shared/types';
import { readerZone } from '../../shared/zones';

/** For who has completed everything: their certificate, to take and to keep. Until then there is nothing. */
export function CertificateCard() {
    const own = useLoaded('certificate', () => request<OwnCertificate>('GET', '/me/certificate'));
    if (own.value?.certificate) return <Given certificate={own.value.certificate} />;
    return own.value?.may_take ? <Offer onTaken={() => void own.reload()} /> : null;
}

function Offer({ onTaken }: { onTaken: () => void }) {
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    const take = async () => {
        setBusy(true);
        setProblem(null);
        try {
            await request('POST', '/me/certificate', { body: {} });
            onTaken();
        } catch (fault) {
            setProblem(asProblem(fault));
        } finally {
            setBusy(false);
        }
    };
    return (
        <section class="card own-certificate" data-certificate="earned">
            <h2>{t('program.certificate_earned')}</h2>
            <p>{t('program.certificate_earned_text')}</p>
            {problem && <ProblemNotice problem={problem} />}
            <div class="row">
                <Button kind="primary" busy={busy} onClick={() => void take()}>
                    {t('program.certificate_take')}
                </Button>
            </div>
        </section>
    );
}

function Given({ certificate }: { certificate: Certificate }) {
    const language = currentLanguage();
    if (certificate.state === 'erased') return null;
    if (certificate.revoked_at_ms !== null)
        return (
            <section class="card own-certificate" data-certificate="revoked">
                <h2>{t('program.certificate')}</h2>
                <p>
                    {t('program.certificate_revoked', {
                        day: formatDay(certificate.revoked_at_ms, language, readerZone()),
                        reason: certificate.reason ?? '',
                    })}
                </p>
            </section>
        );
    const path = `/api/v1/certificates/${certificate.id}`;
    return (
        <section class="card own-certificate" data-certificate="valid">
            <h2>{t('program.certificate')}</h2>
            <p>
                {t('program.certificate_issued', { day: formatCivilDay(certificate.issued_on, language) })}
            </p>
            <div class="row">
                <a class="button button-primary" href={`${path}/paper`} download>
                    <Icon name="download" />
                    {t('program.certificate_paper')}
                </a>
                <a class="button button-plain" href={`${path}/badge`} download>
                    <Icon name="download" />
                    {t('program.certificate_badge')}
                </a>
                <a class="button button-quiet" href={`/certificates/${certificate.id}`}>
                    {t('program.certificate_page')}
                </a>
            </div>
        </section>
    );
}
