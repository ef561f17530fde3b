/* hls.js, tuned for long lectures on weak lines. */
import Hls, { type ErrorData, type Level } from 'hls.js';
import { BufferWatch, clientFields } from './client_data';
import type { Offer, Quality, Sound, Stream, StreamEvents } from './stream';

const RETRY_FIRST_MS = 1000;
const RETRY_LONGEST_MS = 15_000;

export function hlsStream(video: HTMLVideoElement, events: StreamEvents): Stream {
    return new HlsStream(video, events);
}

class HlsStream implements Stream {
    private readonly hls: Hls;
    private readonly buffer: BufferWatch;
    private readonly ending = new AbortController();
    private retryMs = RETRY_FIRST_MS;
    private retryTimer: ReturnType<typeof setTimeout> | undefined;
    private mended = 0;
    private measured = false;
    private address = '';
    private startMs = 0;

    constructor(
        private readonly video: HTMLVideoElement,
        private readonly events: StreamEvents,
    ) {
        this.buffer = new BufferWatch(video, this.ending.signal);
        this.hls = new Hls({
            /* Fragmented MP4 passes through untouched: a worker would only copy it about. */
            enableWorker: false,
            autoStartLoad: false,
            /* A minute ahead, so that a passing hole in the line is not heard, yet a phone's memory is not filled. */
            maxBufferLength: 60,
            maxMaxBufferLength: 90,
            backBufferLength: 30,
            capLevelToPlayerSize: true,
            abrEwmaDefaultEstimate: firstEstimate(),
            xhrSetup: (_request, _address, context) => {
                if ('frag' in context) context.headers = { ...context.headers, ...this.clientFields() };
            },
        });
        this.hls.on(Hls.Events.ERROR, (_event, data) => this.handle(data));
        this.hls.on(Hls.Events.FRAG_BUFFERED, () => {
            this.retryMs = RETRY_FIRST_MS;
            this.measured = true;
            this.events.found();
        });
        this.hls.on(Hls.Events.MANIFEST_PARSED, () => {
            /* Before anything is loaded, so that nothing is loaded in vain. */
            this.setSound(this.events.sounds(soundsOf(this.hls)));
            this.beginWith(this.events.qualities(qualitiesOf(this.hls)));
            this.hls.startLoad(this.startMs / 1000);
        });
        this.hls.attachMedia(video);
    }

    load(address: string, startMs: number): void {
        this.address = address;
        this.startMs = startMs;
        this.hls.loadSource(address);
    }

    resume(): void {
        clearTimeout(this.retryTimer);
        if (this.hls.levels.length === 0) this.hls.loadSource(this.address);
        else this.hls.startLoad(this.video.currentTime || this.startMs / 1000);
    }

    setSound(language: string): void {
        /* By language, so that it stays when another picture brings another group of sounds. */
        if (language !== '') this.hls.setAudioOption({ lang: language });
    }

    setQuality(name: string): void {
        /* What plays goes on; what was loaded behind it comes anew. -1, which stands for none: by the line. */
        this.hls.nextLevel = this.hls.levels.findIndex((level) => renditionOf(level) === name);
    }

    bitsPerSecond(): number | null {
        return this.measured ? this.hls.bandwidthEstimate : null;
    }

    look(): Promise<Offer | null> {
        /* An engine of its own reads it, so that both are told alike and what plays is not disturbed. */
        const reader = new Hls({ enableWorker: false, autoStartLoad: false });
        return new Promise<Offer | null>((resolve) => {
            reader.on(Hls.Events.MANIFEST_PARSED, () =>
                resolve({ sounds: soundsOf(reader), qualities: qualitiesOf(reader) }),
            );
            reader.on(Hls.Events.ERROR, (_event, data) => data.fatal && resolve(null));
            reader.loadSource(this.address);
        }).finally(() => reader.destroy());
    }

    rendition(): string {
        return renditionOf(this.hls.levels[this.hls.currentLevel]);
    }

    end(): void {
        clearTimeout(this.retryTimer);
        this.ending.abort();
        this.hls.destroy();
    }

    private beginWith(quality: string): void {
        /* Where the line seems too slow for all of them: the smallest, not the one that is listed first. */
        this.hls.firstLevel = 0;
        if (quality === '') return;
        this.setQuality(quality);
        this.hls.startLevel = this.hls.manualLevel;
    }

    private clientFields(): Record<string, string> {
        return clientFields({
            ...this.buffer.take(),
            session: this.events.session(),
            throughput: this.hls.bandwidthEstimate,
        });
    }

    private handle(data: ErrorData): void {
        const status = data.response?.code ?? 0;
        if (status === 401 || status === 403) {
            /* hls.js gives up on these; other errors of the same round follow as not fatal. */
            if (data.fatal) this.events.refused(status);
            return;
        }
        if (!data.fatal) {
            /* The engine tries again by itself, in silence. */
            if (data.type === Hls.ErrorTypes.NETWORK_ERROR && status !== 404) this.events.lost();
            return;
        }
        if (data.type === Hls.ErrorTypes.NETWORK_ERROR && status !== 404 && status !== 410) this.retryLater();
        else if (data.type === Hls.ErrorTypes.MEDIA_ERROR && this.mended++ < 3) this.hls.recoverMediaError();
        else this.events.broken(data.details);
    }

    private retryLater(): void {
        this.events.lost();
        clearTimeout(this.retryTimer);
        this.retryTimer = setTimeout(() => this.resume(), this.retryMs);
        this.retryMs = Math.min(this.retryMs * 2, RETRY_LONGEST_MS);
    }
}

function qualitiesOf(hls: Hls): Quality[] {
    return hls.levels
        .filter((level) => level.videoCodec)
        .map((level) => ({
            name: renditionOf(level),
            lines: Math.min(level.width, level.height),
            stills: renditionOf(level) === 'stills',
        }));
}

/** Each language once: it is there in several groups. */
function soundsOf(hls: Hls): Sound[] {
    const found = new Map<string, Sound>();
    for (const track of hls.allAudioTracks)
        if (track.lang && !found.has(track.lang))
            found.set(track.lang, { language: track.lang, original: track.default });
    return [...found.values()];
}

/** The folder of the rendition's playlist is its name: .../480p/playlist.m3u8 */
function renditionOf(level: Level | undefined): string {
    return level?.url[0]?.split('/').at(-2) ?? '';
}

/**
 * Bits a second to begin with: what the browser thinks of the line, else what nearly every line gives. Too little is made up for
 * within a segment or two; too much is waited for.
 */
function firstEstimate(): number {
    const connection = (navigator as { connection?: { downlink?: number } }).connection;
    const megabits = connection?.downlink;
    return megabits && megabits > 0 ? Math.min(megabits * 1_000_000 * 0.7, 3_000_000) : 150_000;
}
