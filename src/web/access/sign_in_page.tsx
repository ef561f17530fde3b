import { useState } from 'preact/hooks';
import { asProblem, request, type Problem } from '../shared/api';
import { Button } from '../shared/components/button';
import { TextField } from '../shared/components/field';
import { Mark } from '../shared/components/mark';
import { PageFrame } from '../shared/components/page_frame';
import { ProblemNotice } from '../shared/components/problem_notice';
import { useTitle } from '../shared/hooks';
import { t } from '../shared/text';

/** For staff; participants need no password. */
export function SignInPage() {
    const [problem, setProblem] = useState<Problem | null>(null);
    const [busy, setBusy] = useState(false);
    useTitle(t('access.sign_in_title'));
    const submit = async (event: SubmitEvent) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget as HTMLFormElement);
        setBusy(true);
        setProblem(null);
        try {
            location.assign(await signIn(String(form.get('email')), String(form.get('password'))));
        } catch (fault) {
            setProblem(asProblem(fault));
            setBusy(false);
        }
    };
    return (
        <PageFrame>
            <section class="access-card">
                <Mark large />
                <h1>{t('access.sign_in_title')}</h1>
                <p class="soft">{t('access.sign_in_text')}</p>
                <form class="form" onSubmit={(event) => void submit(event)}>
                    <TextField
                        label={t('access.email')}
                        name="email"
                        type="email"
                        required
                        autocomplete="username"
                    />
                    <TextField
                        label={t('access.password')}
                        name="password"
                        type="password"
                        required
                        autocomplete="current-password"
                    />
                    {problem && <ProblemNotice problem={problem} />}
                    <Button kind="primary" type="submit" busy={busy}>
                        {t('access.sign_in')}
                    </Button>
                </form>
            </section>
        </PageFrame>
    );
}

/** Signs in and answers where to go: the page that sent the person here, or the one of their role. */
async function signIn(email: string, password: string): Promise<string> {
    const { role } = await request<{ role: 'admin' | 'organizer' }>('POST', '/session/password', {
        body: { email, password },
    });
    const from = new URLSearchParams(location.search).get('from') ?? '';
    const known = from === '/organizer' || (from === '/admin' && role === 'admin');
    return known ? from : `/${role}`;
}
