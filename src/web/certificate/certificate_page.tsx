import type { ComponentChildren } from 'preact';
import { request } from '../shared/api';
import { Icon } from '../shared/components/icon';
import { PageFrame } from '../shared/components/page_frame';
import { ProblemNotice } from '../shared/components/problem_notice';
import { Waiting } from '../shared/components/waiting';
import { useLoaded, useTitle } from '../shared/hooks';
import { currentLanguage, t } from '../shared/text';
import { formatCivilDay, formatDay } from '../shared/time';
import type { Certificate, CertificateFacts } from '../shared/types';
import { readerZone } from '../shared/zones';

const DIGEST_SHOWN = 16;

/** Where the square code of a certificate leads: what its paper says, and whether it is in force. */
export function CertificatePage() {
    const number = decodeURIComponent(location.pathname.split('/')[2] ?? '');
    const loaded = useLoaded(number, () =>
        request<Certificate>('GET', `/certificates/${encodeURIComponent(number)}`),
    );
    useTitle(t('certificate.title'));
    const unknown = loaded.problem?.code === 'not-found';
    return (
        <PageFrame>
            {loaded.value && <Found certificate={loaded.value} />}
            {unknown && <Unknown />}
            {loaded.problem && !unknown && (
                <ProblemNotice problem={loaded.problem} retry={() => void loaded.reload()} />
            )}
            {!loaded.value && !loaded.problem && <Waiting />}
        </PageFrame>
    );
}

function Unknown() {
    return (
        <Verdict state="unknown" icon="warning" title={t('certificate.unknown')}>
            <p>{t('certificate.unknown_text')}</p>
        </Verdict>
    );
}

function Found({ certificate }: { certificate: Certificate }) {
    if (certificate.state === 'erased')
        return (
            <Verdict state="erased" icon="warning" title={t('certificate.erased')}>
                <p>{t('certificate.erased_text')}</p>
                <Number id={certificate.id} />
            </Verdict>
        );
    const revoked = certificate.revoked_at_ms;
    return (
        <Verdict
            state={certificate.state}
            icon={revoked === null ? 'check' : 'warning'}
            title={
                revoked === null
                    ? t('certificate.valid')
                    : t('certificate.revoked', {
                          day: formatDay(revoked, currentLanguage(), readerZone()),
                      })
            }>
            <Facts certificate={certificate} />
        </Verdict>
    );
}

interface VerdictProperties {
    state: string;
    icon: 'check' | 'warning';
    title: string;
    children: ComponentChildren;
}

function Verdict({ state, icon, title, children }: VerdictProperties) {
    return (
        <article class="card certificate" data-state={state}>
            <p class="eyebrow">{t('certificate.title')}</p>
            <h1 class="certificate-verdict">
                <span class="certificate-seal">
                    <Icon name={icon} />
                </span>
                {title}
            </h1>
            {children}
        </article>
    );
}

function Facts({ certificate }: { certificate: CertificateFacts }) {
    const language = currentLanguage();
    const own = certificate.language;
    return (
        <dl class="certificate-facts">
            <Fact label={t('certificate.name')} own={own} strong>
                {certificate.name}
            </Fact>
            <Fact label={t('certificate.program')} own={own}>
                {certificate.program}
            </Fact>
            <Fact label={t('certificate.cohort')} own={own}>
                {certificate.cohort}
            </Fact>
            <Fact label={t('certificate.completed')}>{completedWords(certificate)}</Fact>
            <Fact label={t('certificate.completed_on')}>
                {formatCivilDay(certificate.completed_on, language)}
            </Fact>
            <Fact label={t('certificate.issued_on')}>
                {formatCivilDay(certificate.issued_on, language)}
            </Fact>
            <Fact label={t('certificate.issued_by')} own={own}>
                {certificate.host}
            </Fact>
            <Fact label={t('certificate.number')}>
                <span class="certificate-digits">{inGroups(certificate.id)}</span>
            </Fact>
            <Fact label={t('certificate.record')}>
                <span class="certificate-digits">
                    {inGroups(certificate.digest.slice(0, DIGEST_SHOWN))}
                </span>
            </Fact>
        </dl>
    );
}

interface FactProperties {
    label: string;
    /** Of the text, where it is not the page's. */
    own?: string;
    strong?: boolean;
    children: ComponentChildren;
}

function Fact({ label, own, strong, children }: FactProperties) {
    return (
        <div class={strong ? 'certificate-fact certificate-name' : 'certificate-fact'}>
            <dt>{label}</dt>
            <dd dir="auto" lang={own}>
                {children}
            </dd>
        </div>
    );
}

function Number({ id }: { id: string }) {
    return (
        <dl class="certificate-facts">
            <Fact label={t('certificate.number')}>
                <span class="certificate-digits">{inGroups(id)}</span>
            </Fact>
        </dl>
    );
}

/** As the paper has it: to the minute, and one at least. */
function completedWords(certificate: CertificateFacts): string {
    const minutes = Math.max(1, Math.round(certificate.content_ms / 60000));
    const values = {
        count: certificate.lectures,
        hours: Math.floor(minutes / 60),
        minutes: minutes % 60,
    };
    return minutes < 60 ? t('certificate.lectures_short', values) : t('certificate.lectures_long', values);
}

function inGroups(digits: string): string {
    return digits.match(/.{1,4}/g)?.join(' ') ?? digits;
}
