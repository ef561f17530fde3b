/* Bundles src/web/tests/*.test.ts for Node and runs them with its own test runner. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const web = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const out = mkdtempSync(path.join(os.tmpdir(), 'lectern-web-tests-'));
try {
    const tests = readdirSync(path.join(web, 'tests')).filter((name) => name.endsWith('.test.ts'));
    await build({
        entryPoints: tests.map((name) => path.join(web, 'tests', name)),
        outdir: out,
        outExtension: { '.js': '.mjs' },
        bundle: true,
        platform: 'node',
        format: 'esm',
        target: 'node18',
        logLevel: 'warning',
    });
    const files = tests.map((name) => path.join(out, name.replace(/\.ts$/, '.mjs')));
    process.exitCode = spawnSync(process.execPath, ['--test', ...files], { stdio: 'inherit' }).status ?? 1;
} finally {
    rmSync(out, { recursive: true, force: true });
}
