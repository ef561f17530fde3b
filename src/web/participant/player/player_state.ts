import type { Problem } from '../../shared/api';
import type { Chapter, Handout, Span } from '../../shared/types';
import type { Quality, Sound } from './stream';

export interface PlayerState {
    /** idle: nothing was loaded yet, for a weak line pays for nothing that was not asked for. */
    phase: 'idle' | 'opening' | 'paused' | 'playing' | 'ended';
    /** Playing is wanted, but there is nothing to show yet. */
    waiting: boolean;
    /** The line is down; the player goes on by itself when it is back. */
    lost: boolean;
    /** Another device plays now. */
    taken: boolean;
    /** This browser stores nothing for us: what was not yet sent ends with the page. */
    unkept: boolean;
    problem: Problem | null;
    positionMs: number;
    /** There was a picture, or sound, of it on this page: nothing needs to stand for it any more. */
    shown: boolean;
    /** A lecture to listen to: nothing to see. */
    soundOnly: boolean;
    bufferedToMs: number;
    rate: number;
    volume: number;
    muted: boolean;
    captions: string;
    /** The languages that captions can be had in. */
    offeredCaptions: readonly string[];
    /** As they are by now. */
    chapters: Chapter[];
    handouts: Handout[];
    /** The languages that it can be heard in; empty until the stream is known. */
    sounds: Sound[];
    /** The one of them that is heard, or will be. */
    sound: string;
    /** The pictures that it can be seen in, smallest first; empty until the stream is known. */
    qualities: Quality[];
    /** The one of them that was chosen; '' for what suits the line. */
    quality: string;
    credited: Span[];
    coverage: number;
    completedAtMs: number | null;
    /** Completed while this page was open: worth a word of praise. */
    justCompleted: boolean;
}
