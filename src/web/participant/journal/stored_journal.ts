/* The journal in IndexedDB. A transaction is done when `settled` says so; beats are flushed to the disk by then, drafts may wait. */
import type { Beat } from '../../shared/types';
import type { Journal, PlaySession } from './journal';

/* Of play sessions that still wait for their acknowledgement; nobody has that many who ever comes back to a line. */
const SESSIONS_KEPT = 500;

type BeatRow = Beat & { session: string };
interface SessionRow extends PlaySession {
    /** In which order they began. */
    number: number;
}

export class StoredJournal implements Journal {
    static async open(): Promise<StoredJournal> {
        const journal = new StoredJournal(await openDatabase());
        await journal.dropOldest();
        return journal;
    }

    private constructor(private readonly database: IDBDatabase) {}

    async begin(session: PlaySession): Promise<void> {
        const transaction = this.change(['sessions'], 'strict');
        const store = transaction.objectStore('sessions');
        const newest = store.index('by-number').openKeyCursor(null, 'prev');
        newest.onsuccess = () => {
            const number = newest.result ? Number(newest.result.key) + 1 : 1;
            store.put({ ...session, number } satisfies SessionRow);
        };
        await settled(transaction);
    }

    async put(session: string, beats: Beat[]): Promise<void> {
        const transaction = this.change(['beats', 'drafts'], 'strict');
        for (const beat of beats) transaction.objectStore('beats').put({ session, ...beat });
        transaction.objectStore('drafts').delete(session);
        await settled(transaction);
    }

    async draft(session: string, beat: Beat): Promise<void> {
        const transaction = this.change(['drafts'], 'relaxed');
        transaction.objectStore('drafts').put({ session, ...beat });
        await settled(transaction);
    }

    async adopt(session: string): Promise<void> {
        const transaction = this.change(['beats', 'drafts'], 'strict');
        const asked = transaction.objectStore('drafts').get(session) as IDBRequest<BeatRow | undefined>;
        asked.onsuccess = () => {
            if (!asked.result) return;
            transaction.objectStore('beats').put(asked.result);
            transaction.objectStore('drafts').delete(session);
        };
        await settled(transaction);
    }

    async read(session: string, limit: number): Promise<Beat[]> {
        const store = this.database.transaction('beats').objectStore('beats');
        const rows = (await answer(store.getAll(beatsUpTo(session, Infinity), limit))) as BeatRow[];
        return rows.map(({ session: _, ...beat }) => beat);
    }

    async acknowledge(session: string, seq: number): Promise<void> {
        if (seq < 0) return;
        const transaction = this.change(['beats'], 'relaxed');
        transaction.objectStore('beats').delete(beatsUpTo(session, seq));
        await settled(transaction);
    }

    async sessionsOf(owner: string): Promise<PlaySession[]> {
        return (await this.sessions())
            .filter((row) => row.owner === owner)
            .map(({ session, grant }) => ({ session, owner, grant: grant ?? '' }));
    }

    async forget(session: string): Promise<void> {
        const transaction = this.change(['sessions', 'beats', 'drafts'], 'relaxed');
        transaction.objectStore('sessions').delete(session);
        transaction.objectStore('beats').delete(beatsUpTo(session, Infinity));
        transaction.objectStore('drafts').delete(session);
        await settled(transaction);
    }

    private async dropOldest(): Promise<void> {
        for (const row of (await this.sessions()).slice(0, -SESSIONS_KEPT)) await this.forget(row.session);
    }

    private sessions(): Promise<SessionRow[]> {
        const index = this.database.transaction('sessions').objectStore('sessions').index('by-number');
        return answer(index.getAll() as IDBRequest<SessionRow[]>);
    }

    private change(stores: string[], durability: IDBTransactionDurability): IDBTransaction {
        return this.database.transaction(stores, 'readwrite', { durability });
    }
}

function openDatabase(): Promise<IDBDatabase> {
    const opening = indexedDB.open('lectern-journal', 2);
    opening.onupgradeneeded = (event) => {
        const { result: database, transaction } = opening;
        if (event.oldVersion < 1) {
            database.createObjectStore('sessions', { keyPath: 'session' });
            database.createObjectStore('beats', { keyPath: ['session', 'seq'] });
        }
        database.createObjectStore('drafts', { keyPath: 'session' });
        const sessions = transaction?.objectStore('sessions');
        sessions?.createIndex('by-number', 'number');
        numberSessions(sessions);
    };
    /* A page of the older shape holds the database open: go on in memory rather than wait for it. */
    return new Promise((resolve, reject) => {
        opening.onblocked = () => reject(new Error('blocked'));
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
            /* A page of a newer shape must not have to wait for this one. */
            opening.result.onversionchange = () => opening.result.close();
            resolve(opening.result);
        };
    });
}

/* Rows of the first shape knew only the device's clock. */
function numberSessions(sessions: IDBObjectStore | undefined): void {
    if (!sessions) return;
    const asked = sessions.getAll() as IDBRequest<(SessionRow & { begun_at_ms?: number })[]>;
    asked.onsuccess = () => {
        const rows = asked.result.sort((a, b) => (a.begun_at_ms ?? 0) - (b.begun_at_ms ?? 0));
        rows.forEach(({ session, owner }, index) =>
            sessions.put({ session, owner, grant: '', number: index + 1 } satisfies SessionRow),
        );
    };
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

function beatsUpTo(session: string, seq: number): IDBKeyRange {
    return IDBKeyRange.bound([session, 0], [session, seq]);
}
