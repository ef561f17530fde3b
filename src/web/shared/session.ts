/* Who one is, and leaving. */
import { inLanguage, request } from './api';
import { languageChoice, languageOfRecord, setLanguageOfRecord } from './language';
import { followLanguage } from './text';
import type { Me } from './types';

/**
 * Learns the participant's language of record on the way, and follows it when the reader has made no choice of their own:
 * the server's titles do the same.
 */
export async function loadMe(): Promise<Me> {
    const me = await request<Me>('GET', inLanguage('/me', languageChoice()));
    if (me.role === 'participant' && me.language !== languageOfRecord()) {
        setLanguageOfRecord(me.language);
        await followLanguage();
    }
    return me;
}

export async function leave(goTo: string): Promise<void> {
    try {
        await request('DELETE', '/session');
    } finally {
        location.assign(goTo);
    }
}
