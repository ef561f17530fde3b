/* The lecture that the address names, as the player needs it: a participant's own, or a preview for staff. */
import { inLanguage, Problem, request } from '../../shared/api';
import { loadMe } from '../../shared/session';
import { complementSpans } from '../../shared/spans';
import type { Lecture } from '../../shared/staff_types';
import type {
    Chapter,
    Decision,
    Handout,
    MissingPiece,
    ParticipantMe,
    SeenTogether,
    Span,
} from '../../shared/types';
import { loadPlace, resumePosition } from './resume';

export interface PlayerLecture {
    id: string;
    title: string;
    description: string;
    /** Of title and description, where it is known. */
    textLanguage: string | undefined;
    provider: string | null;
    language: string;
    captions: string[];
    version: number;
    chapters: Chapter[];
    handouts: Handout[];
    durationMs: number;
    startMs: number;
    credited: Span[];
    /** As they were when the page was loaded. */
    missingReasons: MissingPiece[];
    decision: Decision | null;
    groups: SeenTogether[];
    /** False: no further than what was watched so far. */
    seeksFreely: boolean;
    coverage: number;
    completedAtMs: number | null;
    /** null: a preview by staff, logged to nobody. */
    owner: string | null;
    rateCapPercent: number;
    thresholdPercent: number;
    /** This device's clock minus the server's. */
    clockAheadMs: number;
    next: { id: string; title: string } | null;
}

export function lectureIdOfPage(): string {
    return location.pathname.split('/').filter(Boolean).pop() ?? '';
}

export async function loadLecture(id: string): Promise<PlayerLecture> {
    const me = await loadMe();
    if (me.role === 'participant') return ofParticipant(me, id);
    return forPreview(await request<Lecture>('GET', inLanguage(`/lectures/${encodeURIComponent(id)}`)));
}

function ofParticipant(me: ParticipantMe, id: string): PlayerLecture {
    const index = me.lectures.findIndex((lecture) => lecture.id === id);
    const lecture = me.lectures[index];
    if (!lecture) throw new Problem('not-found', 404);
    const next = me.lectures[index + 1];
    return {
        id: lecture.id,
        title: lecture.title,
        description: lecture.description,
        textLanguage: lecture.text_language,
        provider: lecture.provider,
        language: lecture.language,
        captions: lecture.captions,
        version: lecture.version,
        chapters: lecture.chapters,
        handouts: lecture.handouts,
        durationMs: lecture.duration_ms,
        startMs: resumePosition(lecture, loadPlace(me.id, id, lecture.version), lecture.duration_ms),
        credited: lecture.credited_ms > 0 ? complementSpans(lecture.missing, lecture.duration_ms) : [],
        missingReasons: lecture.missing_reasons,
        decision: lecture.decision,
        groups: lecture.groups,
        seeksFreely: me.cohort.rule.seeking !== 'watched',
        coverage: lecture.coverage,
        completedAtMs: lecture.completed_at_ms,
        owner: me.id,
        rateCapPercent: me.cohort.rule.rate_cap_percent,
        thresholdPercent: me.cohort.rule.threshold_percent,
        clockAheadMs: Date.now() - me.server_time_ms,
        next: next ? { id: next.id, title: next.title } : null,
    };
}

function forPreview(lecture: Lecture): PlayerLecture {
    return {
        id: lecture.id,
        title: lecture.title,
        description: lecture.description,
        textLanguage: lecture.text_language,
        provider: lecture.provider,
        language: lecture.language,
        captions: lecture.captions,
        version: lecture.version ?? 0,
        chapters: lecture.chapters,
        handouts: lecture.handouts,
        durationMs: lecture.duration_ms ?? 0,
        startMs: 0,
        credited: [],
        missingReasons: [],
        decision: null,
        groups: [],
        seeksFreely: true,
        coverage: 0,
        completedAtMs: null,
        owner: null,
        rateCapPercent: 200,
        thresholdPercent: 0,
        clockAheadMs: 0,
        next: null,
    };
}
