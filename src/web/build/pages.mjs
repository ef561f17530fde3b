/* The HTML pages: an empty frame that names the right script, style and chunks to load early. */
import { createHash } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

export const pages = [
    {
        file: 'index.html',
        name: 'program',
        script: 'participant/program/main.tsx',
        style: 'participant/program/style.css',
    },
    {
        file: 'lecture.html',
        name: 'lecture',
        script: 'participant/player/main.tsx',
        style: 'participant/player/style.css',
        hinted: true,
    },
    { file: 'j.html', name: 'open_link', script: 'access/open_link_main.tsx', style: 'access/style.css' },
    { file: 'sign-in.html', name: 'sign_in', script: 'access/sign_in_main.tsx', style: 'access/style.css' },
    { file: 'not-found.html', name: 'not_found', script: 'access/not_found_main.tsx', style: 'access/style.css' },
    { file: 'certificate.html', name: 'certificate', script: 'certificate/main.tsx', style: 'certificate/style.css' },
    { file: 'admin.html', name: 'admin', script: 'admin/main.tsx', style: 'admin/style.css' },
    { file: 'organizer.html', name: 'organizer', script: 'organizer/main.tsx', style: 'organizer/style.css' },
];

export async function writePages({ out, web, root, metafile, licences }) {
    const mark = path.join(web, 'shared/mark.svg');
    const icon = await copyFingerprinted(mark, path.join(out, 'assets'));
    /* Under a name that stays, for who asks for /favicon.ico. */
    await copyFile(mark, path.join(out, 'favicon.svg'));
    const sentences = await noScriptSentences(web);
    for (const page of pages) {
        const outputs = findOutputs(metafile, root, web, page);
        await writeFile(path.join(out, page.file), html({ ...outputs, icon, sentences, licences }));
        if (page.hinted) await writeFile(path.join(out, `${page.file}.link`), `${link(outputs)}\n`);
    }
}

async function copyFingerprinted(file, assets) {
    const bytes = await readFile(file);
    const { name, ext } = path.parse(file);
    const hashed = `${name}-${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}${ext}`;
    await writeFile(path.join(assets, hashed), bytes);
    return `/assets/${hashed}`;
}

async function noScriptSentences(web) {
    const languages = ['en', 'ja'];
    return Promise.all(
        languages.map(async (language) => {
            const texts = JSON.parse(await readFile(path.join(web, `locales/${language}.json`), 'utf8'));
            return `<p lang="${language}">${texts['shared.no_script']}</p>`;
        }),
    );
}

function findOutputs(metafile, root, web, page) {
    const entry = (file) => {
        const name = path.relative(root, path.join(web, file));
        const found = Object.entries(metafile.outputs).find(
            ([output, { entryPoint }]) =>
                entryPoint === name && path.basename(output).startsWith(`${page.name}-`),
        );
        if (!found) throw new Error(`no output for ${name}`);
        return found[0];
    };
    const script = entry(page.script);
    return {
        script: address(script),
        style: address(entry(page.style)),
        early: staticImports(metafile, script).map(address),
    };
}

function staticImports(metafile, output, seen = new Set()) {
    for (const { path: imported, kind } of metafile.outputs[output].imports) {
        if (kind === 'import-statement' && !seen.has(imported)) {
            seen.add(imported);
            staticImports(metafile, imported, seen);
        }
    }
    return [...seen];
}

function address(output) {
    return `/assets/${path.basename(output)}`;
}

/* For 103 Early Hints: only what the first picture of the page waits for, as each byte costs on a weak line. */
function link({ script, style }) {
    return `<${style}>; rel=preload; as=style, <${script}>; rel=modulepreload`;
}

function html({ script, style, early, icon, sentences, licences }) {
    return `<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<title>Lectern</title>
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#f8f3ea" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#1a1714" media="(prefers-color-scheme: dark)">
<meta name="robots" content="noindex">
<link rel="stylesheet" href="${style}">
<script type="module" src="${script}"></script>
${early.map((chunk) => `<link rel="modulepreload" href="${chunk}">`).join('\n')}
<link rel="icon" href="${icon}" type="image/svg+xml">
<link rel="license" href="${licences}">
</head>
<body>
<div id="app" aria-busy="true"></div>
<noscript>${sentences.join('')}</noscript>
</body>
</html>
`;
}
