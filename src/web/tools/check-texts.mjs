/*
 * Checks the texts of the pages: node src/web/tools/check-texts.mjs
 * Every locale has the keys of en.json with the same placeholders, every key is used, every used key is in the area of its
 * page, every problem code of the server has a text, and no text for people stands in the TypeScript itself.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';
import { areas, localeAreas } from '../build/locale_plugin.mjs';
import { pages } from '../build/pages.mjs';

const web = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const faults = [];

function readLocale(name) {
    return JSON.parse(readFileSync(path.join(web, 'locales', name), 'utf8'));
}

/** The names that a text asks for: {name} and {count, plural, ...}. */
function placeholders(text) {
    return [...new Set([...text.matchAll(/\{\s*([a-z_]+)\s*[,}]/g)].map((found) => found[1]))]
        .sort()
        .join(' ');
}

function checkLocales(english) {
    for (const name of readdirSync(path.join(web, 'locales'))) {
        const texts = readLocale(name);
        for (const [key, text] of Object.entries(english)) {
            if (!(key in texts)) faults.push(`${name}: no text for ${key}`);
            else if (placeholders(texts[key]) !== placeholders(text))
                faults.push(`${name}: ${key} has other placeholders than en.json`);
        }
        for (const key of Object.keys(texts)) {
            if (!(key in english)) faults.push(`${name}: ${key} is not in en.json`);
        }
    }
}

function sourceFiles(folder) {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const file = path.join(folder, entry.name);
        if (entry.isDirectory()) return entry.name === 'tests' ? [] : sourceFiles(file);
        return /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [file] : [];
    });
}

/* Attributes that people read or hear. */
const readAttributes = new Set([
    'aria-label',
    'aria-valuetext',
    'title',
    'placeholder',
    'alt',
    'label',
    'hint',
    'text',
    'action',
    'words',
]);
const hasLetters = /\p{L}/u;

function checkSource(file, usedKeys) {
    const source = ts.createSourceFile(
        file,
        readFileSync(file, 'utf8'),
        ts.ScriptTarget.Latest,
        true,
        ts.ScriptKind.TSX,
    );
    const report = (node, text) => {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        faults.push(`${path.relative(web, file)}:${line + 1}: text in the code: ${text.trim().slice(0, 60)}`);
    };
    const visit = (node) => {
        if (ts.isJsxText(node) && hasLetters.test(node.text)) report(node, node.text);
        if (
            ts.isJsxAttribute(node) &&
            node.initializer &&
            ts.isStringLiteral(node.initializer) &&
            readAttributes.has(node.name.getText()) &&
            /\s|\p{Lu}/u.test(node.initializer.text)
        )
            report(node, node.initializer.text);
        if (ts.isStringLiteral(node) || ts.isTemplateHead(node) || ts.isNoSubstitutionTemplateLiteral(node))
            usedKeys.add(node.text);
        ts.forEachChild(node, visit);
    };
    visit(source);
}

/* Keys that are put together from outside values. */
const builtKeys = [
    /^(problem|finding|repair)\./,
    /^organizer\.(flag|reason|gender)_/,
    /^shared\.missing_/,
    /^shared\.no_script$/,
];

function checkUse(english, usedKeys) {
    for (const key of Object.keys(english)) {
        if (!usedKeys.has(key) && !builtKeys.some((pattern) => pattern.test(key)))
            faults.push(`en.json: ${key} is not used`);
    }
}

/** A page loads the texts of its area only: a key from another area would show as a bare key. */
async function checkAreas(english) {
    for (const page of pages) {
        const { metafile } = await build({
            entryPoints: [path.join(web, page.script)],
            absWorkingDir: web,
            bundle: true,
            write: false,
            metafile: true,
            format: 'esm',
            outdir: 'out',
            splitting: true,
            jsx: 'automatic',
            jsxImportSource: 'preact',
            tsconfigRaw: {},
            logLevel: 'error',
            external: ['hls.js', 'tus-js-client'],
            plugins: [localeAreas(path.join(web, 'locales'))],
        });
        const inputs = Object.keys(metafile.inputs);
        const area = inputs.map((name) => /^locale:(\w+)\//.exec(name)?.[1]).find(Boolean);
        for (const name of inputs.filter(
            (input) => /^[a-z].*\.tsx?$/.test(input) && !input.includes('node_modules'),
        )) {
            for (const [, key] of readFileSync(path.join(web, name), 'utf8').matchAll(
                /'([a-z_]+\.[\w-]+)'/g,
            )) {
                if (key in english && !areas[area].includes(key.split('.')[0]))
                    faults.push(`${page.file}: ${name} uses ${key}, which is not in the area ${area}`);
            }
        }
    }
}

/** The server's own table of problems is the list of codes that a page can meet. */
function checkProblems(english) {
    const table = readFileSync(path.join(web, '../base/problem.c'), 'utf8');
    for (const [, code] of table.matchAll(/\[PROBLEM_[A-Z_]+\] = \{ \d+, "([a-z-]+)"/g)) {
        if (code !== 'none' && !(`problem.${code}` in english))
            faults.push(`en.json: no text for problem ${code}`);
    }
}

/** Its table of findings has the very texts of en.json: both are shown, one by the command line. */
function checkFindings(english) {
    const table = readFileSync(path.join(web, '../media/finding_table.c'), 'utf8');
    const row = /\[FINDING_[A-Z_0-9]+\] = \{ "([a-z-]+)", \w+, \{[^}]*\}, (?:NULL|"\w+"),\s*"([^"]*)",\s*"([^"]*)" \}/g;
    const expected = new Map();
    for (const [, code, sentence, action] of table.matchAll(row)) {
        if (sentence) expected.set(`finding.${code}`, sentence);
        if (action) expected.set(`finding.${code}_action`, action);
    }
    if (expected.size < 100) faults.push('finding_table.c: the table could not be read');
    for (const [key, text] of expected) {
        if (english[key] !== text) faults.push(`en.json: ${key} is not as in finding_table.c`);
    }
    for (const key of Object.keys(english)) {
        if (key.startsWith('finding.') && !expected.has(key)) faults.push(`en.json: no finding for ${key}`);
    }
}

/** And its table of what is mended in captions. */
function checkRepairs(english) {
    const table = readFileSync(path.join(web, '../media/caption_repairs.c'), 'utf8');
    const row = /\[CAPTION_[A-Z_]+\] = \{ "([a-z-]+)", \w+,\s*"([^"]*)" \}/g;
    const letters = (text) => Buffer.from(text.replace(/\\x([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString();
    const expected = new Map([...table.matchAll(row)].map(([, code, sentence]) => [`repair.${code}`, letters(sentence)]));
    if (expected.size < 20) faults.push('caption_repairs.c: the table could not be read');
    for (const [key, text] of expected) {
        if (english[key] !== text) faults.push(`en.json: ${key} is not as in caption_repairs.c`);
    }
    for (const key of Object.keys(english)) {
        if (key.startsWith('repair.') && !expected.has(key)) faults.push(`en.json: no repair for ${key}`);
    }
}

const english = readLocale('en.json');
const usedKeys = new Set();
checkLocales(english);
for (const file of sourceFiles(web)) checkSource(file, usedKeys);
checkUse(english, usedKeys);
checkProblems(english);
checkFindings(english);
checkRepairs(english);
await checkAreas(english);
for (const fault of faults) console.error(fault);
console.log(`${Object.keys(english).length} texts, ${faults.length} faults`);
process.exitCode = faults.length > 0 ? 1 : 0;
