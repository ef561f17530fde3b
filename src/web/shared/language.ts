/* Which language a page is in: the reader's own choice, then their record, then the browser's wishes. */

/** Languages that have a locale file. */
export const languages = ['en', 'ja'] as const;
export type Language = (typeof languages)[number];

const CHOICE_KEY = 'lectern.language';
const RECORD_KEY = 'lectern.language-of-record';

/** "pt" of "pt-BR". */
export function primary(language: string): string {
    return language.toLowerCase().split('-')[0] ?? '';
}

/**
 * The reader's own way of writing the language, for dates and figures: "en-GB" where the page is in English and the browser
 * asks for British English, which would read 3/4 as the third of April.
 */
export function regional(
    language: string,
    wishes: readonly string[] = globalThis.navigator?.languages ?? [],
): string {
    const own = wishes.filter((wish) => primary(wish) === primary(language));
    return own.find((wish) => wish.includes('-')) ?? language;
}

/** The first wish that there is a locale file for; English otherwise. */
export function pickLanguage(wishes: readonly string[]): Language {
    for (const wish of wishes) {
        const known = languages.find((language) => language === primary(wish));
        if (known) return known;
    }
    return 'en';
}

export function languageChoice(): string | null {
    return stored(CHOICE_KEY);
}

export function setLanguageChoice(language: string): void {
    store(CHOICE_KEY, language);
}

/** The language in the participant's record, learnt from the last /me. */
export function languageOfRecord(): string | null {
    return stored(RECORD_KEY);
}

export function setLanguageOfRecord(language: string): void {
    store(RECORD_KEY, language);
}

export function languageWishes(): string[] {
    const own = [languageChoice(), languageOfRecord()].filter((wish): wish is string => wish !== null);
    return [...own, ...navigator.languages];
}

/** For ?language=: titles may exist in languages that the pages themselves do not speak. */
export function contentLanguage(): string | null {
    return languageChoice() ?? languageOfRecord();
}

/* Browsers carry few of the smaller languages, and would give their English names. */
const ownNames: Record<string, string> = {
    mn: 'Монгол',
    km: 'ភាសាខ្មែរ',
    lo: 'ລາວ',
    my: 'မြန်မာ',
    ne: 'नेपाली',
    si: 'සිංහල',
    ur: 'اردو',
    bn: 'বাংলা',
    tl: 'Tagalog',
    dz: 'རྫོང་ཁ',
};

/** What a language calls itself: "Tiếng Việt". */
export function languageOwnName(language: string): string {
    const known = ownNames[language];
    if (known) return known;
    try {
        return new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language;
    } catch {
        return language;
    }
}

function stored(key: string): string | null {
    try {
        return localStorage.getItem(key);
    } catch {
        return null; /* storage is switched off: the choice lasts for this page only */
    }
}

function store(key: string, value: string): void {
    try {
        localStorage.setItem(key, value);
    } catch {
        /* as above */
    }
}
