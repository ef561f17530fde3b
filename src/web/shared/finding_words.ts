/* A finding in the reader's language, or in the server's English where the page does not know its code. */
import type { Finding } from './staff_types';
import { maybeText } from './text';

export interface FindingWords {
    sentence: string;
    action: string;
    /** Of these words; absent where it is the page's own. */
    lang?: 'en';
}

export function findingWords(finding: Finding): FindingWords {
    const sentence = maybeText(`finding.${finding.code}`, finding);
    if (sentence === null) return { sentence: finding.sentence, action: finding.action, lang: 'en' };
    const action = maybeText(`finding.${finding.code}_action`, finding) ?? '';
    return { sentence, action };
}
