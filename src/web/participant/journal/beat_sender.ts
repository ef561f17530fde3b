/*
 * Sends one play session's beats from the journal, oldest first, until none is left; after trouble it tries again, later and
 * later. One sender runs for a play session at a time: the tab that plays holds a lock on it, so no other tab sends it as a leftover.
 */
import { asProblem, Problem, request } from '../../shared/api';
import type { Beat, BeatsAnswer } from '../../shared/types';
import type { Journal, PlaySession } from './journal';

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

export type Post = (play: PlaySession, beats: Beat[]) => Promise<BeatsAnswer>;

/** The body of a batch. The grant goes along with each: any may be the first that comes through. */
export function batchOf({ grant }: PlaySession, beats: Beat[]): { grant?: string; beats: Beat[] } {
    return grant === '' ? { beats } : { grant, beats };
}

export const postBeats: Post = (play, beats) =>
    request<BeatsAnswer>('POST', `/play/${play.session}/heartbeats`, {
        body: batchOf(play, beats),
        keepalive: true,
    });

/** What a lost beat leaves behind: a number that claims nothing, so that those after it can be acknowledged. */
function filler(seq: number): Beat {
    return {
        seq,
        from_ms: 0,
        to_ms: 0,
        rate: 1,
        visible: false,
        muted: false,
        rendition: '',
        language: '',
        client_ts: Date.now(),
    };
}

export class BeatSender {
    private running: Promise<void> | null = null;
    private again = false;
    private pauseMs = 0;
    private timer: ReturnType<typeof setTimeout> | undefined;

    constructor(
        private readonly journal: Journal,
        private readonly play: PlaySession,
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
                this.handle(asProblem(fault));
                return;
            }
        }
    }

    private async drain(): Promise<void> {
        for (;;) {
            const beats = await this.journal.read(this.play.session, BATCH);
            const first = beats[0];
            if (!first) return;
            let answer = await this.post(beats);
            if (answer.acknowledged_seq < first.seq - 1)
                answer = await this.fill(answer.acknowledged_seq + 1, first.seq);
            /* Whatever is wrong there must not become an endless loop. */
            if (answer.acknowledged_seq < first.seq) return;
        }
    }

    private async post(beats: Beat[]): Promise<BeatsAnswer> {
        const answer = await (this.options.post ?? postBeats)(this.play, beats);
        await this.journal.acknowledge(this.play.session, answer.acknowledged_seq);
        this.events.answered?.(answer);
        return answer;
    }

    /** A hole in the numbers, as a disk that was full may have made: its beats are in no journal any more. */
    private fill(from: number, before: number): Promise<BeatsAnswer> {
        const count = Math.min(before - from, BATCH);
        return this.post(Array.from({ length: count }, (_, index) => filler(from + index)));
    }

    private handle(problem: Problem): void {
        /* An unknown play session is another person's: somebody else has signed in on this device meanwhile. */
        const stays = problem.code === 'play-session-unknown' || [401, 403].includes(problem.status);
        if (stays) {
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
