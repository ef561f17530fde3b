/*
 * Opens a personal link. The invitation stands in the fragment, which no server log sees, and is sent by script only: mail
 * scanners that fetch every link in a mail do not use it up.
 */
import { useEffect, useState } from 'preact/hooks';
import { asProblem, Problem, request } from '../shared/api';
import { Button } from '../shared/components/button';
import { Mark } from '../shared/components/mark';
import { PageFrame } from '../shared/components/page_frame';
import { Waiting } from '../shared/components/waiting';
import { useTitle } from '../shared/hooks';
import { problemText } from '../shared/problem_text';
import { t } from '../shared/text';

/* Read once, before the fragment is taken out of the address bar and the history. */
const invitation = decodeURIComponent(location.hash.slice(1));

async function openLink(): Promise<void> {
    history.replaceState(null, '', location.pathname);
    if (invitation === '') throw new Problem('invitation-unknown', 404);
    await request('POST', '/session/invitation', { body: { invitation } });
    location.replace('/');
}

export function OpenLinkPage() {
    const [problem, setProblem] = useState<Problem | null>(null);
    const open = () => {
        setProblem(null);
        openLink().catch((fault: unknown) => setProblem(asProblem(fault)));
    };
    useEffect(open, []);
    useEffect(() => {
        /* Another link pasted into this tab changes only the fragment, and loads nothing by itself. */
        const reload = () => location.reload();
        addEventListener('hashchange', reload);
        return () => removeEventListener('hashchange', reload);
    }, []);
    useTitle(t('access.open_title'));
    const final = problem?.code.startsWith('invitation-') ?? false;
    return (
        <PageFrame>
            {problem ? (
                <section class="access-card" role="alert" data-problem={problem.code}>
                    <Mark large />
                    <h1>{t('access.link_failed')}</h1>
                    <p class="lede">{problemText(problem)}</p>
                    {!final && (
                        <Button kind="primary" onClick={open}>
                            {t('shared.try_again')}
                        </Button>
                    )}
                </section>
            ) : (
                <section class="access-card">
                    <Mark large />
                    <h1>{t('access.opening')}</h1>
                    <Waiting />
                </section>
            )}
        </PageFrame>
    );
}
