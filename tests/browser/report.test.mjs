/* What the server found in a file, as an admin reads it: in their language, on a desk and on a phone. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Person, phone } from './chromium.mjs';
import { House } from './house.mjs';

const run = promisify(execFile);
let house, admin, odd, cut;

/* Two sound tracks with their languages, few whole pictures, pixels that are not square, a sound that ends early. */
async function makeOdd(file) {
    await run('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc=size=320x240:rate=10:duration=8', '-f', 'lavfi', '-i',
        'sine=frequency=440:duration=5', '-f', 'lavfi', '-i', 'sine=frequency=880:duration=5', '-map', '0', '-map', '1', '-map', '2',
        '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '1000', '-aspect', '16:9', '-c:a', 'aac',
        '-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=jpn', '-movflags', '+faststart', file]);
}

before(async () => {
    house = await House.open();
    admin = await house.addStaff('admin');
    const file = path.join(house.data, 'odd.mov'), short = path.join(house.data, 'cut.mov');
    await makeOdd(file);
    await run('cp', [file, short]);
    await run('truncate', ['--size=40K', short]);
    odd = (await house.json('lecture', 'add', file, '--title', 'Labour law', '--language', 'en', '--wait')).id;
    const refused = await house.command('lecture', 'add', short, '--title', 'Broken off', '--language', 'en', '--wait', '--json')
        .catch((error) => error.stdout);
    cut = JSON.parse(refused).id;
    await house.start();
});
after(() => house.close());

async function atDesk(language, options) {
    const person = await Person.sitDown(house, options);
    await person.signIn(admin);
    await person.page.evaluate((chosen) => localStorage.setItem('lectern.language', chosen), language);
    await person.page.goto(`${house.url}/admin`);
    return [person, person.page.locator(`[data-lecture="${odd}"]`), person.page.locator(`[data-lecture="${cut}"]`)];
}

test('what is odd is told with what is done about it', { timeout: 180000 }, async () => {
    const [person, card, broken] = await atDesk('en');
    const said = await card.locator('.findings').innerText();
    for (const words of [/Key frames are up to \d+(\.\d)? sec apart/, /several sound tracks \(2\): English and Japanese\./,
        /The sound ends at 0:00:05, 3 sec before the picture\. It is silent from there\./, /not square \(4:3\)/])
        assert.match(said, words);
    const first = await card.locator('.finding').first().getAttribute('class');
    assert.match(first, /finding-warning/, 'what is to be looked at comes first');
    assert.match(await broken.locator('.job-verdict').innerText(), /cut off at 0:00:0\d of 0:00:08\. Send the whole file again\./);
    await card.scrollIntoViewIfNeeded();
    await person.picture('admin-report-desktop');
    await person.leave();
});

test('in Japanese too, and on a phone nothing hangs over the edge', { timeout: 180000 }, async () => {
    const [person, card, broken] = await atDesk('ja', { device: phone, colorScheme: 'dark' });
    const said = await card.locator('.findings').innerText();
    assert.match(said, /キーフレームの間隔が最大\d+(\.\d)? 秒/);
    assert.match(said, /音声トラックが2本あります（英語、日本語）/);
    assert.match(await broken.locator('.job-verdict').innerText(), /0:00:08のうち0:00:0\dで途切れています。/);
    assert.deepEqual(await card.locator('[lang="en"]:not(.admin-lecture-title)').allTextContents(), [], 'something is left in English');
    assert.ok(await person.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await card.locator('.verdict:not(.lecture-digest)').scrollIntoViewIfNeeded();
    await person.picture('admin-report-phone-ja');
    await person.leave();
});

test('a code that the page does not know is told in the server\'s words', { timeout: 180000 }, async () => {
    const [person] = await atDesk('ja');
    const { body } = await person.ask('/lectures?language=ja');
    for (const lecture of body.lectures.filter(({ id }) => id === odd))
        lecture.report.findings = [{ code: 'of-tomorrow', severity: 'info', sentence: 'It hums.', action: 'We hum along.' }];
    await person.page.route('**/api/v1/lectures*', (route) => route.fulfill({ json: body }));
    await person.page.reload();
    const line = person.page.locator('[data-finding="of-tomorrow"] p');
    assert.equal(await line.innerText(), 'It hums. We hum along.');
    assert.equal(await line.getAttribute('lang'), 'en');
    await person.leave();
});
