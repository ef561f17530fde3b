/* The JSON of the API (docs/api.md), as the pages use it. Instants are UTC milliseconds (_at_ms), lengths milliseconds (_ms). */

/** A stretch of lecture time: from the first number up to, not including, the second. */
export type Span = [number, number];

export interface Progress {
    id: string;
    claimed_ms: number;
    delivered_ms: number;
    credited_ms: number;
    /** 0 to 1: unique lecture time credited over the lecture's length. */
    coverage: number;
    missing: Span[];
    completed_at_ms: number | null;
    last_at_ms: number | null;
    /** By hand; completed_at_ms follows it. */
    decision: Decision | null;
}

export interface Decision {
    verdict: 'accepted' | 'refused';
    reason: string;
    decided_at_ms: number;
}

/** A lecture was seen with others before one screen (docs/groups.md). */
export interface SeenTogether {
    id: string;
    at_ms: number;
    /** With oneself. */
    people: number;
    state: 'waiting' | 'confirmed' | 'refused';
    by: string | null;
    reason: string | null;
}

/** The group that one is in now. */
export interface GroupNow {
    role: 'host' | 'guest';
    id: string;
    opened_at_ms: number;
    people: number;
    /** For the host only. */
    code?: string | null;
    code_until_ms?: number;
}

/** Part of what is missing, with one reason (docs/watched.md). */
export interface MissingPiece {
    from_ms: number;
    to_ms: number;
    reason: string;
}

export interface ProgramLecture extends Progress {
    version: number;
    title: string;
    description: string;
    /** Of title and description; absent where it is not known. */
    text_language?: string;
    language: string;
    provider: string | null;
    duration_ms: number;
    captions: string[];
    chapters: Chapter[];
    handouts: Handout[];
    required: boolean;
    position_ms: number;
    missing_reasons: MissingPiece[];
    groups: SeenTogether[];
}

export interface CompletionRule {
    /** 0: nobody made one. */
    version: number;
    threshold_percent: number;
    gap_ms_max: number;
    rate_cap_percent: number;
    real_time: boolean;
    /** Anywhere, or no further than what was watched so far. */
    seeking: 'free' | 'watched';
    offline: 'credit' | 'hold';
    hidden_counts: boolean;
    muted_counts: boolean;
    silence_left_out: boolean;
}

export interface ParticipantMe {
    role: 'participant';
    id: string;
    name: string;
    language: string;
    program: { id: string; title: string; description: string; text_language?: string };
    cohort: {
        id: string;
        name: string;
        time_zone: string;
        first_day: string;
        last_day: string;
        opens_at_ms: number;
        closes_at_ms: number;
        open_until_ms: number;
        rule: CompletionRule;
    };
    lectures: ProgramLecture[];
    server_time_ms: number;
}

/** What a certificate's paper says. */
export interface CertificateFacts {
    id: string;
    state: 'valid' | 'revoked';
    revoked_at_ms: number | null;
    name: string;
    program: string;
    cohort: string;
    host: string;
    lectures: number;
    content_ms: number;
    /** Of its names. */
    language: string;
    /** Civil days in the cohort's time zone. */
    completed_on: string;
    issued_on: string;
    digest: string;
    /** Of a revocation; for the participant alone. */
    reason?: string | null;
}

export type Certificate = CertificateFacts | { id: string; state: 'erased'; revoked_at_ms: number | null };

export interface OwnCertificate {
    earned: boolean;
    /** There was none before. */
    may_take: boolean;
    certificate: Certificate | null;
}

export interface StaffMe {
    role: 'admin' | 'organizer';
    id: string;
    name: string;
    email: string;
    server_time_ms: number;
}

export type Me = ParticipantMe | StaffMe;

export interface PlayAnswer {
    /** null for staff, whose preview is not logged to anyone. */
    play_session: string | null;
    hls: string;
    dash: string;
    /** For what will be played without a line; goes along with the beats. */
    grant: string | null;
    /** Whose play session it is. */
    participant: string | null;
    expires_at_ms: number;
}

export interface Beat {
    seq: number;
    from_ms: number;
    to_ms: number;
    rate: number;
    visible: boolean;
    muted: boolean;
    rendition: string;
    language: string;
    client_ts: number;
}

export interface BeatsAnswer {
    acknowledged_seq: number;
    credited: Span[];
    flags: { seq: number | null; place?: number; reason: string }[];
    lease: { held: boolean };
    completed_at_ms: number | null;
    coverage: number;
}

/** Where a part of a lecture begins. */
export interface Chapter {
    start_ms: number;
    title: string;
}

export interface Handout {
    id: string;
    name: string;
    content_type: string;
    size_bytes: number;
}
