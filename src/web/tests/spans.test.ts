import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complementSpans, mergeSpans, missingSpans, totalMs } from '../shared/spans';
import type { Span } from '../shared/types';

test('watching twice counts once', () => {
    const cases: { story: string; watched: Span[]; union: Span[] }[] = [
        { story: 'nothing', watched: [], union: [] },
        {
            story: 'apart',
            watched: [
                [12000, 18000],
                [0, 6000],
            ],
            union: [
                [0, 6000],
                [12000, 18000],
            ],
        },
        {
            story: 'rewatched',
            watched: [
                [0, 6000],
                [0, 6000],
            ],
            union: [[0, 6000]],
        },
        {
            story: 'overlapping',
            watched: [
                [0, 6000],
                [4000, 9000],
            ],
            union: [[0, 9000]],
        },
        {
            story: 'touching',
            watched: [
                [0, 6000],
                [6000, 9000],
            ],
            union: [[0, 9000]],
        },
        {
            story: 'one inside the other',
            watched: [
                [0, 9000],
                [2000, 3000],
            ],
            union: [[0, 9000]],
        },
        {
            story: 'empty and turned round',
            watched: [
                [5, 5],
                [9, 3],
            ],
            union: [],
        },
    ];
    for (const { story, watched, union } of cases) assert.deepEqual(mergeSpans(watched), union, story);
    assert.equal(
        totalMs([
            [0, 6000],
            [4000, 9000],
        ]),
        9000,
    );
});

test('merging leaves what it was given alone', () => {
    const given: Span[] = [
        [0, 5],
        [3, 9],
    ];
    mergeSpans(given);
    assert.deepEqual(given, [
        [0, 5],
        [3, 9],
    ]);
});

test('what is missing is the rest of the lecture', () => {
    assert.deepEqual(complementSpans([], 1000), [[0, 1000]]);
    assert.deepEqual(complementSpans([[0, 1000]], 1000), []);
    assert.deepEqual(
        complementSpans(
            [
                [200, 300],
                [600, 1000],
            ],
            1000,
        ),
        [
            [0, 200],
            [300, 600],
        ],
    );
    assert.deepEqual(complementSpans([[200, 5000]], 1000), [[0, 200]]);
    assert.deepEqual(complementSpans([[1500, 2000]], 1000), [[0, 1000]]);
});

test('gaps that the server closes are not shown as missing', () => {
    assert.deepEqual(
        missingSpans(
            [
                [0, 1000],
                [1499, 5000],
            ],
            6000,
        ),
        [[5000, 6000]],
    );
    assert.deepEqual(
        missingSpans(
            [
                [0, 1000],
                [1500, 6000],
            ],
            6000,
        ),
        [[1000, 1500]],
    );
});
