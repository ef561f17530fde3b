/* Stretches of lecture time as sets: sorted, apart, never empty. Pure. */
import type { Span } from './types';

/** The union, in order; stretches that touch become one. */
export function mergeSpans(spans: readonly Span[]): Span[] {
    const sorted = spans.filter(([from, to]) => to > from).sort((a, b) => a[0] - b[0]);
    const merged: Span[] = [];
    for (const [from, to] of sorted) {
        const last = merged[merged.length - 1];
        if (last && from <= last[1]) last[1] = Math.max(last[1], to);
        else merged.push([from, to]);
    }
    return merged;
}

/** What of 0 to length is not in `spans`. */
export function complementSpans(spans: readonly Span[], length: number): Span[] {
    const rest: Span[] = [];
    let at = 0;
    for (const [from, to] of mergeSpans(spans)) {
        if (from > at) rest.push([at, Math.min(from, length)]);
        at = Math.max(at, to);
    }
    if (at < length) rest.push([at, length]);
    return rest.filter(([from, to]) => to > from);
}

export function totalMs(spans: readonly Span[]): number {
    return mergeSpans(spans).reduce((sum, [from, to]) => sum + to - from, 0);
}

/** Gaps that the server closes by itself are not shown as missing (coverage_missing in src/viewing). */
const CLOSE_GAP_MS = 500;

export function missingSpans(credited: readonly Span[], length: number): Span[] {
    return complementSpans(credited, length).filter(([from, to]) => to - from >= CLOSE_GAP_MS);
}
