import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BeatSender } from '../participant/journal/beat_sender';
import { CarefulJournal, type PlaySession } from '../participant/journal/journal';
import { sendLeftovers } from '../participant/journal/leftovers';
import { MemoryJournal } from '../participant/journal/memory_journal';
import { Problem } from '../shared/api';
import type { Beat, BeatsAnswer } from '../shared/types';

function beat(seq: number): Beat {
    return {
        seq,
        from_ms: seq * 1000,
        to_ms: seq * 1000 + 1000,
        rate: 1,
        visible: true,
        muted: false,
        rendition: 'video',
        language: 'en',
        client_ts: 0,
    };
}

const play: PlaySession = { session: 's', owner: 'person', grant: 'granted' };

function answer(acknowledged: number): BeatsAnswer {
    return {
        acknowledged_seq: acknowledged,
        credited: [],
        flags: [],
        lease: { held: true },
        completed_at_ms: null,
        coverage: 0,
    };
}

/* Locks as a browser with one tab has them. */
async function withLocks(work: () => Promise<void>): Promise<void> {
    const locks = { request: (_name: string, _options: unknown, run: (lock: unknown) => unknown) => run({}) };
    const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
    Object.defineProperty(globalThis, 'navigator', { value: { locks }, configurable: true });
    try {
        await work();
    } finally {
        if (before) Object.defineProperty(globalThis, 'navigator', before);
    }
}

async function journalWith(count: number): Promise<MemoryJournal> {
    const journal = new MemoryJournal();
    await journal.begin(play);
    for (let seq = 0; seq < count; seq++) await journal.put('s', [beat(seq)]);
    return journal;
}

test('beats go in batches of at most 100, oldest first, and leave when acknowledged', async () => {
    const journal = await journalWith(250);
    const sizes: number[] = [];
    const sender = new BeatSender(
        journal,
        play,
        {},
        {
            post: async (_session, beats) => {
                sizes.push(beats.length);
                return answer(beats[beats.length - 1]?.seq ?? -1);
            },
        },
    );
    await sender.send();
    assert.deepEqual(sizes, [100, 100, 50]);
    assert.deepEqual(await journal.read('s', 10), []);
});

test('what is not acknowledged stays', async () => {
    const journal = await journalWith(5);
    let asked = 0;
    const sender = new BeatSender(
        journal,
        play,
        {},
        {
            post: async () => {
                asked++;
                return answer(2);
            },
        },
    );
    await sender.send();
    assert.deepEqual(
        (await journal.read('s', 10)).map(({ seq }) => seq),
        [3, 4],
    );
    assert.equal(asked, 2, 'no endless loop when nothing gets acknowledged');
});

test('a lost line loses nothing, and the next sending brings all', async () => {
    const journal = await journalWith(3);
    let down = true;
    const sender = new BeatSender(
        journal,
        play,
        {},
        {
            retries: false,
            post: async (_session, beats) => {
                if (down) throw new Problem('offline', 0);
                return answer(beats[beats.length - 1]?.seq ?? -1);
            },
        },
    );
    await sender.send();
    assert.equal((await journal.read('s', 10)).length, 3);
    down = false;
    await sender.send();
    assert.equal((await journal.read('s', 10)).length, 0);
});

test('a person who is signed out keeps their beats and is told', async () => {
    const journal = await journalWith(2);
    const told: string[] = [];
    const sender = new BeatSender(
        journal,
        play,
        { stopped: (problem) => told.push(problem.code) },
        {
            post: async () => {
                throw new Problem('session-expired', 401);
            },
        },
    );
    await sender.send();
    assert.deepEqual(told, ['session-expired']);
    assert.equal((await journal.read('s', 10)).length, 2);
});

test('beats of a play session that is not known stay, for their owner may sign in again', async () => {
    const journal = await journalWith(2);
    const told: string[] = [];
    const sender = new BeatSender(
        journal,
        play,
        { stopped: (problem) => told.push(problem.code) },
        {
            post: async () => {
                throw new Problem('play-session-unknown', 404);
            },
        },
    );
    await sender.send();
    assert.deepEqual(told, ['play-session-unknown']);
    assert.equal((await journal.read('s', 10)).length, 2);
    assert.deepEqual(await journal.sessionsOf('person'), [play]);
});

test('a hole that a broken disk left is filled, so that what comes after it is acknowledged', async () => {
    const journal = new MemoryJournal();
    await journal.begin(play);
    await journal.put('s', [beat(3), beat(4)]);
    const had = new Set([0]);
    const sent: number[][] = [];
    const sender = new BeatSender(
        journal,
        play,
        {},
        {
            post: async (_play, beats) => {
                sent.push(beats.map(({ seq }) => seq));
                for (const { seq, from_ms, to_ms } of beats) {
                    had.add(seq);
                    assert.ok(seq > 2 || from_ms === to_ms, 'a lost beat was made up');
                }
                let acknowledged = -1;
                while (had.has(acknowledged + 1)) acknowledged++;
                return answer(acknowledged);
            },
        },
    );
    await sender.send();
    assert.deepEqual(sent, [
        [3, 4],
        [1, 2],
    ]);
    assert.deepEqual(await journal.read('s', 10), []);
});

test('a disk that takes no more loses nothing while the page lives, and one is told once', async () => {
    const disk = await journalWith(1);
    let told = 0;
    const journal = new CarefulJournal(disk, () => told++);
    await journal.begin({ ...play, session: 't' });
    disk.put = async () => {
        throw new Error('QuotaExceededError');
    };
    await journal.put('t', [beat(0)]);
    await journal.put('t', [beat(1)]);
    assert.deepEqual(await journal.read('t', 10), [beat(0), beat(1)]);
    assert.deepEqual(await journal.read('s', 10), [beat(0)]);
    await journal.acknowledge('t', 0);
    assert.deepEqual(await journal.read('t', 10), [beat(1)]);
    assert.equal(told, 1);
});

test('leftovers go with the grant of their play session, each owner their own', async () => {
    const journal = await journalWith(2);
    const other = { session: 'other', owner: 'somebody else', grant: '' };
    await journal.begin(other);
    await journal.put('other', [beat(0)]);
    const sent: [string, string, number][] = [];
    await withLocks(() =>
        sendLeftovers('person', journal, async ({ session, grant }, beats) => {
            sent.push([session, grant, beats.length]);
            return answer(1);
        }),
    );
    assert.deepEqual(sent, [['s', 'granted', 2]]);
    assert.deepEqual(await journal.sessionsOf('person'), []);
    assert.deepEqual(await journal.sessionsOf('somebody else'), [other]);
});

test('a beat that comes while sending goes in one more round', async () => {
    const journal = await journalWith(1);
    const sent: number[] = [];
    const sender: BeatSender = new BeatSender(
        journal,
        play,
        {},
        {
            post: async (_session, beats) => {
                sent.push(...beats.map(({ seq }) => seq));
                if (sent.length === 1) {
                    await journal.put('s', [beat(1)]);
                    void sender.send();
                }
                return answer(beats[beats.length - 1]?.seq ?? -1);
            },
        },
    );
    await sender.send();
    assert.deepEqual(sent, [0, 1]);
});

test('nobody sends the beats of another person', async () => {
    const journal = await journalWith(1);
    assert.deepEqual(await journal.sessionsOf('somebody else'), []);
});
