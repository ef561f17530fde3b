import { Button } from '../../shared/components/button';
import { mayPass, needsSession, problemText } from '../../shared/problem_text';
import { t } from '../../shared/text';
import type { Player } from './player';
import type { PlayerState } from './player_state';

/** What is in the way of playing, and the one thing to do about it. */
export function StageMessage({ player, state }: { player: Player; state: PlayerState }) {
    return (
        <div class="stage-message-region" aria-live="assertive">
            {state.taken ? (
                <Taken player={player} />
            ) : state.problem ? (
                <Trouble player={player} state={state} />
            ) : (
                <Lost state={state} />
            )}
        </div>
    );
}

function Taken({ player }: { player: Player }) {
    return (
        <div class="stage-message" data-message="taken">
            <p class="stage-message-title">{t('player.taken_title')}</p>
            <p>{t('player.taken_text')}</p>
            <Button kind="primary" onClick={() => void player.play()}>
                {t('player.continue_here')}
            </Button>
        </div>
    );
}

function Trouble({ player, state }: { player: Player; state: PlayerState }) {
    const problem = state.problem;
    if (!problem) return null;
    return (
        <div class="stage-message" data-problem={problem.code}>
            <p>{problemText(problem)}</p>
            {needsSession(problem) && <p class="stage-message-small">{t('player.kept_on_device')}</p>}
            {problem.code === 'lecture-renewed' || problem.code === 'other-person' ? (
                <Button kind="primary" onClick={() => location.reload()}>
                    {t(problem.code === 'other-person' ? 'player.load_again' : 'player.load_version')}
                </Button>
            ) : (
                mayPass(problem) && (
                    <Button kind="primary" onClick={() => void player.play()}>
                        {t('shared.try_again')}
                    </Button>
                )
            )}
        </div>
    );
}

function Lost({ state }: { state: PlayerState }) {
    if (!state.lost || !state.waiting) return null;
    return (
        <p class="stage-message stage-message-line" data-message="lost">
            {t(state.shown ? 'player.lost' : 'player.lost_first')}
        </p>
    );
}
