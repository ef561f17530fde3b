/* The JSON of the API (docs/api.md) that only staff see. */
import type { Chapter, CompletionRule, Decision, Handout, MissingPiece, Progress, SeenTogether, Span } from './types';

export interface Cohort {
    id: string;
    name: string;
    time_zone: string;
    first_day: string;
    last_day: string;
    opens_at_ms: number;
    closes_at_ms: number;
    participant_count: number;
}

export interface Program {
    id: string;
    title: string;
    cohorts: Cohort[];
    lectures: { id: string; title: string; state: LectureState; published: boolean; duration_ms: number }[];
}

export type InvitationState = 'none' | 'issued' | 'opened' | 'expired' | 'revoked' | 'erased';

export interface Participant {
    id: string;
    name: string;
    email: string | null;
    country: string | null;
    gender: string | null;
    group: string | null;
    language: string;
    invitation: { state: InvitationState; issued_at_ms: number | null; expires_at_ms: number | null };
}

export interface ReportParticipant {
    id: string;
    name: string;
    country: string | null;
    gender: string | null;
    group: string | null;
    lectures: Progress[];
    sharing: Sharing;
}

/** Signs that a link may be shared, of the last weeks. */
export interface Sharing {
    networks: number;
    devices: number;
    networks_at_once: number;
    device_kinds_at_once: number;
    takeovers_an_hour: number;
    signs: ('networks-at-once' | 'device-kinds-at-once' | 'takeovers')[];
}

/** People who watched together before one screen. */
export interface WatchGroup {
    id: string;
    host: { id: string; name: string };
    opened_at_ms: number;
    closed_at_ms: number | null;
    state: 'open' | 'waiting' | 'confirmed' | 'refused';
    lectures: { id: string; shown_ms: number }[];
    people: { id: string; name: string; by: 'code' | 'organizer'; present_ms: number }[];
    decisions: {
        verdict: 'confirmed' | 'refused';
        reason: string;
        decided_at_ms: number;
        decided_by: string | null;
        ended_at_ms: number | null;
        ended_by: string | null;
    }[];
}

export interface CohortReport {
    cohort: {
        id: string;
        name: string;
        program_id: string;
        first_day: string;
        last_day: string;
        time_zone: string;
        rule: CompletionRule;
    };
    lectures: { id: string; title: string; duration_ms: number }[];
    participants: ReportParticipant[];
    totals: {
        participants: number;
        women: number;
        completed_all: number;
        accepted_by_hand: number;
        countries: Record<string, number>;
    };
}

export interface RuleHistory {
    rule: CompletionRule;
    /** Newest first; made_by null: the operator. */
    versions: (CompletionRule & { made_at_ms: number; made_by: string | null })[];
}

export interface DecisionRecord extends Decision {
    decided_by: string | null;
    /** null: it stands. */
    ended_at_ms: number | null;
    ended_by: string | null;
}

export interface ListedCertificate {
    id: string;
    state: 'valid' | 'revoked' | 'erased';
    issued_on: string;
    revoked_at_ms: number | null;
    reason: string | null;
}

export interface CertificateHolder {
    participant: string;
    name: string;
    earned: boolean;
    /** Lectures that are required and not published yet. */
    to_come: number;
    /** Newest first. */
    certificates: ListedCertificate[];
}

export interface LectureRecord {
    version: number;
    credited: Span[];
    delivered: Span[];
    missing: Span[];
    missing_reasons: MissingPiece[];
    decisions: DecisionRecord[];
    groups: SeenTogether[];
    intervals: {
        version: number;
        from_ms: number;
        to_ms: number;
        credited_at_ms: number;
        reason: string;
        play_session: string;
    }[];
    /** As the person's player told, a play session each, newest last. */
    quality: {
        play_session: string | null;
        version: number;
        first_at_ms: number;
        last_at_ms: number;
        deliveries: number;
        stalls: number;
        buffer_least_ms: number | null;
        throughput_least_kbps: number | null;
        throughput_median_kbps: number | null;
        renditions: Record<string, number>;
    }[];
    flags: Record<string, number>;
}

