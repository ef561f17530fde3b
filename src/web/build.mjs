/*
 * Builds the web pages: node src/web/build.mjs --out DIR
 * DIR gets the pages (index.html, lecture.html, ...), DIR/assets everything else under names that carry a fingerprint of
 * the content, and beside each text file its .gz and .br. What lay in DIR before is removed.
 */
import { build } from 'esbuild';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { compressFolder } from './build/compress.mjs';
import { hlsSource } from './build/hls_source.mjs';
import { writeLicences } from './build/licences.mjs';
import { localeAreas } from './build/locale_plugin.mjs';
import { pages, writePages } from './build/pages.mjs';

const web = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(web, '../..');

function outFolder() {
    const at = process.argv.indexOf('--out');
    const folder = at > 0 ? process.argv[at + 1] : undefined;
    if (!folder) {
        console.error('usage: node src/web/build.mjs --out DIR');
        process.exit(2);
    }
    return path.resolve(folder);
}

/* Browsers with Web Locks, IndexedDB and MediaSource, some years back. */
const target = ['chrome88', 'firefox96', 'safari15.4'];

async function bundle(assets) {
    const entryPoints = pages.flatMap((page) => [
        { in: path.join(web, page.script), out: page.name },
        { in: path.join(web, page.style), out: page.name },
    ]);
    const result = await build({
        entryPoints,
        outdir: assets,
        absWorkingDir: root,
        bundle: true,
        splitting: true,
        format: 'esm',
        minify: true,
        target,
        charset: 'utf8',
        legalComments: 'none',
        metafile: true,
        logLevel: 'warning',
        entryNames: '[name]-[hash]',
        chunkNames: '[name]-[hash]',
        assetNames: '[name]-[hash]',
        publicPath: '/assets',
        jsx: 'automatic',
        jsxImportSource: 'preact',
        tsconfigRaw: {},
        loader: { '.svg': 'file' },
        plugins: [localeAreas(path.join(web, 'locales')), hlsSource(root)],
    });
    return result.metafile;
}

const out = outFolder();
await rm(out, { recursive: true, force: true });
const assets = path.join(out, 'assets');
await mkdir(assets, { recursive: true });
const metafile = await bundle(assets);
const licences = await writeLicences(root, assets, metafile);
await writePages({ out, web, root, metafile, licences });
await compressFolder(out);
