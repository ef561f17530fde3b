/* Private windows of some browsers have no IndexedDB: then a reload loses what was not yet sent, and nothing else changes. */
import type { Beat } from '../../shared/types';
import type { Journal, PlaySession } from './journal';

export class MemoryJournal implements Journal {
    private readonly sessions = new Map<string, PlaySession & { beats: Beat[] }>();

    async begin(session: PlaySession): Promise<void> {
        this.sessions.set(session.session, { ...session, beats: [] });
    }

    async put(session: string, beats: Beat[]): Promise<void> {
        this.sessions.get(session)?.beats.push(...beats);
    }

    /* The page that could make a beat of it would be gone with this memory. */
    async draft(): Promise<void> {}
    async adopt(): Promise<void> {}

    async read(session: string, limit: number): Promise<Beat[]> {
        return (this.sessions.get(session)?.beats ?? []).slice(0, limit);
    }

    async acknowledge(session: string, seq: number): Promise<void> {
        const kept = this.sessions.get(session);
        if (kept) kept.beats = kept.beats.filter((beat) => beat.seq > seq);
    }

    async sessionsOf(owner: string): Promise<PlaySession[]> {
        return [...this.sessions.values()]
            .filter((kept) => kept.owner === owner)
            .map(({ session, grant }) => ({ session, owner, grant }));
    }

    async forget(session: string): Promise<void> {
        this.sessions.delete(session);
    }
}
