import { Button } from '../../shared/components/button';
import { TextField } from '../../shared/components/field';
import { ProblemNotice } from '../../shared/components/problem_notice';
import { t } from '../../shared/text';
import { useGroup } from './use_group';

/** On the program's page: to be there when a lecture is shown on somebody else's screen. */
export function GuestPanel() {
    const { group, busy, problem, join, leave } = useGroup();
    if (group?.role === 'host') return null;
    if (group)
        return (
            <section class="card together" id="together" aria-labelledby="together-title">
                <h2 id="together-title">{t('program.together_here')}</h2>
                <p role="status" data-people={group.people}>
                    {t('program.together_people', { count: group.people })}
                </p>
                <p class="soft">{t('program.together_later')}</p>
                {problem && <ProblemNotice problem={problem} />}
                <Button small busy={busy} onClick={leave}>
                    {t('program.together_leave')}
                </Button>
            </section>
        );
    const submit = (event: SubmitEvent) => {
        event.preventDefault();
        const typed = new FormData(event.currentTarget as HTMLFormElement).get('code');
        join(String(typed ?? '').replace(/\D/g, ''));
    };
    return (
        <details class="card together" id="together">
            <summary>{t('program.together_title')}</summary>
            <p class="soft">{t('program.together_text')}</p>
            {problem && <ProblemNotice problem={problem} />}
            <form class="together-form" onSubmit={submit}>
                <TextField
                    label={t('program.together_code')}
                    name="code"
                    inputmode="numeric"
                    autocomplete="off"
                    required
                />
                <Button kind="primary" type="submit" busy={busy}>
                    {t('program.together_join')}
                </Button>
            </form>
        </details>
    );
}
