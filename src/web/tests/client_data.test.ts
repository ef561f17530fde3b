import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromCmcdHeaders, validateCmcdHeaders } from '@svta/cml-cmcd';
import { BufferWatch, clientFields } from '../participant/player/client_data';

const calm = { session: 'p1', bufferMs: 21_349, throughput: 4_780_000, startup: false, starved: false };

test('figures are told in hundreds, and only what there is', () => {
    assert.deepEqual(clientFields(calm), {
        'CMCD-Request': 'bl=21300,mtp=4800',
        'CMCD-Session': 'sid="p1"',
    });
    assert.deepEqual(
        clientFields({ ...calm, session: '', throughput: 0, bufferMs: 0, startup: true, starved: true }),
        {
            'CMCD-Request': 'bl=0,su',
            'CMCD-Status': 'bs',
        },
    );
});

test('others read the same figures', () => {
    const session = '01890000-0000-7000-8000-000000000000';
    for (let i = 0; i < 500; i++) {
        const figures = {
            session: i % 3 === 0 ? '' : session,
            bufferMs: (i * 7919) % 90_000,
            throughput: i % 5 === 0 ? 0 : (i * 104_729) % 80_000_000,
            startup: i % 2 === 0,
            starved: i % 7 === 0,
        };
        const fields = clientFields(figures);
        assert.deepEqual(validateCmcdHeaders(fields, { version: 1 }).issues, [], JSON.stringify(fields));
        const told = fromCmcdHeaders(fields) as Record<string, unknown>;
        assert.equal(told.bl, Math.round(figures.bufferMs / 100) * 100);
        assert.equal(told.mtp, figures.throughput > 0 ? Math.round(figures.throughput / 100_000) * 100 : undefined);
        assert.equal(told.su ?? false, figures.startup);
        assert.equal(told.bs ?? false, figures.starved);
        assert.equal(told.sid ?? '', figures.session);
    }
});

/** As much of an element as is asked for. */
class Element extends EventTarget {
    seeking = false;
    currentTime = 0;
    spans: [number, number][] = [];

    get buffered() {
        const { spans } = this;
        return {
            length: spans.length,
            start: (i: number) => spans[i]?.[0],
            end: (i: number) => spans[i]?.[1],
        };
    }
    tell(name: string): void {
        this.dispatchEvent(new Event(name));
    }
}

function watch(): { element: Element; watched: BufferWatch } {
    const element = new Element();
    const video = element as unknown as HTMLVideoElement;
    return { element, watched: new BufferWatch(video, new AbortController().signal) };
}

test('a stall is told once, and neither the start nor a seek is one', () => {
    const { element, watched } = watch();
    element.tell('waiting');
    assert.deepEqual(watched.take(), { bufferMs: 0, startup: true, starved: false }, 'the start');
    element.tell('playing');
    assert.deepEqual(watched.take(), { bufferMs: 0, startup: false, starved: false });
    element.seeking = true;
    element.tell('waiting');
    assert.deepEqual(watched.take(), { bufferMs: 0, startup: true, starved: false }, 'a seek');
    element.seeking = false;
    element.tell('playing');
    element.tell('waiting');
    assert.deepEqual(watched.take(), { bufferMs: 0, startup: true, starved: true }, 'a stall');
    assert.deepEqual(watched.take(), { bufferMs: 0, startup: true, starved: false }, 'told once');
});

test('what counts as in store is what can be played without a hole', () => {
    const { element, watched } = watch();
    element.spans = [
        [0, 4],
        [6, 20],
    ];
    element.currentTime = 1;
    assert.equal(watched.take().bufferMs, 3000);
    element.currentTime = 5;
    assert.equal(watched.take().bufferMs, 0);
    element.currentTime = 6;
    assert.equal(watched.take().bufferMs, 14_000);
});
