import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
    formatBytes,
    formatCivilDay,
    formatDay,
    formatInstant,
    formatPercent,
    formatPosition,
    sameClock,
    spokenPosition,
} from '../shared/time';
import { regional } from '../shared/language';
import { allZones, zoneCity, zoneOfToday } from '../shared/zones';

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

test('an instant of another year says so, by the clock of its place', () => {
    const now = Date.parse('2026-11-22T12:00:00Z');
    const words = (at: string, zone = 'UTC') => formatInstant(Date.parse(at), 'en-GB', zone, now);
    assert.ok(!words('2026-11-23T00:00:00Z').includes('2026'));
    assert.match(words('2027-11-22T23:59:00Z'), /2027/);
    assert.match(words('2025-01-01T00:00:00Z'), /2025/);
    assert.match(words('2026-12-31T20:00:00Z', 'Asia/Tokyo'), /2027/);
    assert.match(formatDay(Date.parse('2025-11-22T00:00:00Z'), 'en-GB', 'UTC', now), /2025/);
    assert.ok(!formatDay(now, 'en-GB', 'UTC', now).includes('2026'));
});

test("dates are written as the reader's own region writes the language", () => {
    assert.equal(regional('en', ['en-GB', 'en']), 'en-GB');
    assert.equal(regional('en', ['ja-JP', 'en', 'en-IN']), 'en-IN');
    assert.equal(regional('ja', ['en-GB']), 'ja');
    assert.equal(regional('en', []), 'en');
});

test('zones have the names of today, and each is offered once', () => {
    assert.equal(zoneOfToday('Asia/Saigon'), 'Asia/Ho_Chi_Minh');
    assert.equal(zoneOfToday('Asia/Calcutta'), 'Asia/Kolkata');
    assert.equal(zoneOfToday('Asia/Katmandu'), 'Asia/Kathmandu');
    assert.equal(zoneOfToday('Asia/Rangoon'), 'Asia/Yangon');
    assert.equal(zoneOfToday('Asia/Tokyo'), 'Asia/Tokyo');
    assert.equal(zoneCity('Asia/Saigon'), 'Ho Chi Minh');
    const zones = allZones();
    assert.equal(new Set(zones).size, zones.length);
    for (const zone of ['UTC', 'Asia/Ho_Chi_Minh', 'Asia/Ulaanbaatar', 'Asia/Kolkata'])
        assert.ok(zones.includes(zone), zone);
    assert.ok(!zones.includes('Asia/Saigon'));
});
