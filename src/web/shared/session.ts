/* Who one is, and leaving. */
import { inLanguage, request } from './api';
import { contentLanguage, languageOfRecord, primary, setLanguageOfRecord } from './language';
import { followLanguage } from './text';
import type { Me } from './types';

/** Learns the participant's language of record on the way, and follows it when the reader has made no choice of their own. */
export async function loadMe(): Promise<Me> {
    const me = await request<Me>('GET', inLanguage('/me'));
    if (me.role !== 'participant' || me.language === languageOfRecord()) return me;
    const titlesFit = contentLanguage() === null && primary(navigator.language) === primary(me.language);
    setLanguageOfRecord(me.language);
    await followLanguage();
    /* Asked without a language, the server went by the browser's: often that is the same, and one trip is enough. */
    return titlesFit ? me : request<Me>('GET', inLanguage('/me'));
}

export async function leave(goTo: string): Promise<void> {
    try {
        await request('DELETE', '/session');
    } finally {
        location.assign(goTo);
    }
}
