/* The report's participants in the order in which they need attention. Pure. */
import type { CohortReport, ReportParticipant } from '../shared/staff_types';

export interface Row {
    participant: ReportParticipant;
    completed: number;
    /** 0 to 1: the mean over the lectures. */
    coverage: number;
    standing: Standing;
}

export type Standing = 'none' | 'partial' | 'completed';

export interface Filter {
    words: string;
    standing: Standing | 'all';
}

/** Who is furthest behind comes first; names decide among equals. */
export function makeRows(report: CohortReport): Row[] {
    const rows = report.participants.map((participant) => makeRow(participant, report.lectures.length));
    return rows.sort(
        (a, b) =>
            a.completed - b.completed ||
            a.coverage - b.coverage ||
            a.participant.name.localeCompare(b.participant.name),
    );
}

function makeRow(participant: ReportParticipant, lectureCount: number): Row {
    const completed = participant.lectures.filter((lecture) => lecture.completed_at_ms !== null).length;
    const covered = participant.lectures.reduce((sum, lecture) => sum + Math.min(1, lecture.coverage), 0);
    const coverage = lectureCount > 0 ? covered / lectureCount : 0;
    const all = lectureCount > 0 && completed === lectureCount;
    return {
        participant,
        completed,
        coverage,
        standing: all ? 'completed' : coverage > 0 ? 'partial' : 'none',
    };
}

export function filterRows(rows: readonly Row[], filter: Filter): Row[] {
    const words = plain(filter.words).split(/\s+/).filter(Boolean);
    return rows.filter(({ participant, standing }) => {
        const said = plain([participant.name, participant.group ?? '', participant.country ?? ''].join(' '));
        return (
            words.every((word) => said.includes(word)) &&
            (filter.standing === 'all' || filter.standing === standing)
        );
    });
}

/* Letters that are written with a stroke, which no decomposition takes off. */
const stroked: Record<string, string> = { đ: 'd', ł: 'l', ø: 'o' };

/** As people type it who have no such keys: "nguyen thi dung" for "Nguyễn Thị Dũng", "do" for "Đỗ". */
function plain(text: string): string {
    return text
        .toLocaleLowerCase()
        .normalize('NFD')
        .replace(/[\u0300-\u036f]/g, '')
        .replace(/[đłø]/g, (letter) => stroked[letter] ?? letter);
}
