import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playedOn, watchedFromStart } from '../participant/player/reach';
import type { PlayerState } from '../participant/player/player_state';
import { piecesNow } from '../shared/missing';

const piece = (from_ms: number, to_ms: number, reason: string) => ({ from_ms, to_ms, reason });

test('what was watched since the page was loaded is taken out of what is missing', () => {
    const known = [piece(0, 60_000, 'skipped'), piece(90_000, 120_000, 'muted')];
    assert.deepEqual(
        piecesNow(known, [
            [20_000, 60_000],
            [100_000, 120_000],
        ]),
        [piece(20_000, 60_000, 'skipped'), piece(100_000, 120_000, 'muted')],
    );
});

test('a stretch of several reasons keeps them', () => {
    const known = [piece(0, 10_000, 'undelivered'), piece(10_000, 60_000, 'skipped')];
    assert.deepEqual(piecesNow(known, [[5000, 60_000]]), [
        piece(5000, 10_000, 'undelivered'),
        piece(10_000, 60_000, 'skipped'),
    ]);
});

test('a stretch that nothing was known of was skipped', () => {
    assert.deepEqual(piecesNow([], [[0, 60_000]]), [piece(0, 60_000, 'skipped')]);
});

test('where seeking is not free one goes to the end of what was watched from the start', () => {
    assert.equal(watchedFromStart([]), 0);
    assert.equal(
        watchedFromStart([
            [0, 10_000],
            [11_500, 20_000],
            [30_000, 40_000],
        ]),
        20_000,
    );
    assert.equal(watchedFromStart([[5000, 20_000]]), 0);
});

test('playing on moves that end, and a seek does not', () => {
    const state = { phase: 'playing', positionMs: 10_000, credited: [[0, 10_000]] } as unknown as PlayerState;
    assert.equal(playedOn(10_000, state, { positionMs: 10_250 }), 10_250);
    assert.equal(playedOn(10_000, state, { positionMs: 50_000 }), 10_000);
    assert.equal(playedOn(10_000, { ...state, positionMs: 50_000 }, { positionMs: 50_250 }), 10_000);
    assert.equal(playedOn(10_000, { ...state, phase: 'paused' }, { positionMs: 10_250 }), 10_000);
});
