/* What was typed over a lecture's texts, a language each, and what of it has to be sent. Pure. */
import type { LectureText } from '../shared/staff_types';

export type Texts = Record<string, LectureText>;

export const noText: LectureText = { title: '', description: '' };

/** The drafts that say something else than what is there, without the spaces around the title. */
export function changedTexts(drafts: Texts, saved: Texts): [string, LectureText][] {
    return Object.entries(drafts)
        .map(([language, { title, description }]): [string, LectureText] => [
            language,
            { title: title.trim(), description: description.trim() === '' ? '' : description },
        ])
        .filter(([language, { title, description }]) => {
            const before = saved[language] ?? noText;
            return title !== before.title || description !== before.description;
        });
}

/** The first language whose texts cannot be kept: a lecture is found by its title. */
export function languageWithoutTitle(changed: readonly [string, LectureText][]): string | null {
    return changed.find(([, { title }]) => title === '')?.[0] ?? null;
}
