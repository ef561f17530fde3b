import { Icon } from '../../shared/components/icon';
import { currentLanguage, t } from '../../shared/text';
import { formatDay, formatPercent } from '../../shared/time';
import { readerZone } from '../../shared/zones';
import type { PlayerLecture } from './lecture_source';
import type { PlayerState } from './player_state';

/** How much of the lecture counts as watched, and how much is needed. */
export function CoverageSummary({ lecture, state }: { lecture: PlayerLecture; state: PlayerState }) {
    const language = currentLanguage();
    const done = state.completedAtMs !== null;
    return (
        <p
            class={`coverage${done ? ' coverage-done' : ''}`}
            data-state={done ? 'completed' : state.coverage > 0 ? 'partial' : 'none'}>
            <strong class="coverage-figure">{formatPercent(state.coverage, language)}</strong>
            <span>
                {done ? (
                    <>
                        <Icon name="check" />
                        {t('player.completed_on', {
                            day: formatDay(state.completedAtMs ?? 0, language, readerZone()),
                        })}
                    </>
                ) : (
                    t('player.watched_of', {
                        needed: formatPercent(lecture.thresholdPercent / 100, language),
                    })
                )}
            </span>
        </p>
    );
}
