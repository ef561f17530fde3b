/* How far one may go in a lecture where seeking is not free. Pure. */
import { mergeSpans } from '../../shared/spans';
import type { Span } from '../../shared/types';
import type { PlayerState } from './player_state';

/* The server lets a report begin so far beyond what was watched (AHEAD_MS in src/viewing/coverage.h). */
const AHEAD_MS = 2000;
/* Playing moves on by less than this from one sign of the element to the next; a seek may not. */
const STEP_MS = 1500;

/** The end of what was watched from the start on. */
export function watchedFromStart(credited: readonly Span[]): number {
    let reach = 0;
    for (const [from, to] of mergeSpans(credited)) {
        if (from > reach + AHEAD_MS) break;
        reach = Math.max(reach, to);
    }
    return reach;
}

/** The furthest place that was reached by playing on from what was watched before. */
export function playedOn(furthestMs: number, state: PlayerState, change: Partial<PlayerState>): number {
    const at = change.positionMs;
    if (at === undefined || state.phase !== 'playing') return furthestMs;
    const reach = Math.max(furthestMs, watchedFromStart(state.credited));
    const wentOn = state.positionMs <= reach + STEP_MS && at - state.positionMs <= STEP_MS;
    return wentOn ? Math.max(reach, at) : furthestMs;
}
