import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
    formatBytes,
    formatCivilDay,
    formatPercent,
    formatPosition,
    sameClock,
    spokenPosition,
    zoneCity,
} from '../shared/time';

test('places in a lecture read as people say them', () => {
    assert.equal(formatPosition(0), '0:00');
    assert.equal(formatPosition(760_999), '12:40');
    assert.equal(formatPosition(3_760_000), '1:02:40');
    assert.equal(formatPosition(-5), '0:00');
    assert.equal(spokenPosition(760_000, 'en'), '12 minutes 40 seconds');
    assert.equal(spokenPosition(0, 'en'), '0 seconds');
    assert.equal(spokenPosition(3_600_000, 'en'), '1 hour');
});

test('only all of it is 100 percent', () => {
    assert.equal(formatPercent(0.999, 'en'), '99%');
    assert.equal(formatPercent(1, 'en'), '100%');
    assert.equal(formatPercent(0, 'en'), '0%');
    assert.equal(formatPercent(1.01, 'en'), '100%');
});

test('a civil day belongs to no zone', () => {
    assert.equal(formatCivilDay('2026-11-23', 'en'), 'Nov 23, 2026');
});

test('zones with the same clock need no second time', () => {
    const at = Date.parse('2026-11-23T00:00:00Z');
    assert.equal(sameClock(at, 'Asia/Tokyo', 'Asia/Seoul'), true);
    assert.equal(sameClock(at, 'Asia/Tokyo', 'Asia/Ho_Chi_Minh'), false);
    assert.equal(zoneCity('Asia/Ho_Chi_Minh'), 'Ho Chi Minh');
});

test('sizes are short', () => {
    assert.equal(formatBytes(740_000_000, 'en'), '740 MB');
    assert.equal(formatBytes(1_900_000_000, 'en'), '1.9 GB');
    assert.equal(formatBytes(12, 'en'), '12 byte');
});
