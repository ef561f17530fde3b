/*
 * What the player tells beside each request for a segment, so that whoever helps a viewer can see how well the line serves them:
 * Common Media Client Data (CTA-5004), version 1. In fields of the request rather than in its address, as a new address each time
 * would keep the browser from confirming a segment that it has. Only what the server does not know by itself; the play session is
 * the same each time, which HTTP/2 sends as one byte.
 */
export interface ClientFigures {
    /** The play session; '' where there is none. */
    session: string;
    /** Milliseconds of content that wait to be played. */
    bufferMs: number;
    /** Bits a second, as measured. */
    throughput: number;
    /** Needed at once: to begin, or to go on after a seek or a stall. */
    startup: boolean;
    /** Playback has stood still for want of data since the last request. */
    starved: boolean;
}

/** Both figures are rounded to hundreds, as the specification asks for. */
export function clientFields(figures: ClientFigures): Record<string, string> {
    const request = [`bl=${hundreds(figures.bufferMs)}`];
    if (figures.throughput > 0) request.push(`mtp=${hundreds(figures.throughput / 1000)}`);
    if (figures.startup) request.push('su');
    return {
        'CMCD-Request': request.join(','),
        ...(figures.session === '' ? {} : { 'CMCD-Session': `sid="${figures.session}"` }),
        ...(figures.starved ? { 'CMCD-Status': 'bs' } : {}),
    };
}

function hundreds(value: number): number {
    return Math.round(value / 100) * 100;
}

/** Watches an element for stalls, and says how much it has in store. */
export class BufferWatch {
    private played = false;
    private waiting = true;
    private starved = false;

    constructor(
        private readonly video: HTMLVideoElement,
        signal: AbortSignal,
    ) {
        video.addEventListener('playing', () => this.plays(), { signal });
        video.addEventListener('waiting', () => this.waits(), { signal });
    }

    /** Told once for each stall. */
    take(): Pick<ClientFigures, 'bufferMs' | 'startup' | 'starved'> {
        const { starved } = this;
        this.starved = false;
        return { bufferMs: this.bufferMs(), startup: this.waiting, starved };
    }

    private plays(): void {
        this.played = true;
        this.waiting = false;
    }

    private waits(): void {
        /* A seek makes it wait too, which is no fault of the line's. */
        this.starved ||= this.played && !this.video.seeking;
        this.waiting = true;
    }

    private bufferMs(): number {
        const { buffered, currentTime } = this.video;
        for (let i = 0; i < buffered.length; i++)
            if (buffered.start(i) <= currentTime && currentTime < buffered.end(i))
                return (buffered.end(i) - currentTime) * 1000;
        return 0;
    }
}
