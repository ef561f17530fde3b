/*
 * Tells when the line is in the way of playing, however the streaming engine takes it: engines try again in silence for long,
 * and while the browser knows that it is offline, for ever.
 */

/* A seek takes a moment on any line; longer than this, people wonder. */
const PATIENCE_MS = 4000;

export interface LineEvents {
    lost: () => void;
    /** The browser has a line again: no need to wait for the next attempt. */
    back: () => void;
}

export interface Line extends EventTarget {
    readonly navigator: { readonly onLine: boolean };
}

/** Watches until `signal` aborts. What it gives is to be called when one presses play: the element may be told much later. */
export function watchLine(
    video: EventTarget,
    line: Line,
    events: LineEvents,
    signal: AbortSignal,
    patienceMs = PATIENCE_MS,
): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const rest = () => clearTimeout(timer);
    const stall = () => {
        rest();
        if (!line.navigator.onLine) events.lost();
        else timer = setTimeout(events.lost, patienceMs);
    };
    video.addEventListener('waiting', stall, { signal });
    for (const name of ['playing', 'pause', 'ended']) video.addEventListener(name, rest, { signal });
    line.addEventListener('offline', events.lost, { signal });
    line.addEventListener('online', events.back, { signal });
    signal.addEventListener('abort', rest);
    return stall;
}
