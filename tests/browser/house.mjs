/*
 * A house of its own for each test file: a data folder, the real server on a free port, and a course, made by the same
 * commands that an operator types.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const samples = path.resolve(root, '../shared/media-samples');
const binary = path.resolve(root, process.env.LECTERN_BUILD ?? 'build/asan', 'lectern');
const web = path.resolve(root, process.env.LECTERN_WEB ?? 'build/web');
const run = promisify(execFile);
/* LECTERN_ names are settings to the program, which refuses those it does not know. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('LECTERN_')));

async function freePort() {
    const server = net.createServer();
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address();
    await new Promise((done) => server.close(done));
    return port;
}

/* Limits are for what will never come: a machine that is busy with other things takes several times as long as a free one. */
async function waitUntil(what, condition, limitMs = 90000) {
    const until = Date.now() + limitMs;
    while (!(await condition())) {
        if (Date.now() > until)
            throw new Error(`${what} did not happen within ${limitMs} ms`);
        await new Promise((done) => setTimeout(done, 50));
    }
}

export class House {
    static async open(settings = {}) {
        const house = new House();
        house.guests = new Set();
        house.data = await mkdtemp(path.join(os.tmpdir(), 'lectern-browser-'));
        house.config = path.join(house.data, 'lectern.conf');
        house.port = await freePort();
        house.url = `https://localhost:${house.port}`;
        const lines = {
            data: house.data, port: house.port, 'public-url': house.url, 'web-root': web, 'metrics-port': 0,
            'probe-memory-bytes': 0, 'transcode-memory-bytes': 0,
            /* Small pictures beside the copied one: every rung of a lecture takes half a minute. */
            'ladder-file': path.join(root, 'tests/system/small_ladder.conf'), ...settings,
        };
        await writeFile(house.config, Object.entries(lines).map(([name, value]) => `${name} = ${value}\n`).join(''));
        await house.command('init');
        house.authority = path.join(house.data, 'tls/authority.pem');
        return house;
    }

    /** Runs `lectern ...`, and gives what it printed. */
    async command(...words) {
        const { stdout } = await run(binary, [...words, '--config', this.config], { env: environment, maxBuffer: 1 << 24 });
        return stdout;
    }

    async json(...words) {
        return JSON.parse(await this.command(...words, '--json'));
    }

    async start() {
        this.log = '';
        this.server = spawn(binary, ['serve', '--config', this.config], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
        this.server.stderr.on('data', (piece) => { this.log += piece; });
        const ca = await readFile(this.authority);
        await waitUntil('the server', () => {
            if (this.server.exitCode !== null)
                throw new Error(`the server ended:\n${this.log}`);
            return new Promise((done) => {
                https.get(`${this.url}/readyz`, { ca }, (answer) => { answer.resume(); done(answer.statusCode === 200); })
                    .on('error', () => done(false));
            });
        });
    }

    /** Ends it, and fails when it did not end cleanly: a sanitizer's finding is one way not to. */
    async stop() {
        if (!this.server)
            return;
        const { server } = this;
        this.server = null;
        const ended = server.exitCode ?? await new Promise((done) => {
            server.once('exit', (code, signal) => done(code ?? signal));
            server.kill('SIGTERM');
        });
        if (ended !== 0)
            throw new Error(`the server ended with ${ended}:\n${this.log}`);
    }

    async kill() {
        const { server } = this;
        this.server = null;
        const ended = new Promise((done) => server.once('exit', done));
        server.kill('SIGKILL');
        await ended;
    }

    /** Also when a test failed half-way and left its people sitting there. */
    async close() {
        for (const guest of this.guests)
            await guest.goAway();
        try {
            await this.stop();
        } finally {
            await rm(this.data, { recursive: true, force: true });
        }
    }

    async addStaff(role) {
        const email = `${role}@example.org`;
        const { password } = await this.json('staff', 'add', email, '--name', `The ${role}`, '--role', role, '--generate-password');
        return { email, password };
    }

    /** Published, with a caption file a language of `captions`. */
    async addLecture(key, title, captions = []) {
        const file = path.join(root, 'media/lectures', key);
        const { id } = await this.json('lecture', 'add', `${file}.mp4`, '--title', title, '--language', 'en', '--wait');
        for (const language of captions)
            await this.command('lecture', 'captions', id, '--language', language, `${file}.${language}.vtt`);
        await this.command('lecture', 'publish', id);
        return id;
    }

    /** A program with these lectures and one cohort of this week. */
    async addProgram(title, lectures) {
        const { id } = await this.json('program', 'add', '--language', 'en', '--title', title);
        await this.command('program', 'lectures', id, ...lectures);
        const day = (shift) => new Date(Date.now() + shift * 86400000).toISOString().slice(0, 10);
        const cohort = await this.json('cohort', 'add', id, '--name', 'Vietnam team', '--time-zone', 'Asia/Ho_Chi_Minh',
            '--first-day', day(-2), '--last-day', day(4));
        return { id, cohort: cohort.id };
    }

    async addParticipant(cohort, name, country = 'VN', language = 'en') {
        const { id } = await this.json('participant', 'add', cohort, '--name', name, '--country', country,
            '--gender', 'female', '--language', language);
        const { link } = await this.json('invitation', 'issue', id);
        return { id, name, link };
    }
}

export const haveSamples = existsSync(samples);
export { waitUntil };
