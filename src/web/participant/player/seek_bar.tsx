import { useRef, useState } from 'preact/hooks';
import { Track } from '../../shared/components/track';
import { currentLanguage, t } from '../../shared/text';
import { spokenPosition } from '../../shared/time';
import type { PlayerLecture } from './lecture_source';
import type { Player } from './player';
import type { PlayerState } from './player_state';
import { chapterAt, SeekPreview } from './seek_preview';

const STEP_MS = 5000;
const PAGE_MS = 60_000;
/* How long the picture of a place stays that a key led to. */
const KEY_PREVIEW_MS = 1500;
/* Of the knob, as the style has it: its middle stays half of that away from the ends. */
const KNOB_REM = 1.3;

interface Properties {
    player: Player;
    state: PlayerState;
    lecture: PlayerLecture;
}

/**
 * A range input, so that every pointer, key and screen reader can move it, over the drawing of what was watched. Dragging shows
 * where one would land, and only letting go loads it: a weak line fetches nothing in vain.
 */
export function SeekBar({ player, state, lecture }: Properties) {
    const { durationMs } = lecture;
    const [dragged, setDragged] = useState<number | null>(null);
    const [pointed, setPointed] = useState<number | null>(null);
    const [keyed, startKeyed, endKeyed] = useMoment(KEY_PREVIEW_MS);
    const standsAt = dragged ?? state.positionMs;
    const key = (event: KeyboardEvent) => {
        const to = keyTarget(event.key, state.positionMs, durationMs);
        if (to === null) return;
        event.preventDefault();
        startKeyed();
        player.seek(to);
    };
    const point = (event: PointerEvent) => {
        if (event.pointerType === 'mouse') setPointed(placeOf(event, durationMs));
    };
    const settle = (value: string) => {
        setDragged(null);
        player.seek(Number(value));
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
            <SeekPreview
                player={player}
                lecture={lecture}
                atMs={dragged ?? (keyed ? state.positionMs : pointed)}
            />
            <input
                class="seek-input"
                type="range"
                min={0}
                max={durationMs}
                step={100}
                value={standsAt}
                aria-label={t('player.position')}
                onKeyDown={key}
                onBlur={endKeyed}
                onPointerMove={point}
                onPointerLeave={() => setPointed(null)}
                onInput={(event) => setDragged(Number(event.currentTarget.value))}
                onChange={(event) => settle(event.currentTarget.value)}
                aria-valuetext={spokenPlace(lecture, standsAt)}
            />
        </div>
    );
}

function spokenPlace(lecture: PlayerLecture, ms: number): string {
    const language = currentLanguage();
    const words = t('player.position_of', {
        at: spokenPosition(ms, language),
        length: spokenPosition(lecture.durationMs, language),
    });
    const chapter = chapterAt(lecture, ms);
    return chapter ? `${words}${t('shared.list_comma')}${chapter}` : words;
}

/** True for so long after it was begun last. */
function useMoment(lengthMs: number): [boolean, () => void, () => void] {
    const [on, setOn] = useState(false);
    const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
    const end = () => {
        clearTimeout(timer.current);
        setOn(false);
    };
    const begin = () => {
        clearTimeout(timer.current);
        timer.current = setTimeout(() => setOn(false), lengthMs);
        setOn(true);
    };
    return [on, begin, end];
}

function placeOf(event: PointerEvent, durationMs: number): number {
    const bar = (event.currentTarget as Element).getBoundingClientRect();
    const knob = KNOB_REM * parseFloat(getComputedStyle(document.documentElement).fontSize);
    const part = (event.clientX - bar.left - knob / 2) / (bar.width - knob);
    return Math.min(Math.max(part, 0), 1) * durationMs;
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
