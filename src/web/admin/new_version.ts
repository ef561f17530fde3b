/* A lecture's next version: what an admin types about it, as the server takes it (docs/media.md, New versions). Pure. */
import type { Job, Lecture } from '../shared/staff_types';
import type { Span } from '../shared/types';

/** The server keeps no less. */
export const KEPT_MS_LEAST = 1000;

/** Does this job make another version than the one that is watched? */
export function makesVersion(job: Job, lecture: Lecture): boolean {
    return lecture.version !== null && job.version > lecture.version;
}

/** Is one on its way? The server makes one at a time. */
export function isVersionDue(lecture: Lecture): boolean {
    const { job } = lecture;
    if (!job || !makesVersion(job, lecture)) return false;
    return job.state === 'queued' || job.state === 'running' || job.state === 'paused';
}

/** Milliseconds of "1:02:40", "12:40", "40" or "0:40.5"; null of anything else. */
export function readPosition(text: string): number | null {
    const found = /^(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,5}(?:[.,]\d{1,3})?)$/.exec(text.trim());
    if (!found) return null;
    const [, hours, minutes, seconds = ''] = found;
    const figure = Number(seconds.replace(',', '.'));
    if (minutes !== undefined && figure >= 60) return null;
    if (hours !== undefined && Number(minutes) >= 60) return null;
    return Math.round((Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + figure) * 1000);
}

/** "0:40.5" of 40500: as readPosition() reads it, to a tenth of a second. */
export function writePosition(ms: number): string {
    const tenths = Math.floor(ms / 100);
    const seconds = Math.floor(tenths / 10);
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    const [hours = 0, minutes = 0, rest = 0] = parts;
    const tail = `${String(rest).padStart(2, '0')}${tenths % 10 > 0 ? `.${tenths % 10}` : ''}`;
    return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

/** What is kept; a field's name where its text says no such time. The end as it is shown is the very end. */
export function readTrim(from: string, to: string, lengthMs: number): Span | 'from' | 'to' {
    const fromMs = readPosition(from);
    if (fromMs === null || fromMs > lengthMs - KEPT_MS_LEAST) return 'from';
    const typed = readPosition(to);
    const toMs = typed === readPosition(writePosition(lengthMs)) ? lengthMs : typed;
    if (toMs === null || toMs > lengthMs || toMs < fromMs + KEPT_MS_LEAST) return 'to';
    return [fromMs, toMs];
}

/**
 * The timeline of a file that has all of the lecture, `laterMs` later; less than 0: so much of its beginning is missing. The
 * server ends it with the file.
 */
export function shiftedTimeline(laterMs: number, lengthMs: number): string {
    return JSON.stringify([[Math.max(0, -laterMs), lengthMs, Math.max(0, laterMs)]]);
}
