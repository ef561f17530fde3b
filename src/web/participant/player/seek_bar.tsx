import { Track } from '../../shared/components/track';
import { currentLanguage, t } from '../../shared/text';
import { spokenPosition } from '../../shared/time';
import type { PlayerLecture } from './lecture_source';
import type { Player } from './player';
import type { PlayerState } from './player_state';

const STEP_MS = 5000;
const PAGE_MS = 60_000;

interface Properties {
    player: Player;
    state: PlayerState;
    lecture: PlayerLecture;
}

/** A range input, so that every pointer, key and screen reader can move it, over the drawing of what was watched. */
export function SeekBar({ player, state, lecture }: Properties) {
    const { durationMs } = lecture;
    const key = (event: KeyboardEvent) => {
        const to = keyTarget(event.key, state.positionMs, durationMs);
        if (to === null) return;
        event.preventDefault();
        player.seek(to);
    };
    return (
        <div class="seek">
            <Track
                thick
                length={durationMs}
                layers={[
                    {
                        kind: 'delivered',
                        spans:
                            state.bufferedToMs > state.positionMs
                                ? [[state.positionMs, state.bufferedToMs]]
                                : [],
                    },
                    { kind: state.completedAtMs !== null ? 'completed' : 'credited', spans: state.credited },
                ]}
            />
            <input
                class="seek-input"
                type="range"
                min={0}
                max={durationMs}
                step={100}
                value={state.positionMs}
                aria-label={t('player.position')}
                onKeyDown={key}
                onInput={(event) => player.seek(Number(event.currentTarget.value))}
                aria-valuetext={t('player.position_of', {
                    at: spokenPosition(state.positionMs, currentLanguage()),
                    length: spokenPosition(durationMs, currentLanguage()),
                })}
            />
        </div>
    );
}

function keyTarget(key: string, at: number, durationMs: number): number | null {
    switch (key) {
        case 'ArrowLeft':
        case 'ArrowDown':
            return at - STEP_MS;
        case 'ArrowRight':
        case 'ArrowUp':
            return at + STEP_MS;
        case 'PageDown':
            return at - PAGE_MS;
        case 'PageUp':
            return at + PAGE_MS;
        case 'Home':
            return 0;
        case 'End':
            return durationMs;
        default:
            return null;
    }
}
