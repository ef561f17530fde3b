/* The colour tokens hold WCAG 2.2 AA in both schemes: 4.5 to 1 for words, 3 to 1 for edges of controls and for graphs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const css = readFileSync('src/web/shared/style/tokens.css', 'utf8');
const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)');

function tokens(part: string): Record<string, string> {
    return Object.fromEntries(
        [...part.matchAll(/--([a-z-]+): (#[0-9a-f]{6})/g)].map(([, name = '', value = '']) => [name, value]),
    );
}

function luminance(colour: string): number {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
        const value = parseInt(colour.slice(at, at + 2), 16) / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
    const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
}

const grounds = ['paper', 'sheet', 'sunken'];
const words = ['ink', 'ink-soft', 'accent', 'accent-hover', 'done', 'missing', 'bad'];
const pairs: [string, string, number][] = [
    ...grounds.flatMap((ground) => words.map((word): [string, string, number] => [word, ground, 4.5])),
    ['accent-ink', 'accent', 4.5],
    ['accent-ink', 'accent-hover', 4.5],
    ['accent', 'accent-wash', 4.5],
    ['done', 'done-wash', 4.5],
    ['missing', 'missing-wash', 4.5],
    ['bad', 'bad-wash', 4.5],
    ['ink', 'done-wash', 4.5],
    ['ink', 'missing-wash', 4.5],
    ['ink', 'bad-wash', 4.5],
    ['ink-soft', 'bad-wash', 4.5],
    ['line-strong', 'paper', 3],
    ['line-strong', 'sheet', 3],
    ['track-watched', 'track', 3],
    ['done', 'track', 3],
    ['missing', 'track', 3],
];

for (const [scheme, part] of [
    ['light', light],
    ['dark', dark],
] as const) {
    test(`words and marks can be told from their ground in the ${scheme} scheme`, () => {
        const colours = tokens(part);
        const poor = pairs
            .map(([fore, ground, least]) => ({
                fore,
                ground,
                least,
                found: contrast(colours[fore] ?? '', colours[ground] ?? ''),
            }))
            .filter(({ found, least }) => !(found >= least));
        assert.deepEqual(poor, []);
    });
}
