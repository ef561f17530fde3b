/* What the player needs of a streaming engine; hls.js and the browser's own HLS both give it. */

/** The sound in one language: the speaker's own, or an interpreter's. */
export interface Sound {
    language: string;
    original: boolean;
}

/** A picture that can be chosen: so many lines of its shorter side (0 of stills, which are a picture a slide). */
export interface Quality {
    name: string;
    lines: number;
    stills: boolean;
}

/** All that a lecture can be heard and seen in. */
export interface Offer {
    sounds: Sound[];
    qualities: Quality[];
}

export interface StreamEvents {
    /** The server refused a playlist or a segment (401, 403): the permission has to be renewed. */
    refused: (status: number) => void;
    /** The line is down or slow; the engine goes on trying. */
    lost: () => void;
    /** Data flows again. */
    found: () => void;
    /** The languages that it can be heard in, once known; answers which of them to begin with. */
    sounds: (sounds: Sound[]) => string;
    /** The pictures that it can be seen in, once known, smallest first; answers which to begin with, '' to suit the line. */
    qualities: (qualities: Quality[]) => string;
    /** This stream cannot be played. */
    broken: (detail: string) => void;
    /** The play session, to be told beside requests; '' where nothing is logged. */
    session: () => string;
}

export interface Stream {
    /** Begins to load, from startMs. */
    load(address: string, startMs: number): void;
    /** After a renewed permission or when the line is back. */
    resume(): void;
    /** One of the languages that were told. */
    setSound(language: string): void;
    /** One of the pictures that were told; '' for what suits the line. */
    setQuality(name: string): void;
    /** The line as measured; null before anything was, or where the engine does not say. */
    bitsPerSecond(): number | null;
    /** What the master playlist offers now, which may be more than what was loaded; null where it cannot be told. */
    look(): Promise<Offer | null>;
    /** The name of what is shown now, for the viewing log: "480p", "audio-low". */
    rendition(): string;
    end(): void;
}

/**
 * hls.js where Media Source Extensions are, the browser's own player otherwise (iPhones before iOS 17.1).
 * Must be called in the same turn as the press of the play button, so that the browser lets the sound begin.
 */
export type StreamMaker = (video: HTMLVideoElement, events: StreamEvents) => Stream;

export async function loadStreamMaker(): Promise<StreamMaker | null> {
    if ('MediaSource' in window || 'ManagedMediaSource' in window)
        return (await import('./hls_stream')).hlsStream;
    if (document.createElement('video').canPlayType('application/vnd.apple.mpegurl') !== '')
        return (await import('./native_stream')).nativeStream;
    return null;
}
