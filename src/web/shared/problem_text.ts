/* What a problem means in the reader's language, and what they can do. */
import type { Problem } from './api';
import { findingWords } from './finding_words';
import { maybeText, t } from './text';

/** Problems whose particulars only the server knows: they are shown below our sentence. */
const codesWithParticulars = new Set([
    'conflict',
    'invalid-field',
    'media-refused',
    'captions-refused',
    'body-too-large',
    'upload-quota',
    'not-acceptable',
]);

export function problemText(problem: Problem): string {
    return maybeText(`problem.${problem.code}`) ?? t('problem.internal');
}

/** What exactly it was: in the reader's language where there is a text for it. */
export function problemParticulars(problem: Problem): { words: string; lang: string | undefined } | null {
    if (!codesWithParticulars.has(problem.code) || problem.sentence === '') return null;
    if (problem.finding === null) return { words: problem.sentence, lang: problem.language };
    const { sentence, action, lang } = findingWords(problem.finding);
    return { words: action === '' ? sentence : `${sentence} ${action}`, lang };
}

/* The same request would be answered the same way. */
const finalCodes = new Set(['not-found', 'forbidden', 'access-revoked', 'method-not-allowed', 'not-acceptable']);

/** Is it of use to try again? */
export function mayPass(problem: Problem): boolean {
    return !finalCodes.has(problem.code) && !problem.code.startsWith('invitation-');
}

/** Did the session end, or never begin? Staff can sign in. */
export function signInHelps(problem: Problem): boolean {
    return problem.code === 'sign-in-needed' || problem.code === 'session-expired';
}

/** Does signing in again, or the personal link, help? */
export function needsSession(problem: Problem): boolean {
    return signInHelps(problem) || problem.code === 'access-revoked';
}
