import { primary } from '../../shared/language';
import type { Quality, Sound } from './stream';

/* How this reader likes to watch; remembered on this device. */
export interface Preferences {
    rate: number;
    volume: number;
    muted: boolean;
    /** BCP 47 of the sound; null for never chosen. */
    sound: string | null;
    /** The picture; null for what suits the line. */
    quality: Pick<Quality, 'lines' | 'stills'> | null;
    /** BCP 47, "" for none, null for never chosen. */
    captions: string | null;
    /** The last captions that were on: what the key for captions brings back. */
    lastCaptions: string | null;
}

const KEY = 'lectern.player';
const first: Preferences = { rate: 1, volume: 1, muted: false, sound: null, quality: null, captions: null, lastCaptions: null };

export function loadPreferences(): Preferences {
    try {
        return { ...first, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>) };
    } catch {
        return { ...first };
    }
}

export function savePreferences(change: Partial<Preferences>): void {
    try {
        localStorage.setItem(KEY, JSON.stringify({ ...loadPreferences(), ...change }));
    } catch {
        /* storage is switched off: the wish lasts for this page only */
    }
}

const allRates = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];

/** The speeds on offer: what runs faster than the cohort's rule would not be credited. */
export function ratesUpTo(capPercent: number): number[] {
    const offered = allRates.filter((rate) => rate * 100 <= capPercent);
    return offered.length > 0 ? offered : [1];
}

/**
 * Captions to begin with: the remembered ones; else the reader's language where the lecture speaks another.
 * `wishes` are the reader's languages, best first.
 */
export function firstCaptions(
    offered: readonly string[],
    spoken: string,
    wishes: readonly string[],
    remembered: string | null,
): string {
    if (remembered !== null)
        return offered.find((language) => primary(language) === primary(remembered)) ?? '';
    const wish = wishes[0];
    if (wish === undefined || primary(wish) === primary(spoken)) return '';
    for (const one of wishes) {
        const found = offered.find((language) => primary(language) === primary(one));
        if (found) return found;
    }
    return '';
}

/** Captions to switch on: the last ones, else those of the reader's best wish, else any. */
export function captionsAgain(
    offered: readonly string[],
    wishes: readonly string[],
    last: string | null,
): string {
    for (const one of last === null ? wishes : [last, ...wishes]) {
        const found = offered.find((language) => primary(language) === primary(one));
        if (found) return found;
    }
    return offered[0] ?? '';
}

/**
 * The sound to begin with: the remembered language; else the first of the reader's languages, best first, that it can be
 * heard in, be it the speaker's or an interpreter's; else the speaker's own.
 */
export function firstSound(
    offered: readonly Sound[],
    wishes: readonly string[],
    remembered: string | null,
): string {
    for (const wish of remembered === null ? wishes : [remembered, ...wishes]) {
        const found = offered.find((sound) => primary(sound.language) === primary(wish));
        if (found) return found.language;
    }
    return (offered.find((sound) => sound.original) ?? offered[0])?.language ?? '';
}

/**
 * The picture to begin with: one like the remembered one, of no more lines, as who chose it may pay for each byte; '' for what
 * suits the line. `offered` has the smallest first.
 */
export function firstQuality(
    offered: readonly Quality[],
    remembered: Pick<Quality, 'lines' | 'stills'> | null,
): string {
    if (remembered === null) return '';
    if (remembered.stills) return offered.find((quality) => quality.stills)?.name ?? '';
    const fitting = offered.filter((quality) => !quality.stills && quality.lines <= remembered.lines);
    return (fitting.at(-1) ?? offered.find((quality) => !quality.stills))?.name ?? '';
}
