#!/usr/bin/env node
// What the reference implementation (@svta/cml-cmcd) writes, our reader reads as the same figures: thousands of random requests, as
// fields and as the query parameter.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { decodeCmcd, toCmcdHeaders, toCmcdQuery } from '@svta/cml-cmcd';

const reader = process.argv[2];
const requests = 4000;

/** Numerical Recipes' generator: the same requests each time. */
let seed = 20261122;
const chance = (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
};
const pick = (list) => list[chance(list.length)];
const printable = (length, without) => {
    let text = '';
    while (text.length < length) {
        const letter = String.fromCharCode(0x20 + chance(0x5f));
        if (!without.includes(letter)) text += letter;
    }
    return text;
};

const makers = {
    bl: () => chance(600_000),
    br: () => chance(200_000),
    bs: () => chance(2) === 1,
    cid: () => printable(1 + chance(64), ''),
    d: () => chance(20_000),
    dl: () => chance(600_000),
    mtp: () => chance(9_000_000),
    nor: () => `../${printable(1 + chance(30), '%')}.m4s`,
    nrr: () => `${chance(1000)}-${1000 + chance(1000)}`,
    ot: () => pick(['m', 'a', 'v', 'av', 'i', 'c', 'tt', 'k', 'o']),
    pr: () => chance(400) / 100,
    rtp: () => chance(9_000_000),
    sf: () => pick(['d', 'h', 's', 'o']),
    sid: () => printable(1 + chance(64), '"\\'),
    st: () => pick(['v', 'l']),
    su: () => chance(2) === 1,
    tb: () => chance(200_000),
    'org.example-x': () => pick([5, 'a, "b"', true]),
};

function makeRequest() {
    const made = {};
    while (Object.keys(made).length === 0)
        for (const [key, make] of Object.entries(makers)) if (chance(3) === 0) made[key] = make();
    return made;
}

/** The package's own reading of its own words, of those keys that we keep; a rate in whole percents. */
function figures(words) {
    const told = decodeCmcd(words);
    const kept = { bs: told.bs === true, su: told.su === true };
    for (const key of ['br', 'tb', 'mtp', 'rtp', 'bl', 'dl', 'd', 'ot', 'sf', 'st', 'sid'])
        if (told[key] !== undefined) kept[key] = told[key];
    if (told.pr !== undefined) kept.pr = Math.floor(told.pr * 100 + 1e-6);
    return kept;
}

const lines = [];
const expected = [];
for (let i = 0; i < requests; i++) {
    const made = makeRequest();
    const fields = Object.values(toCmcdHeaders(made, { version: 1 }));
    const query = decodeURIComponent(toCmcdQuery(made, { version: 1 }).replace(/^CMCD=/, ''));
    if (fields.length === 0) continue; /* only what is false or usual, and so is left out */
    lines.push(fields.join('\t'), query);
    expected.push(figures(query), figures(query));
}
assert.ok(lines.length > requests, 'there was something to compare');
const ran = spawnSync(reader, { input: `${lines.join('\n')}\n`, encoding: 'utf8', maxBuffer: 1 << 26 });
assert.equal(ran.status, 0, ran.stderr);
const said = ran.stdout.trimEnd().split('\n');
assert.equal(said.length, lines.length);
for (const [place, line] of lines.entries()) assert.deepEqual(JSON.parse(said[place]), expected[place], line);
console.log(`${lines.length} requests read alike`);
