import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BeatSender } from '../participant/journal/beat_sender';
import { MemoryJournal } from '../participant/journal/journal';
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

async function journalWith(count: number): Promise<MemoryJournal> {
    const journal = new MemoryJournal();
    await journal.begin('s', 'person');
    for (let seq = 0; seq < count; seq++) await journal.put('s', beat(seq));
    return journal;
}

test('beats go in batches of at most 100, oldest first, and leave when acknowledged', async () => {
    const journal = await journalWith(250);
    const sizes: number[] = [];
    const sender = new BeatSender(
        journal,
        's',
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
        's',
        {},
        {
            post: async () => {
                asked++;
                return answer(asked === 1 ? 2 : -1);
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
        's',
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
        's',
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

test('beats of a play session that the server does not know are given up', async () => {
    const journal = await journalWith(2);
    const sender = new BeatSender(
        journal,
        's',
        {},
        {
            post: async () => {
                throw new Problem('play-session-unknown', 404);
            },
        },
    );
    await sender.send();
    assert.deepEqual(await journal.sessionsOf('person'), []);
});

test('a beat that comes while sending goes in one more round', async () => {
    const journal = await journalWith(1);
    const sent: number[] = [];
    const sender: BeatSender = new BeatSender(
        journal,
        's',
        {},
        {
            post: async (_session, beats) => {
                sent.push(...beats.map(({ seq }) => seq));
                if (sent.length === 1) {
                    await journal.put('s', beat(1));
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
