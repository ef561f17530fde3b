/* Turns the video element's events into changes of the player's state. */
import type { PlayerLecture } from './lecture_source';
import type { PlayerState } from './player_state';

export function mirrorVideo(
    video: HTMLVideoElement,
    lecture: PlayerLecture,
    change: (change: Partial<PlayerState>) => void,
): void {
    const positionMs = () => Math.min(video.currentTime * 1000, lecture.durationMs);
    const on = (name: string, changes: () => Partial<PlayerState>) =>
        video.addEventListener(name, () => change(changes()));
    on('loadeddata', () => ({ shown: true }));
    on('play', () => ({ phase: 'playing', justCompleted: false }));
    on('playing', () => ({
        phase: 'playing',
        waiting: false,
        lost: false,
        soundOnly: video.videoWidth === 0,
    }));
    on('resize', () => ({ soundOnly: video.videoWidth === 0 }));
    on('waiting', () => ({ waiting: true }));
    on('pause', () => ({
        phase: video.ended ? 'ended' : 'paused',
        waiting: false,
        positionMs: positionMs(),
    }));
    on('ended', () => ({ phase: 'ended', waiting: false, positionMs: lecture.durationMs }));
    on('timeupdate', () => ({ positionMs: positionMs(), bufferedToMs: bufferedTo(video) }));
    on('progress', () => ({ bufferedToMs: bufferedTo(video) }));
    on('seeked', () => ({ positionMs: positionMs() }));
    on('volumechange', () => ({ volume: video.volume, muted: video.muted }));
    on('ratechange', () => ({ rate: video.playbackRate }));
}

function bufferedTo(video: HTMLVideoElement): number {
    const { buffered, currentTime } = video;
    for (let index = 0; index < buffered.length; index++) {
        if (buffered.start(index) <= currentTime + 0.5 && buffered.end(index) >= currentTime)
            return buffered.end(index) * 1000;
    }
    return currentTime * 1000;
}
