import { useEffect } from 'preact/hooks';
import { Button } from '../../shared/components/button';
import { PageFrame } from '../../shared/components/page_frame';
import { ProblemNotice } from '../../shared/components/problem_notice';
import { Waiting } from '../../shared/components/waiting';
import { useLoaded, useTitle } from '../../shared/hooks';
import { needsSession } from '../../shared/problem_text';
import { leave, loadMe } from '../../shared/session';
import { t } from '../../shared/text';
import type { Me } from '../../shared/types';
import { GuestPanel } from '../group/guest_panel';
import { CertificateCard } from './certificate_card';
import { LectureThread } from './lecture_thread';
import { MyRecord } from './my_record';
import { ProgramHeader } from './program_header';
import { Welcome } from './welcome';

/** What a participant opens first: the program, and where they are in it. */
export function ProgramPage() {
    const me = useLoaded<Me>('me', loadMe);
    const signedOut = me.problem !== null && needsSession(me.problem);
    useTitle(me.value?.role === 'participant' ? me.value.program.title : t('shared.name'));
    useReloadOnReturn(me.reload);
    return (
        <PageFrame onLanguage={() => void me.reload()}>
            {me.value ? <Content me={me.value} /> : null}
            {!me.value && signedOut ? <Welcome /> : null}
            {me.problem && !signedOut ? (
                <ProblemNotice problem={me.problem} retry={() => void me.reload()} />
            ) : null}
            {!me.value && !me.problem ? <Waiting /> : null}
        </PageFrame>
    );
}

function Content({ me }: { me: Me }) {
    useEffect(() => {
        if (me.role === 'participant')
            void import('../journal/leftovers').then(({ sendLeftovers }) => sendLeftovers(me.id));
    }, [me.role, me.id]);
    if (me.role !== 'participant') return <StaffPointer role={me.role} />;
    return (
        <div id="program">
            <ProgramHeader me={me} />
            <CertificateCard />
            <LectureThread lectures={me.lectures} rule={me.cohort.rule} />
            <GuestPanel />
            <MyRecord participant={me.id} />
            <footer class="program-footer">
                <p>{t('program.signed_in_as', { name: me.name })}</p>
                <Button kind="quiet" small onClick={() => void leave('/')}>
                    {t('program.leave_device')}
                </Button>
            </footer>
        </div>
    );
}

function StaffPointer({ role }: { role: 'admin' | 'organizer' }) {
    return (
        <div class="notice">
            <p>{t('program.you_are_staff')}</p>
            <a class="button button-primary" href={`/${role}`}>
                {t('program.go_to_work')}
            </a>
        </div>
    );
}

/** Coming back from a lecture by the browser's back button shows a stored page: its figures are old. */
function useReloadOnReturn(reload: () => Promise<void>): void {
    useEffect(() => {
        const refresh = (event: PageTransitionEvent) => {
            if (event.persisted) void reload();
        };
        addEventListener('pageshow', refresh);
        return () => removeEventListener('pageshow', refresh);
    }, [reload]);
}
