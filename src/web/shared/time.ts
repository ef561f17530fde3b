/* Times and figures as people read them. Pure but for the reader's own region and clock. */
import { regional } from './language';

/** "12:40", "1:02:40": a place in a lecture, to the second below. */
export function formatPosition(ms: number): string {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor(seconds / 60) % 60;
    const tail = `${pad(seconds % 60)}`;
    return hours > 0 ? `${hours}:${pad(minutes)}:${tail}` : `${minutes}:${tail}`;
}

function pad(value: number): string {
    return String(value).padStart(2, '0');
}

/** "12 minutes 40 seconds", for screen readers. */
export function spokenPosition(ms: number, language: string): string {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    const parts: [number, string][] = [
        [Math.floor(seconds / 3600), 'hour'],
        [Math.floor(seconds / 60) % 60, 'minute'],
        [seconds % 60, 'second'],
    ];
    const shown = parts.filter(([value], index) => value > 0 || (index === 2 && seconds < 1));
    return shown.map(([value, unit]) => formatUnit(value, unit, language)).join(' ');
}

function formatUnit(value: number, unit: string, language: string): string {
    return new Intl.NumberFormat(regional(language), { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}

/** "Mon 23 November"; with the year where it is not this one. */
export function formatDay(atMs: number, language: string, zone: string, nowMs = Date.now()): string {
    return new Intl.DateTimeFormat(regional(language), {
        ...yearUnlessNow(atMs, zone, nowMs),
        weekday: 'short',
        day: 'numeric',
        month: 'long',
        timeZone: zone,
    }).format(atMs);
}

/** "Mon 23 Nov, 23:59"; with the year where it is not this one. */
export function formatInstant(atMs: number, language: string, zone: string, nowMs = Date.now()): string {
    return new Intl.DateTimeFormat(regional(language), {
        ...yearUnlessNow(atMs, zone, nowMs),
        weekday: 'short',
        day: 'numeric',
        month: 'short',
        hour: 'numeric',
        minute: '2-digit',
        timeZone: zone,
    }).format(atMs);
}

function yearUnlessNow(atMs: number, zone: string, nowMs: number): { year?: 'numeric' } {
    const year = new Intl.DateTimeFormat('en', { year: 'numeric', timeZone: zone });
    return year.format(atMs) === year.format(nowMs) ? {} : { year: 'numeric' };
}

/** With the year and without the weekday: for tables and records. */
export function formatDateTime(atMs: number, language: string, zone: string): string {
    return new Intl.DateTimeFormat(regional(language), {
        year: 'numeric',
        month: 'short',
        day: 'numeric',
        hour: 'numeric',
        minute: '2-digit',
        timeZone: zone,
    }).format(atMs);
}

/** A civil day such as "2026-11-23", which belongs to no zone. */
export function formatCivilDay(day: string, language: string): string {
    return new Intl.DateTimeFormat(regional(language), {
        day: 'numeric',
        month: 'short',
        year: 'numeric',
        timeZone: 'UTC',
    }).format(Date.parse(`${day}T00:00:00Z`));
}

/** Do two zones show the same clock at this instant? Then one of them is enough. */
export function sameClock(atMs: number, zone: string, other: string): boolean {
    return clock(atMs, zone) === clock(atMs, other);
}

function clock(atMs: number, zone: string): string {
    return new Intl.DateTimeFormat('en', { dateStyle: 'short', timeStyle: 'short', timeZone: zone }).format(
        atMs,
    );
}

/** The part of 1 as "64 %" in the reader's way of writing; only all of it is 100. */
export function formatPercent(part: number, language: string): string {
    const whole = part >= 1 ? 1 : Math.floor(part * 100) / 100;
    return new Intl.NumberFormat(regional(language), { style: 'percent' }).format(whole);
}

export function formatBytes(bytes: number, language: string): string {
    const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
    let value = bytes;
    let step = 0;
    while (value >= 1000 && step < units.length - 1) {
        value /= 1000;
        step++;
    }
    return new Intl.NumberFormat(regional(language), {
        style: 'unit',
        unit: units[step] ?? 'byte',
        unitDisplay: 'short',
        maximumFractionDigits: value < 10 && step > 0 ? 1 : 0,
    }).format(value);
}
