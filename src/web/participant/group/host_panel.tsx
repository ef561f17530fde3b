import { useEffect, useState } from 'preact/hooks';
import { Button } from '../../shared/components/button';
import { ProblemNotice } from '../../shared/components/problem_notice';
import { t } from '../../shared/text';
import type { GroupNow } from '../../shared/types';
import { useGroup } from './use_group';

/** Beside the lecture: others in the room type the code on their own devices, and are there too. */
export function HostPanel() {
    const { group, busy, problem, open, leave } = useGroup();
    const hosting = group?.role === 'host';
    return (
        <section class="together" id="together" aria-labelledby="together-title">
            <h2 id="together-title">{t('player.together_title')}</h2>
            {problem && <ProblemNotice problem={problem} />}
            {hosting ? (
                <>
                    <Code group={group} />
                    <p role="status" data-people={group.people}>
                        {t('player.together_people', { count: group.people })}
                    </p>
                    <div class="row">
                        <Button small busy={busy} onClick={open}>
                            {t('player.together_new_code')}
                        </Button>
                        <Button small busy={busy} onClick={leave}>
                            {t('player.together_end')}
                        </Button>
                    </div>
                    <p class="soft">{t('player.together_later')}</p>
                </>
            ) : (
                <>
                    <p class="soft">{t('player.together_text')}</p>
                    <Button small busy={busy} onClick={open}>
                        {t('player.together_open')}
                    </Button>
                </>
            )}
        </section>
    );
}

/** Read out digit by digit; none once its time is over. */
function Code({ group }: { group: GroupNow }) {
    const good = useGoodUntil(group.code_until_ms ?? 0);
    if (!group.code || !good) return <p class="soft">{t('player.together_code_over')}</p>;
    return (
        <p class="together-code">
            <span class="soft">{t('player.together_code')}</span>
            <strong data-code={group.code} aria-label={group.code.split('').join(' ')}>
                {group.code.slice(0, 3)}
                <span aria-hidden="true"> </span>
                {group.code.slice(3)}
            </strong>
        </p>
    );
}

function useGoodUntil(untilMs: number): boolean {
    const [now, setNow] = useState(Date.now());
    useEffect(() => {
        const timer = setTimeout(() => setNow(Date.now()), Math.max(0, untilMs - Date.now()) + 100);
        return () => clearTimeout(timer);
    }, [untilMs]);
    return now < untilMs;
}
