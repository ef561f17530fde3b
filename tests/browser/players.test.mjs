/*
 * Our streams in three houses' players: hls.js, Shaka and dash.js start, seek, play to the end, and change rungs at every boundary.
 * The picture tells its time: five fields in its corner are the bits of the second, the first one the lowest.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Person, phone } from './chromium.mjs';
import { House, root, waitUntil } from './house.mjs';

const SECONDS = 32;
/* `tests/run all`: more places, and Shaka with HLS. */
const long = process.env.TESTS === 'all';
const run = promisify(execFile);
const scripts = {
    hls: 'node_modules/hls.js/dist/hls.min.js',
    shaka: 'node_modules/shaka-player/dist/shaka-player.compiled.js',
    dash: 'node_modules/dashjs/dist/modern/umd/dash.all.min.js',
};
let house, person, lecture, played, cohort;

/** Made once, and kept with the builds. */
async function makeLecture() {
    const file = path.join(root, 'build/tests/clock.mp4');
    if (existsSync(file))
        return file;
    await mkdir(path.dirname(file), { recursive: true });
    const bits = 'nullsrc=s=80x16:r=15,geq=lum=if(mod(floor(T/pow(2\\,floor(X/16)))\\,2)\\,235\\,16):cb=128:cr=128,scale=400:80:flags=neighbor';
    await run('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=s=854x480:r=15', '-f', 'lavfi', '-i', 'sine=440:r=48000',
        '-f', 'lavfi', '-i', bits, '-filter_complex', '[0:v][2:v]overlay=0:0[picture]', '-map', '[picture]', '-map', '1:a',
        '-t', String(SECONDS), '-c:v', 'libx264', '-preset', 'veryfast', '-g', '30', '-pix_fmt', 'yuv420p',
        '-c:a', 'aac', '-b:a', '64k', `${file}.part.mp4`]);
    await rename(`${file}.part.mp4`, file);
    return file;
}

before(async () => {
    house = await House.open({ 'ladder-file': path.join(root, 'tests/browser/players.conf') });
    ({ id: lecture } = await house.json('lecture', 'add', await makeLecture(), '--title', 'A clock', '--language', 'en', '--wait'));
    await house.command('lecture', 'publish', lecture);
    ({ cohort } = await house.addProgram('Clocks', [lecture]));
    const { link } = await house.addParticipant(cohort, 'Nguyễn Thị Lan');
    await house.start();
    person = await Person.sitDown(house);
    await person.openLink(link);
    await person.page.route('**/player-lab', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Lab</title><body>' }));
    await person.page.goto(`${house.url}/player-lab`);
    for (const script of [...Object.values(scripts), 'tests/browser/player_lab.js'])
        await person.page.evaluate(await readFile(path.join(root, script), 'utf8'));
    ({ body: played } = await person.ask(`/lectures/${lecture}/play`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }));
});
after(() => house.close());

const lab = (name, ...words) => person.page.evaluate(([method, given]) => globalThis.lab[method](...given), [name, words]);

const cases = [
    { name: 'hls.js plays HLS', engine: 'hls', list: 'hls' },
    { name: 'Shaka plays DASH', engine: 'shaka', list: 'dash' },
    { name: 'dash.js plays DASH', engine: 'dash', list: 'dash' },
    ...(long ? [{ name: 'Shaka plays HLS', engine: 'shaka', list: 'hls' }] : []),
];
for (const { name, engine, list } of cases) {
    test(name, { timeout: 360000 }, async () => {
        const rungs = await lab('open', engine, played[list]);
        assert.ok(rungs.length >= 3, `rungs: ${rungs}`);

        const places = long ? Array.from({ length: 60 }, (_one, index) => (index * 17) % (SECONDS - 1) + 0.2 + (index % 7) / 10) : [24.5, 3.9, 4.1, 15.95, 29.2, 9.5];
        for (const place of places) {
            const { at, told } = await lab('seek', place);
            assert.ok(Math.abs(at - place) < 0.05, `sought ${place}, stands at ${at}`);
            assert.equal(told, Math.floor(place), `at ${place} the picture tells ${told}`);
        }

        /* Anew, as what was sought lies in the buffer. */
        await lab('end');
        await lab('open', engine, played[list]);
        await lab('alternate');
        const end = await lab('playToEnd', 0, 6);
        assert.ok(Math.abs(end.at - end.duration) < 0.1 && Math.abs(end.duration - SECONDS) < 0.2, JSON.stringify(end));
        assert.ok(end.shown > 100, `${end.shown} pictures were shown`);
        const { faults, taken } = await person.page.evaluate(() => ({ faults: globalThis.lab.faults, taken: globalThis.lab.taken }));
        /* One may have been on its way when changing began, and hls.js asks for the next one before it tells of the last. */
        const kept = taken.filter(([rung], index) => index > 0 && rung === taken[index - 1][0]).length;
        assert.ok(kept <= 2 && taken.length >= 5, JSON.stringify(taken));
        assert.deepEqual(new Set(taken.map(([rung]) => rung)), new Set(rungs), 'a rung was never played');
        assert.deepEqual(faults, []);
        await lab('end');
    });
}

