/* Beside every text file its .gz and .br, made once so that the server never compresses. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';

const gzip = promisify(zlib.gzip);
const brotli = promisify(zlib.brotliCompress);
const textFile = /\.(html|js|css|svg|txt|json)$/;

export async function compressFolder(folder) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
        const file = path.join(folder, entry.name);
        if (entry.isDirectory()) await compressFolder(file);
        else if (textFile.test(entry.name)) await compressFile(file);
    }
}

async function compressFile(file) {
    const bytes = await readFile(file);
    const parameters = {
        [zlib.constants.BROTLI_PARAM_QUALITY]: zlib.constants.BROTLI_MAX_QUALITY,
        [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    };
    await writeFile(`${file}.gz`, await gzip(bytes, { level: 9 }));
    await writeFile(`${file}.br`, await brotli(bytes, { params: parameters }));
}
