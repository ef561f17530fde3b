/* Names of countries and languages in the reader's language. */
import { currentLanguage } from '../text';

export function countryName(code: string | null): string {
    return code ? displayName('region', code) : '';
}

export function languageName(code: string): string {
    return displayName('language', code);
}

function displayName(type: 'region' | 'language', code: string): string {
    try {
        return new Intl.DisplayNames([currentLanguage()], { type }).of(code) ?? code;
    } catch {
        return code;
    }
}
