/* Chapters as people write them: a time and a title a line. */
import type { StaffChapter } from '../shared/staff_types';
import { formatPosition } from '../shared/time';

export function chaptersAsText(chapters: StaffChapter[], language: string): string {
    return chapters.map((one) => `${formatPosition(one.start_ms)} ${one.titles[language] ?? one.title}`).join('\n');
}

/** The number of the first line that is none, or the chapters; titles in other languages stay with their time. */
export function chaptersOfText(
    text: string,
    language: string,
    before: StaffChapter[],
): number | { start_ms: number; titles: Record<string, string> }[] {
    const chapters = [];
    for (const [index, line] of text.split('\n').entries()) {
        if (line.trim() === '') continue;
        const parts = /^\s*(?:(\d+):)?(\d{1,3}):([0-5]\d)\s+(?:-\s*)?(\S.*?)\s*$/.exec(line);
        if (!parts) return index + 1;
        const [, hours = '0', minutes = '0', seconds = '0', title = ''] = parts;
        const shown = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
        /* Shown to the second: what was not touched keeps its place. */
        const same = before.find((one) => Math.floor(one.start_ms / 1000) * 1000 === shown);
        chapters.push({ start_ms: same?.start_ms ?? shown, titles: { ...same?.titles, [language]: title } });
    }
    return chapters;
}
