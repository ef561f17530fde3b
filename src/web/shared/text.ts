/* The texts of the page in the reader's language: t('program.continue', { at: '12:40' }). */
import type english from '../locales/en.json';
import { languageWishes, pickLanguage, type Language } from './language';
import { formatMessage, type MessageValues } from './message_format';

export type TextKey = keyof typeof english;
export type TextLoaders = Record<Language, () => Promise<{ default: Record<string, string> }>>;

let loaders: TextLoaders;
let texts: Record<string, string> = {};
let current: Language = 'en';
const listeners = new Set<() => void>();

export function currentLanguage(): Language {
    return current;
}

export function t(key: TextKey, values: MessageValues = {}): string {
    return formatMessage(texts[key] ?? key, values, current);
}

/** For keys made from outside values (problem codes): null when there is no such text. */
export function maybeText(key: string, values: MessageValues = {}): string | null {
    const pattern = texts[key];
    return pattern === undefined ? null : formatMessage(pattern, values, current);
}

/** Loads the language that the reader wishes now, and tells the page when it changed. */
export async function followLanguage(): Promise<void> {
    const wanted = pickLanguage(languageWishes());
    const loaded = await loaders[wanted]();
    texts = loaded.default;
    current = wanted;
    document.documentElement.lang = wanted;
    document.documentElement.dir = 'ltr';
    for (const listener of listeners) listener();
}

export async function startTexts(areaLoaders: TextLoaders): Promise<void> {
    loaders = areaLoaders;
    await followLanguage();
}

export function onLanguageChange(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
}