export type LectureState = 'preparing' | 'ready' | 'refused' | 'failed';
export type JobState = 'queued' | 'running' | 'paused' | 'done' | 'refused' | 'failed' | 'cancelled';
export type JobPass = 'first' | 'track' | 'rest';

/** What is odd about a file: docs/media.md. Besides these, the parameters of its code. */
export interface Finding {
    code: string;
    severity: 'info' | 'warning' | 'problem';
    /** In English, for codes that the page does not know. */
    sentence: string;
    /** What is done about it, or what the admin can do; may be "". */
    action: string;
    [parameter: string]: string | number;
}

export interface StreamReport {
    action: 'none' | 'copy' | 'transcode';
    codec: string;
    reason: string;
    /** The reason as a finding; absent in older reports. */
    because?: Finding;
    bits_per_second: number;
}

export interface MediaReport {
    container: string;
    size_bytes: number;
    duration_ms: number;
    video?: StreamReport & {
        width: number;
        height: number;
        rotation_degrees: number;
        frames_per_second_milli: number;
    };
    audio?: StreamReport & { sample_rate: number; channels: number };
    /** Older reports have notes in English only. */
    findings?: Finding[];
    notes?: string[];
    /** Why nothing came of the file. */
    verdict?: Finding;
}

export interface Job {
    id: string;
    lecture_id: string;
    /** Of the lecture, that it makes or adds to. */
    version: number;
    state: JobState;
    /** A lecture can be watched after its first pass; the rest makes it sharper. */
    pass: JobPass;
    permille: number;
    speed_percent: number | null;
    left_ms: number | null;
    reason: string | null;
    paused: { code: string; needed_bytes: number; free_bytes: number } | null;
    report: MediaReport | null;
}

/** What an event tells of a job: all but its report, or while it runs only how far it is. */
export type JobNews = Pick<
    Job,
    'id' | 'lecture_id' | 'state' | 'pass' | 'permille' | 'speed_percent' | 'left_ms'
>;

export interface LectureText {
    title: string;
    description: string;
}

/** A lecture's sound in another language than its own. */
export interface Sound {
    language: string;
    state: 'queued' | 'running' | 'paused' | 'ready' | 'failed' | 'refused' | 'cancelled';
    permille: number;
    offset_ms: number;
    file_name: string | null;
    from_recording: boolean;
    job: string;
    /** Why it failed or was refused: in English; and as a finding where it has a code. */
    reason: string | null;
    verdict: Finding | null;
}

export interface Lecture {
    id: string;
    title: string;
    description: string;
    /** Of title and description; absent where it is not known. */
    text_language?: string;
    titles: Record<string, LectureText>;
    language: string;
    state: LectureState;
    published: boolean;
    version: number | null;
    /** Since when this version is watched. */
    version_at_ms: number | null;
    duration_ms: number | null;
    file_name: string;
    /** The file as it came; null for lectures of before that was kept. */
    file: LectureFile | null;
    provider: string | null;
    provider_id: string | null;
    captions: string[];
    chapters: StaffChapter[];
    handouts: Handout[];
    job: Job | null;
    original_bytes: number | null;
    report: MediaReport | null;
    created_at_ms: number;
}

export interface LectureFile {
    size_bytes: number;
    sha256: string;
    /** Lectures that were made of the very same file. */
    same_as: string[];
}

/** What may still be begun. */
export interface UploadLimits {
    file_bytes_max: number;
    bytes_left: number;
    uploads_left: number;
}

export interface UploadsAnswer {
    uploads: UnfinishedUpload[];
    limits: UploadLimits;
}

export interface Provider {
    id: string;
    name: string;
    country: string | null;
}

export interface UnfinishedUpload {
    id: string;
    kind: 'whole' | 'partial' | 'final';
    becomes: 'lecture' | 'sound' | 'version';
    file_name: string;
    title: string;
    /** null: the sender does not know it yet. */
    length_bytes: number | null;
    offset_bytes: number;
    created_at_ms: number;
    expires_at_ms: number;
}

export interface StaffChapter extends Chapter {
    titles: Record<string, string>;
}
