/*
 * The part of ICU MessageFormat that the locale files use: {name}, and
 * {count, plural, =0 {none} one {# lecture} other {# lectures}} by Intl.PluralRules. Pure.
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
    if (kind?.trim() !== 'plural')
        return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : (value ?? '');
    const count = Number(value);
    const branch = pluralBranch(rest.join(','), count, language);
    const shown = new Intl.NumberFormat(language).format(count);
    return formatMessage(branch.replace(/#/g, shown), values, language);
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
