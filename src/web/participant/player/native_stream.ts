/* The browser's own HLS, for the few phones without Media Source Extensions. */
import type { Sound, Stream, StreamEvents } from './stream';

/** HTMLMediaElement.audioTracks, which Safari has and TypeScript does not know. */
interface AudioTracks extends Iterable<{ language: string; kind: string; enabled: boolean }> {
    readonly length: number;
}

export function nativeStream(video: HTMLVideoElement, events: StreamEvents): Stream {
    const ending = new AbortController();
    let address = '';
    let startMs = 0;
    const seekToStart = () => {
        if (startMs > 0) video.currentTime = startMs / 1000;
    };
    const audioTracks = () => [...((video as { audioTracks?: AudioTracks }).audioTracks ?? [])];
    const setSound = (language: string) => {
        if (!audioTracks().some((track) => track.language === language)) return;
        for (const track of audioTracks()) track.enabled = track.language === language;
    };
    const tellSounds = () => {
        const sounds: Sound[] = audioTracks().map((track) => ({
            language: track.language,
            original: track.kind === 'main',
        }));
        setSound(events.sounds(sounds));
    };
    video.addEventListener('loadedmetadata', seekToStart, { signal: ending.signal });
    video.addEventListener('loadedmetadata', tellSounds, { signal: ending.signal });
    video.addEventListener('playing', events.found, { signal: ending.signal });
    video.addEventListener(
        'stalled',
        () => {
            if (!navigator.onLine) events.lost();
        },
        { signal: ending.signal },
    );
    video.addEventListener(
        'error',
        () => {
            /* The element does not tell a refusal from a lost line: renewing answers which it was. */
            if (
                video.error?.code === MediaError.MEDIA_ERR_NETWORK ||
                video.error?.code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED
            )
                events.refused(0);
            else events.broken(video.error?.message ?? '');
        },
        { signal: ending.signal },
    );
    return {
        load(from, atMs) {
            address = from;
            startMs = atMs;
            video.src = address;
        },
        resume() {
            startMs = video.currentTime * 1000;
            video.src = address;
            void video.play().catch(() => undefined);
        },
        setSound,
        /* It chooses by itself, and offers no say. */
        setQuality: () => undefined,
        bitsPerSecond: () => null,
        look: () => Promise.resolve(null),
        rendition: () => (video.videoWidth > 0 ? 'video' : 'audio'),
        end() {
            ending.abort();
            video.removeAttribute('src');
            video.load();
        },
    };
}
