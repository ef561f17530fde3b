/* Where to go on: the server knows the last place on any device; this device may know a newer one that it could not send yet. */
export interface LocalPlace {
    /** Of the lecture, on whose clock the position is. */
    version: number;
    position_ms: number;
    /** By the server's clock. */
    at_ms: number;
}

/* Going on at the very end would show nothing. */
const END_MS = 3000;

export function resumePosition(
    server: { position_ms: number; last_at_ms: number | null },
    local: LocalPlace | null,
    durationMs: number,
): number {
    const newest = local && local.at_ms > (server.last_at_ms ?? 0) ? local.position_ms : server.position_ms;
    return newest > 0 && newest < durationMs - END_MS ? newest : 0;
}

function key(owner: string, lecture: string): string {
    return `lectern.place.${owner}.${lecture}`;
}

/** null where there is none of this version: the server carries its own over to a new one. */
export function loadPlace(owner: string, lecture: string, version: number): LocalPlace | null {
    try {
        const place = JSON.parse(localStorage.getItem(key(owner, lecture)) ?? 'null') as LocalPlace | null;
        return place?.version === version ? place : null;
    } catch {
        return null;
    }
}

export function savePlace(owner: string, lecture: string, place: LocalPlace): void {
    try {
        localStorage.setItem(key(owner, lecture), JSON.stringify(place));
    } catch {
        /* storage is switched off: the server's place is good enough */
    }
}
