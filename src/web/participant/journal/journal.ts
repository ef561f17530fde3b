/*
 * The viewing journal: every beat is stored here before it is sent, and leaves only when the server says that it is durable.
 * IndexedDB, so that a reload, a crash or days without a line lose nothing; where the browser forbids that, memory.
 *
 * A stretch that is still being played stands here as a draft, renewed each second: it becomes a beat when it is closed, or, when
 * nobody is left to close it, by adopt(). No clock decides what is kept: a device's own may be set at any time.
 */
import type { Beat } from '../../shared/types';
import { MemoryJournal } from './memory_journal';
import { StoredJournal } from './stored_journal';

export interface PlaySession {
    session: string;
    /** Whose it is, so that on a shared machine nobody sends another person's beats. */
    owner: string;
    /** The server's word on when it began, for what is played without a line; '' where it gave none. */
    grant: string;
}

export interface Journal {
    begin(session: PlaySession): Promise<void>;
    /** Beats in the order of their numbers; they take the place of the draft. */
    put(session: string, beats: Beat[]): Promise<void>;
    draft(session: string, beat: Beat): Promise<void>;
    /** Makes a beat of the draft that a crash left. Only while nobody plays this session. */
    adopt(session: string): Promise<void>;
    /** The oldest beats of a play session, in order. */
    read(session: string, limit: number): Promise<Beat[]>;
    /** Deletes the beats up to and including `seq`. */
    acknowledge(session: string, seq: number): Promise<void>;
    /** Oldest first. */
    sessionsOf(owner: string): Promise<PlaySession[]>;
    forget(session: string): Promise<void>;
}

/** `volatile` is told once, when what is played will not outlive the page. */
export async function openJournal(volatile: () => void = () => undefined): Promise<Journal> {
    try {
        return new CarefulJournal(await StoredJournal.open(), volatile);
    } catch {
        volatile();
        return new MemoryJournal();
    }
}

/**
 * Stores what can be stored, and keeps the rest in memory: disks get full, and people clear a site's data while they watch. The
 * beats that are stored already are not touched by that.
 */
export class CarefulJournal implements Journal {
    private readonly memory = new MemoryJournal();
    private told = false;

    constructor(
        private readonly stored: Journal,
        private readonly volatile: () => void,
    ) {}

    async begin(session: PlaySession): Promise<void> {
        await this.memory.begin(session);
        await this.stored.begin(session).catch(() => this.fall());
    }

    async put(session: string, beats: Beat[]): Promise<void> {
        try {
            await this.stored.put(session, beats);
        } catch {
            this.fall();
            await this.memory.put(session, beats);
        }
    }

    async draft(session: string, beat: Beat): Promise<void> {
        await this.stored.draft(session, beat).catch(() => this.fall());
    }

    async adopt(session: string): Promise<void> {
        await this.stored.adopt(session).catch(() => undefined);
    }

    async read(session: string, limit: number): Promise<Beat[]> {
        const stored = await this.stored.read(session, limit).catch(() => []);
        const kept = await this.memory.read(session, limit);
        return [...stored, ...kept].sort((a, b) => a.seq - b.seq).slice(0, limit);
    }

    async acknowledge(session: string, seq: number): Promise<void> {
        await this.memory.acknowledge(session, seq);
        await this.stored.acknowledge(session, seq).catch(() => this.fall());
    }

    async sessionsOf(owner: string): Promise<PlaySession[]> {
        const stored = await this.stored.sessionsOf(owner).catch(() => []);
        const kept = await this.memory.sessionsOf(owner);
        return [...stored, ...kept.filter(({ session }) => !stored.some((row) => row.session === session))];
    }

    async forget(session: string): Promise<void> {
        await this.memory.forget(session);
        await this.stored.forget(session).catch(() => undefined);
    }

    private fall(): void {
        if (!this.told) this.volatile();
        this.told = true;
    }
}
