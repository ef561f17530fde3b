/*
 * The viewing journal: every beat is stored here before it is sent, and leaves only when the server says that it is durable.
 * IndexedDB, so that a reload, a crash or days without a line lose nothing; where the browser forbids that, memory.
 */
import type { Beat } from '../../shared/types';

export interface Journal {
    /** Notes whose play session it is, so that on a shared machine nobody sends another person's beats. */
    begin(session: string, owner: string): Promise<void>;
    put(session: string, beat: Beat): Promise<void>;
    /** The oldest beats of a play session, in order. */
    read(session: string, limit: number): Promise<Beat[]>;
    /** Deletes the beats up to and including `seq`. */
    acknowledge(session: string, seq: number): Promise<void>;
    sessionsOf(owner: string): Promise<string[]>;
    forget(session: string): Promise<void>;
}

/* Beats older than this were refused for good or belong to a program long over. */
const KEPT_MS = 60 * 24 * 3600 * 1000;

export async function openJournal(): Promise<Journal> {
    try {
        const journal = new StoredJournal(await openDatabase());
        await journal.dropOld(Date.now() - KEPT_MS);
        return journal;
    } catch {
        return new MemoryJournal();
    }
}

function openDatabase(): Promise<IDBDatabase> {
    const opening = indexedDB.open('lectern-journal', 1);
    opening.onupgradeneeded = () => {
        opening.result.createObjectStore('sessions', { keyPath: 'session' });
        opening.result.createObjectStore('beats', { keyPath: ['session', 'seq'] });
    };
    return answer(opening);
}

function answer<Value>(asked: IDBRequest<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(asked.error);
    });
}

function settled(transaction: IDBTransaction): Promise<void> {
    return new Promise((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
}

interface SessionRow {
    session: string;
    owner: string;
    begun_at_ms: number;
    next_seq: number;
}

function beatsUpTo(session: string, seq: number): IDBKeyRange {
    return IDBKeyRange.bound([session, 0], [session, seq]);
}

class StoredJournal implements Journal {
    constructor(private readonly database: IDBDatabase) {}

    async begin(session: string, owner: string): Promise<void> {
        const transaction = this.database.transaction('sessions', 'readwrite');
        const row: SessionRow = { session, owner, begun_at_ms: Date.now(), next_seq: 0 };
        transaction.objectStore('sessions').put(row);
        await settled(transaction);
    }

    async put(session: string, beat: Beat): Promise<void> {
        const transaction = this.database.transaction(['sessions', 'beats'], 'readwrite');
        transaction.objectStore('beats').put({ session, ...beat });
        const sessions = transaction.objectStore('sessions');
        const asked = sessions.get(session) as IDBRequest<SessionRow | undefined>;
        asked.onsuccess = () => {
            if (asked.result) sessions.put({ ...asked.result, next_seq: beat.seq + 1 });
        };
        await settled(transaction);
    }

    async read(session: string, limit: number): Promise<Beat[]> {
        const store = this.database.transaction('beats').objectStore('beats');
        const rows = (await answer(store.getAll(beatsUpTo(session, Infinity), limit))) as (Beat & {
            session: string;
        })[];
        return rows.map(({ session: _, ...beat }) => beat);
    }

    async acknowledge(session: string, seq: number): Promise<void> {
        if (seq < 0) return;
        const transaction = this.database.transaction('beats', 'readwrite');
        transaction.objectStore('beats').delete(beatsUpTo(session, seq));
        await settled(transaction);
    }

    async sessionsOf(owner: string): Promise<string[]> {
        const rows = await this.rows();
        return rows
            .filter((row) => row.owner === owner)
            .sort((a, b) => a.begun_at_ms - b.begun_at_ms)
            .map((row) => row.session);
    }

    async forget(session: string): Promise<void> {
        const transaction = this.database.transaction(['sessions', 'beats'], 'readwrite');
        transaction.objectStore('sessions').delete(session);
        transaction.objectStore('beats').delete(beatsUpTo(session, Infinity));
        await settled(transaction);
    }

    async dropOld(beforeMs: number): Promise<void> {
        for (const row of await this.rows()) {
            if (row.begun_at_ms < beforeMs) await this.forget(row.session);
        }
    }

    private rows(): Promise<SessionRow[]> {
        return answer(
            this.database.transaction('sessions').objectStore('sessions').getAll() as IDBRequest<
                SessionRow[]
            >,
        );
    }
}

/** Private windows of some browsers have no IndexedDB: then a reload loses what was not yet sent, and nothing else changes. */
export class MemoryJournal implements Journal {
    private readonly beats = new Map<string, { owner: string; beats: Beat[] }>();

    async begin(session: string, owner: string): Promise<void> {
        this.beats.set(session, { owner, beats: [] });
    }

    async put(session: string, beat: Beat): Promise<void> {
        this.beats.get(session)?.beats.push(beat);
    }

    async read(session: string, limit: number): Promise<Beat[]> {
        return (this.beats.get(session)?.beats ?? []).slice(0, limit);
    }

    async acknowledge(session: string, seq: number): Promise<void> {
        const kept = this.beats.get(session);
        if (kept) kept.beats = kept.beats.filter((beat) => beat.seq > seq);
    }

    async sessionsOf(owner: string): Promise<string[]> {
        return [...this.beats].filter(([, kept]) => kept.owner === owner).map(([session]) => session);
    }

    async forget(session: string): Promise<void> {
        this.beats.delete(session);
    }
}
