/*
 * Sends one play session's beats from the journal, oldest first, until none is left; after trouble it tries again, later and
 * later. One sender runs for a play session at a time: the tab that plays holds a lock on it, so no other tab sends it as a leftover.
 */
import { asProblem, Problem, request } from '../../shared/api';
import type { Beat, BeatsAnswer } from '../../shared/types';
import type { Journal } from './journal';

const BATCH = 100;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

export interface SenderEvents {
    answered?: (answer: BeatsAnswer) => void;
    /** Sending cannot go on before something is done about it (signed out, revoked). Beats stay in the journal. */
    stopped?: (problem: Problem) => void;
}

export interface SenderOptions {
    post?: Post;
    /** false: one attempt, for leftovers that the next page will try again. */
    retries?: boolean;
}

export type Post = (session: string, beats: Beat[]) => Promise<BeatsAnswer>;

export const postBeats: Post = (session, beats) =>
    request<BeatsAnswer>('POST', `/play/${session}/heartbeats`, { body: { beats }, keepalive: true });

export class BeatSender {
    private running: Promise<void> | null = null;
    private again = false;
    private pauseMs = 0;
    private timer: ReturnType<typeof setTimeout> | undefined;

    constructor(
        private readonly journal: Journal,
        private readonly session: string,
        private readonly events: SenderEvents = {},
        private readonly options: SenderOptions = {},
    ) {}

    /** Sends what is there; a call while sending makes one more round. */
    send(): Promise<void> {
        this.again = true;
        this.running ??= this.rounds().finally(() => {
            this.running = null;
        });
        return this.running;
    }

    /** The line is back: no need to wait for the pause to end. */
    sendNow(): void {
        this.pauseMs = 0;
        void this.send();
    }

    private async rounds(): Promise<void> {
        clearTimeout(this.timer);
        while (this.again) {
            this.again = false;
            try {
                await this.drain();
                this.pauseMs = 0;
            } catch (fault) {
                await this.handle(asProblem(fault));
                return;
            }
        }
    }

    private async drain(): Promise<void> {
        for (;;) {
            const beats = await this.journal.read(this.session, BATCH);
            const first = beats[0];
            if (!first) return;
            const answer = await (this.options.post ?? postBeats)(this.session, beats);
            await this.journal.acknowledge(this.session, answer.acknowledged_seq);
            this.events.answered?.(answer);
            /* A hole in the numbers, which only a broken disk could make, must not become an endless loop. */
            if (answer.acknowledged_seq < first.seq) return;
        }
    }

    private async handle(problem: Problem): Promise<void> {
        if (problem.code === 'play-session-unknown') {
            await this.journal.forget(this.session);
            this.events.stopped?.(problem);
        } else if (problem.status === 401 || problem.status === 403) {
            this.events.stopped?.(problem);
        } else if (this.options.retries !== false) {
            this.later();
        }
    }

    private later(): void {
        this.pauseMs = Math.min(Math.max(this.pauseMs * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
        /* Spread, so that a whole class does not return in the same second after an outage. */
        this.timer = setTimeout(() => void this.send(), this.pauseMs * (0.75 + Math.random() / 2));
    }
}
