/*
 * The part of ICU MessageFormat that the locale files use: {name},
 * {count, plural, =0 {none} one {# lecture} other {# lectures}} by Intl.PluralRules, and the figures of
 * src/media/finding.h: {from_ms, time}, {gap_ms, seconds}, {rate, kilobits}, {level, tenths}, {tags, languages}. Pure.
 */
export type MessageValues = Record<string, string | number>;

export function formatMessage(pattern: string, values: MessageValues, language: string): string {
    let result = '';
    let at = 0;
    while (at < pattern.length) {
        const open = pattern.indexOf('{', at);
        if (open < 0) return result + pattern.slice(at);
        const close = matchingBrace(pattern, open);
        result += pattern.slice(at, open) + formatArgument(pattern.slice(open + 1, close), values, language);
        at = close + 1;
    }
    return result;
}

function matchingBrace(pattern: string, open: number): number {
    let depth = 0;
    for (let at = open; at < pattern.length; at++) {
        if (pattern[at] === '{') depth++;
        else if (pattern[at] === '}' && --depth === 0) return at;
    }
    throw new Error(`unbalanced braces: ${pattern}`);
}

function formatArgument(argument: string, values: MessageValues, language: string): string {
    const [name = '', kind, ...rest] = argument.split(',');
    const value = values[name.trim()];
    const figure = figures[kind?.trim() ?? ''];
    if (figure) return figure(value ?? '', language);
    if (kind?.trim() !== 'plural')
        return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : (value ?? '');
    const count = Number(value);
    const branch = pluralBranch(rest.join(','), count, language);
    const shown = new Intl.NumberFormat(language).format(count);
    return formatMessage(branch.replace(/#/g, shown), values, language);
}

type Figure = (value: string | number, language: string) => string;

const figures: Record<string, Figure> = {
    time: (value) => formatClock(Number(value)),
    seconds: (value, language) =>
        inUnit(Number(value) / 1000, 'second', Math.abs(Number(value)) < 10000 ? 1 : 0, language),
    kilobits: (value, language) => inUnit(Number(value) / 1000, 'kilobit-per-second', 0, language),
    tenths: (value, language) =>
        new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(
            Number(value) / 10,
        ),
    languages: (value, language) => formatLanguages(String(value), language),
};

/** "0:41:12": a place or a length that is compared with another, so always with hours. */
function formatClock(ms: number): string {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    const pair = (number: number) => String(number).padStart(2, '0');
    return `${Math.floor(seconds / 3600)}:${pair(Math.floor(seconds / 60) % 60)}:${pair(seconds % 60)}`;
}

function inUnit(value: number, unit: string, digits: number, language: string): string {
    return new Intl.NumberFormat(language, {
        style: 'unit',
        unit,
        unitDisplay: 'short',
        maximumFractionDigits: digits,
    }).format(value);
}

/** "en, jpn": tags as files have them, of two letters or three. */
function formatLanguages(tags: string, language: string): string {
    const names = new Intl.DisplayNames([language], { type: 'language' });
    const named = tags.split(', ').map((tag) => {
        try {
            return names.of(tag) ?? tag;
        } catch {
            return tag;
        }
    });
    return new Intl.ListFormat(language, { type: 'conjunction' }).format(named);
}

function pluralBranch(branches: string, count: number, language: string): string {
    const found: Record<string, string> = {};
    let at = 0;
    for (;;) {
        const open = branches.indexOf('{', at);
        if (open < 0) break;
        const close = matchingBrace(branches, open);
        found[branches.slice(at, open).trim()] = branches.slice(open + 1, close);
        at = close + 1;
    }
    return found[`=${count}`] ?? found[new Intl.PluralRules(language).select(count)] ?? found['other'] ?? '';
}
