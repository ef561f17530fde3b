/*
 * Debian's Chromium, which trusts the house's own authority: with ignored certificate errors nothing would be cached and no
 * service worker would start, so the tests would see another browser than people have.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { root, waitUntil } from './house.mjs';

const run = promisify(execFile);
const screenshots = path.join(root, 'build/tests/screenshots');
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required', '--mute-audio'];

async function trust(home, authority) {
    const store = path.join(home, '.pki/nssdb');
    await mkdir(store, { recursive: true });
    await run('certutil', ['-N', '-d', `sql:${store}`, '--empty-password']);
    await run('certutil', ['-A', '-d', `sql:${store}`, '-t', 'C,,', '-n', 'lectern', '-i', authority]);
}

async function commandOf(pid) {
    return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}

export const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
export const desktop = { viewport: { width: 1280, height: 800 } };

/** A person's browser: cookies and storage of its own.  What a page does wrong is collected in `faults`. */
export class Person {
    static async sitDown(house, { device = desktop, locale = 'en-GB', colorScheme = 'light', timezoneId = 'Asia/Ho_Chi_Minh' } = {}) {
        const person = new Person();
        person.house = house;
        person.home = await mkdtemp(path.join(os.tmpdir(), 'lectern-person-'));
        await trust(person.home, house.authority);
        person.manner = { locale, colorScheme, timezoneId, ...device };
        person.faults = [];
        person.hosts = new Set();
        await person.openBrowser();
        house.guests.add(person);
        return person;
    }

    /** With all that the one before has stored. */
    async openBrowser() {
        this.context = await chromium.launchPersistentContext(path.join(this.home, 'profile'), {
            executablePath: '/usr/bin/chromium', headless: true, args: flags, ...this.manner,
            env: { ...process.env, HOME: this.home },
        });
        this.context.setDefaultTimeout(90000);
        this.context.on('page', (page) => this.watch(page));
        this.page = this.context.pages()[0] ?? await this.context.newPage();
        this.watch(this.page);
    }

    /** kill -9 of the browser with all its processes, and its next start. */
    async killBrowser() {
        const closed = this.context.waitForEvent('close');
        for (const name of await readdir('/proc'))
            if (/^\d+$/.test(name) && (await commandOf(name)).includes(`--user-data-dir=${this.home}`))
                process.kill(Number(name), 'SIGKILL');
        await closed;
        /* Names the process that has just died. */
        await rm(path.join(this.home, 'profile/SingletonLock'), { force: true });
        await this.openBrowser();
    }

    watch(page) {
        if (page.isWatched)
            return;
        page.isWatched = true;
        page.on('pageerror', (error) => this.faults.push(String(error)));
        page.on('console', (message) => {
            /* "Failed to load resource" repeats a status that the test itself looks at */
            if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
                this.faults.push(message.text());
        });
        page.on('request', (request) => {
            const { protocol, host } = new URL(request.url());
            if (protocol.startsWith('http'))
                this.hosts.add(host);
        });
    }

    async picture(name) {
        await mkdir(screenshots, { recursive: true });
        await this.page.screenshot({ path: path.join(screenshots, `${name}.png`) });
    }

    async openLink(link) {
        await this.page.goto(link);
        await this.page.waitForSelector('#program');
    }

    async signIn({ email, password }, url = this.house.url) {
        await this.page.goto(`${url}/sign-in`);
        await this.page.getByLabel('Mail address').fill(email);
        await this.page.getByLabel('Password').fill(password);
        await this.page.getByRole('button', { name: 'Sign in' }).click();
        await this.page.waitForURL((address) => !address.pathname.startsWith('/sign-in'));
    }

    /** Asks the API as this person's page would. */
    async ask(path, options = {}) {
        return this.page.evaluate(async ([to, init]) => {
            const answer = await fetch(`/api/v1${to}`, { headers: init.body ? { 'Content-Type': 'application/json' } : {}, ...init });
            const text = await answer.text();
            return { status: answer.status, body: text ? JSON.parse(text) : null };
        }, [path, options]);
    }

    video(expression) {
        return this.page.evaluate(`(() => { const video = document.querySelector('video'); return ${expression}; })()`);
    }

    /* Asked from here: a condition as text would need eval in the page, which the policy forbids. */
    async untilVideo(condition, limitMs = 120000) {
        await waitUntil(`"${condition}" in the player`, () => this.video(`Boolean(video && (${condition}))`), limitMs);
    }

    async goAway() {
        this.house.guests.delete(this);
        await this.context.close();
        await rm(this.home, { recursive: true, force: true });
    }

    /** Goes away, and tells what the pages reported meanwhile. */
    async leave() {
        await this.goAway();
        assert.deepEqual(this.faults, [], 'a page reported faults');
    }
}