/** What our own page shows: the name of the rendition comes with each beat. */
async function watchOnPage(who, act, done) {
    const beats = [];
    const note = (request) => {
        if (request.url().endsWith('/heartbeats'))
            beats.push(...JSON.parse(request.postData()).beats);
    };
    const { page } = who;
    page.on('request', note);
    try {
        await page.goto(`${house.url}/lecture/${lecture}`);
        await page.getByRole('button', { name: 'Play', exact: true }).first().waitFor();
        await act(page);
        await waitUntil('what was waited for', () => done(beats), 120000);
    } finally {
        page.off('request', note);
    }
    return beats;
}

test('our page lets one choose the picture, remembers it, and says what was shown', { timeout: 360000 }, async () => {
    const play = async (page) => {
        await page.getByRole('button', { name: 'Play', exact: true }).first().click();
        await person.untilVideo('video.currentTime > 1');
    };
    await watchOnPage(person, async (page) => {
        await play(page);
        const menu = page.getByRole('combobox', { name: 'Picture' });
        const offered = await menu.locator('option').allTextContents();
        assert.equal(offered[0], 'Automatic');
        assert.equal(offered.at(-1), 'Slides as stills (least data)');
        await menu.selectOption({ label: '144p' });
        await person.picture('player-quality-desktop');
        await page.getByRole('button', { name: 'Pause', exact: true }).first().click();
    }, (beats) => beats.length > 0);
    const beats = await watchOnPage(person, async (page) => {
        await play(page);
        assert.equal(await page.getByRole('combobox', { name: 'Picture' }).inputValue(), '144p');
        await page.getByRole('button', { name: 'Pause', exact: true }).first().click();
    }, (sent) => sent.length > 0);
    assert.deepEqual(new Set(beats.map((beat) => beat.rendition)), new Set(['144p']));
});

test('on a line of 64 kbit/s the lecture plays as stills, without standing still', { timeout: 360000 }, async () => {
    const villager = await Person.sitDown(house, { device: phone });
    await villager.openLink((await house.addParticipant(cohort, 'Trần Văn Bình')).link);
    const beats = await watchOnPage(villager, async (page) => {
        await page.waitForLoadState('networkidle');
        const line = await villager.context.newCDPSession(page);
        await line.send('Network.enable');
        await line.send('Network.emulateNetworkConditions',
            { offline: false, latency: 200, downloadThroughput: 64000 / 8, uploadThroughput: 64000 / 8, connectionType: 'cellular2g' });
        await page.getByRole('button', { name: 'Play', exact: true }).first().click();
        await villager.untilVideo('video.currentTime > 0');
        const from = Date.now();
        await villager.untilVideo('video.currentTime > 6');
        assert.ok(Date.now() - from < 12000, `6 s took ${Date.now() - from} ms`);
        await villager.picture('player-quality-phone');
        await page.getByRole('button', { name: 'Pause', exact: true }).first().click();
    }, (sent) => sent.some((beat) => beat.to_ms > 5000));
    assert.equal(beats.at(-1).rendition, 'stills');
    await villager.leave();
});
