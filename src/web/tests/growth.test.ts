import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { Growth } from '../participant/player/growth';

const MINUTE_MS = 60_000;
let nowMs = 0;
let playlist: string | null = '';

beforeEach(() => {
    nowMs = 1000;
    playlist = '#EXTM3U';
    mock.method(performance, 'now', () => nowMs);
    mock.method(globalThis, 'fetch', () =>
        playlist === null ? Promise.reject(new TypeError('no line')) : Promise.resolve(new Response(playlist)),
    );
});
afterEach(() => mock.restoreAll());

function watch() {
    const taking = { count: 0, succeeds: true };
    const growth = new Growth(() => {
        taking.count++;
        return Promise.resolve(taking.succeeds);
    });
    const look = async (sought: boolean, laterMs = MINUTE_MS) => {
        nowMs += laterMs;
        await growth.look('/master.m3u8', sought);
        return taking.count;
    };
    return { taking, look };
}

test('stock is taken when the playlist is another one', async () => {
    const { look } = watch();
    assert.equal(await look(false), 1);
    assert.equal(await look(false), 1);
    playlist = '#EXTM3U and more';
    assert.equal(await look(false), 2);
});

test('what no playlist tells of is asked for when a menu is opened, and every five minutes', async () => {
    const { look } = watch();
    assert.equal(await look(false), 1);
    assert.equal(await look(true), 2);
    assert.equal(await look(true, 1000), 2, 'a menu is opened again and again');
    for (let minute = 1; minute < 5; minute++) assert.equal(await look(false), 2);
    assert.equal(await look(false), 3);
});

test('what could not be asked is asked again', async () => {
    const { taking, look } = watch();
    playlist = null;
    assert.equal(await look(true), 0);
    playlist = '#EXTM3U';
    taking.succeeds = false;
    assert.equal(await look(false), 1);
    taking.succeeds = true;
    assert.equal(await look(false), 2);
    assert.equal(await look(false), 2);
});
