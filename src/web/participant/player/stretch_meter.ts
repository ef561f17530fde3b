/*
 * Measures what was really played, from the positions that the video element reports while it plays. A seek closes the stretch
 * at the last position before it, so the part jumped over never counts. Milliseconds of lecture time; the clock is any steady one.
 */
export interface Stretch {
    from_ms: number;
    to_ms: number;
    rate: number;
}

/* timeupdate comes four times a second, once a second in a hidden tab, later on a machine short of breath. */
const SLACK_MS = 1500;

export class StretchMeter {
    private from = 0;
    private to = 0;
    rate = 1;
    private seenAt = 0;
    private open = false;
    private finished: Stretch[] = [];

    /** Playing goes on from here. */
    begin(positionMs: number, rate: number, nowMs: number): void {
        this.end();
        this.from = this.to = Math.round(positionMs);
        this.rate = rate;
        this.seenAt = nowMs;
        this.open = true;
    }

    get playing(): boolean {
        return this.open;
    }

    /** The playhead moved. A move that playing does not explain is a jump: a new stretch begins after it. */
    advance(positionMs: number, nowMs: number): void {
        if (!this.open) return;
        const at = Math.round(positionMs);
        const moved = at - this.to;
        const possible = (nowMs - this.seenAt) * this.rate + SLACK_MS;
        if (moved < 0 || moved > possible) {
            this.begin(at, this.rate, nowMs);
            return;
        }
        this.to = at;
        this.seenAt = nowMs;
    }

    /** Playing stops where the last position was reported. */
    end(): void {
        this.close();
        this.open = false;
    }

    /** Played to the very end: the last report comes some frames early, the lecture's length is exact. */
    endAt(durationMs: number): void {
        if (this.open && durationMs - this.to < SLACK_MS * Math.max(1, this.rate))
            this.to = Math.max(this.to, Math.round(durationMs));
        this.end();
    }

    /** What was played since the last call; the open stretch goes on without a gap. */
    take(): Stretch[] {
        this.close();
        return this.finished.splice(0);
    }

    /** The open stretch so far, which stays open. */
    current(): Stretch | null {
        if (!this.open || this.to <= this.from) return null;
        return { from_ms: this.from, to_ms: this.to, rate: this.rate };
    }

    private close(): void {
        if (this.open && this.to > this.from)
            this.finished.push({ from_ms: this.from, to_ms: this.to, rate: this.rate });
        this.from = this.to;
    }
}
