import type { RefObject } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';

const IDLE_MS = 3000;

export interface FullScreen {
    on: boolean;
    /** Nobody has moved for a while: the controls may fade. */
    idle: boolean;
    possible: boolean;
    toggle: () => void;
}

interface PhoneVideo extends HTMLVideoElement {
    webkitEnterFullscreen?: () => void;
}

/** Full screen of the whole player, so that our captions and controls come along; iPhones can only do the video itself. */
export function useFullScreen(
    frame: RefObject<HTMLElement | null>,
    video: RefObject<HTMLVideoElement | null>,
): FullScreen {
    const [on, setOn] = useState(false);
    const idle = useIdle(on, frame);
    useEffect(() => {
        const follow = () =>
            setOn(document.fullscreenElement !== null && document.fullscreenElement === frame.current);
        document.addEventListener('fullscreenchange', follow);
        return () => document.removeEventListener('fullscreenchange', follow);
    }, []);
    const toggle = useCallback(() => {
        const phone = video.current as PhoneVideo | null;
        if (document.fullscreenElement) void document.exitFullscreen();
        else if (frame.current?.requestFullscreen)
            void frame.current.requestFullscreen().catch(() => undefined);
        else phone?.webkitEnterFullscreen?.();
    }, []);
    const possible = document.fullscreenEnabled || 'webkitEnterFullscreen' in HTMLVideoElement.prototype;
    return { on, idle, possible, toggle };
}

function useIdle(active: boolean, frame: RefObject<HTMLElement | null>): boolean {
    const [idle, setIdle] = useState(false);
    useEffect(() => {
        const element = frame.current;
        if (!active || !element) {
            setIdle(false);
            return undefined;
        }
        let timer: ReturnType<typeof setTimeout>;
        const wake = () => {
            setIdle(false);
            clearTimeout(timer);
            timer = setTimeout(() => setIdle(true), IDLE_MS);
        };
        const names = ['pointermove', 'pointerdown', 'keydown', 'focusin'];
        names.forEach((name) => element.addEventListener(name, wake));
        wake();
        return () => {
            clearTimeout(timer);
            names.forEach((name) => element.removeEventListener(name, wake));
        };
    }, [active]);
    return idle;
}
