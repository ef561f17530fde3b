/*
 * One play session's viewing, from the video element's events to beats in the journal and on their way to the server.
 * A beat goes out every 10 seconds of playing, and on pause, seek, change of speed, when the page is hidden, and at the end. What
 * is played between two beats is drafted each second: a browser that dies loses no more than that.
 */
import type { Beat } from '../../shared/types';
import { BeatSender, batchOf, type SenderEvents } from '../journal/beat_sender';
import type { Journal, PlaySession } from '../journal/journal';
import { holdSession } from '../journal/session_lock';
import { StretchMeter, type Stretch } from './stretch_meter';

const BEAT_MS = 10_000;
const DRAFT_MS = 1000;
/* A beacon holds 64 KiB in all, of all that the page has on its way. */
const BEACON_BEATS = 100;

export interface WatchContext {
    play: PlaySession;
    durationMs: number;
    /** What is being seen and heard now. */
    describe: () => { rendition: string; language: string };
}

export class WatchLog {
    private readonly meter = new StretchMeter();
    private readonly sender: BeatSender;
    /* Everything that is written to the journal, in its order. */
    private written: Promise<void>;
    private readonly ending = new AbortController();
    private readonly release: () => void;
    private readonly timer: ReturnType<typeof setInterval>;
    /* Not yet known to be durable at the server; for sendBeacon, which cannot wait for IndexedDB. */
    private unacknowledged: Beat[] = [];
    private nextSeq = 0;
    private draftedAt = 0;
    /* How the stretch that is under way is seen and heard: events tell of a change only after it. */
    private manner: Pick<Beat, 'visible' | 'muted'>;

    constructor(
        private readonly video: HTMLVideoElement,
        private readonly journal: Journal,
        private readonly context: WatchContext,
        events: SenderEvents,
    ) {
        this.manner = this.mannerNow();
        this.release = holdSession(context.play.session);
        this.written = journal.begin(context.play);
        this.sender = new BeatSender(journal, context.play, {
            ...events,
            answered: (answer) => {
                this.unacknowledged = this.unacknowledged.filter(
                    (beat) => beat.seq > answer.acknowledged_seq,
                );
                events.answered?.(answer);
            },
        });
        this.listen();
        this.timer = setInterval(() => this.flush(), BEAT_MS);
    }

    /** Takes what was played so far, keeps it, and sends it with what is still waiting. */
    flush(): void {
        this.keep(this.collect());
        if (this.unacknowledged.length > 0) void this.written.then(() => this.sender.send());
    }

    end(): void {
        this.meter.advance(this.positionMs(), performance.now());
        this.meter.end();
        this.flush();
        clearInterval(this.timer);
        this.ending.abort();
        this.release();
    }

    private listen(): void {
        const { video, meter } = this;
        const signal = this.ending.signal;
        if (!video.paused && !video.seeking && video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA)
            this.begin();
        const on = (name: string, handler: () => void) => video.addEventListener(name, handler, { signal });
        on('playing', () => {
            if (!meter.playing) this.begin();
        });
        on('timeupdate', () => {
            /* While seeking, the position is where playing will go on, not where it was. */
            if (!video.seeking) meter.advance(this.positionMs(), performance.now());
            this.draft();
        });
        on('seeking', () => this.stop());
        on('seeked', () => {
            if (!video.paused) this.begin();
        });
        on('pause', () => this.pause());
        on('ended', () => {
            meter.endAt(this.context.durationMs);
            this.flush();
        });
        on('ratechange', () => this.changeRate());
        on('volumechange', () => this.flush());
        document.addEventListener('visibilitychange', () => this.changeVisibility(), { signal });
        addEventListener('pagehide', () => this.sendBeacon(), { signal });
        addEventListener('online', () => this.sender.sendNow(), { signal });
    }

    private begin(): void {
        this.meter.begin(this.positionMs(), this.video.playbackRate, performance.now());
    }

    private stop(): void {
        this.meter.end();
        this.flush();
    }

    private pause(): void {
        if (this.video.ended) return; /* 'ended' closes the stretch exactly */
        if (!this.video.seeking) this.meter.advance(this.positionMs(), performance.now());
        this.stop();
    }

    private changeRate(): void {
        if (!this.meter.playing || this.meter.rate === this.video.playbackRate) return;
        const at = this.positionMs();
        this.meter.advance(at, performance.now());
        this.meter.begin(at, this.video.playbackRate, performance.now());
        this.flush();
    }

    private changeVisibility(): void {
        if (document.hidden) this.sendBeacon();
        else this.flush();
    }

    /** The page may be gone in a moment: send without waiting for anything. What is not acknowledged stays in the journal. */
    private sendBeacon(): void {
        if (!this.video.seeking) this.meter.advance(this.positionMs(), performance.now());
        this.keep(this.collect());
        if (this.unacknowledged.length === 0) return;
        const { play } = this.context;
        const body = JSON.stringify(batchOf(play, this.unacknowledged.slice(0, BEACON_BEATS)));
        navigator.sendBeacon(`/api/v1/play/${play.session}/heartbeats`, body);
    }

    private draft(): void {
        const now = performance.now();
        const stretch = this.meter.current();
        if (!stretch || now - this.draftedAt < DRAFT_MS) return;
        this.draftedAt = now;
        const beat = this.beatOf(stretch, this.nextSeq);
        this.written = this.written.then(() => this.journal.draft(this.context.play.session, beat));
    }

    private collect(): Beat[] {
        const beats = this.meter.take().map((stretch) => this.beatOf(stretch, this.nextSeq++));
        this.manner = this.mannerNow();
        this.unacknowledged.push(...beats);
        return beats;
    }

    private beatOf(stretch: Stretch, seq: number): Beat {
        return {
            seq,
            from_ms: stretch.from_ms,
            to_ms: Math.min(stretch.to_ms, this.context.durationMs),
            rate: stretch.rate,
            ...this.manner,
            ...this.context.describe(),
            client_ts: Date.now(),
        };
    }

    private mannerNow(): Pick<Beat, 'visible' | 'muted'> {
        return { visible: !document.hidden, muted: this.video.muted || this.video.volume === 0 };
    }

    private keep(beats: Beat[]): void {
        if (beats.length === 0) return;
        this.written = this.written.then(() => this.journal.put(this.context.play.session, beats));
    }

    private positionMs(): number {
        return this.video.currentTime * 1000;
    }
}
