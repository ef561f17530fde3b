import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesAreDear } from '../participant/player/comfort';
import { readThumbnails, thumbnailAt } from '../participant/player/thumbnails';

const index = `WEBVTT

00:00:00.000 --> 00:00:05.000
thumbnails-0.jpg#xywh=0,0,160,90

00:00:05.000 --> 00:00:10.000
thumbnails-0.jpg#xywh=160,0,160,90

01:00:10.500 --> 01:00:12.000
thumbnails-1.jpg#xywh=0,90,160,90
`;

test('the index of thumbnails says which part of which sheet stands for a time', () => {
    const thumbnails = readThumbnails(index);
    assert.equal(thumbnails.length, 3);
    assert.deepEqual(thumbnails[2], { fromMs: 3610500, sheet: 'thumbnails-1.jpg', x: 0, y: 90, width: 160, height: 90 });
    assert.equal(thumbnailAt(thumbnails, 4999)?.x, 0);
    assert.equal(thumbnailAt(thumbnails, 5000)?.x, 160);
    assert.equal(thumbnailAt(thumbnails, 9e9)?.sheet, 'thumbnails-1.jpg');
    assert.equal(thumbnailAt([], 0), undefined);
    assert.deepEqual(readThumbnails('WEBVTT\n\n00:00.000 --> 00:05.000\nHello\n'), [], 'captions are no thumbnails');
});

test('pictures for comfort are left out where bytes are dear', () => {
    const cases: { story: string; bits: number | null; connection: object; dear: boolean }[] = [
        { story: 'nothing is known', bits: null, connection: {}, dear: false },
        { story: 'a good line', bits: 4_000_000, connection: { effectiveType: '4g' }, dear: false },
        { story: 'measured as weak', bits: 64_000, connection: { effectiveType: '4g' }, dear: true },
        { story: 'weak by what the browser knows', bits: null, connection: { effectiveType: 'slow-2g' }, dear: true },
        { story: 'the reader saves data', bits: 4_000_000, connection: { saveData: true }, dear: true },
    ];
    for (const { story, bits, connection, dear } of cases)
        assert.equal(bytesAreDear(bits, connection), dear, story);
});
