/* A play session belongs to the tab that plays it; the lock ends with the tab, however it ends. */
export function lockName(session: string): string {
    return `lectern-play-${session}`;
}

/** Holds the play session's lock until the returned function is called or the tab is gone. */
export function holdSession(session: string): () => void {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
        release = resolve;
    });
    if ('locks' in navigator) void navigator.locks.request(lockName(session), () => held);
    return release;
}

/** Runs `work` if no tab plays this session. A browser without locks cannot know: then it waits for one that has them. */
export async function withFreeSession(session: string, work: () => Promise<void>): Promise<void> {
    if (!('locks' in navigator)) return;
    return navigator.locks.request(lockName(session), { ifAvailable: true }, async (lock) => {
        if (lock) await work();
    });
}
