/* The licences of what is bundled, as they ask to travel with it. */
import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Writes one text file of them and returns its address. */
export async function writeLicences(root, assets, metafile) {
    const parts = [];
    for (const name of bundledPackages(metafile))
        parts.push(await packageLicence(path.join(root, 'node_modules', name), name));
    const text = parts.join(`\n${'-'.repeat(72)}\n`);
    const name = `licences-${createHash('sha256').update(text).digest('hex').slice(0, 8)}.txt`;
    await writeFile(path.join(assets, name), text);
    return `/assets/${name}`;
}

function bundledPackages(metafile) {
    const names = new Set();
    for (const output of Object.values(metafile.outputs)) {
        for (const input of Object.keys(output.inputs)) {
            const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
            if (found) names.add(found[1]);
        }
    }
    return [...names].sort();
}

async function packageLicence(folder, name) {
    const { version, license } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? await readFile(path.join(folder, file), 'utf8') : '';
    return `${name} ${version} (${license})\n\n${text}`;
}
