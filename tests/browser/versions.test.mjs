/* A lecture's next version, as an admin makes it on the page: its ends cut off, or another file in its place; and as it meets who had the one before open. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Person, phone } from './chromium.mjs';
import { House, root } from './house.mjs';

const run = promisify(execFile);
let house, admin, lecture, better, participant;

async function makeClip(file, seconds) {
    await run('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', `testsrc=size=320x240:rate=10:duration=${seconds}`, '-f', 'lavfi', '-i',
        `sine=frequency=440:duration=${seconds}`, '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '20',
        '-c:a', 'aac', '-movflags', '+faststart', file]);
}

before(async () => {
    house = await House.open();
    admin = await house.addStaff('admin');
    const file = path.join(house.data, 'lecture.mp4');
    better = path.join(house.data, 'better.mp4');
    await makeClip(file, 12);
    await makeClip(better, 14);
    lecture = (await house.json('lecture', 'add', file, '--title', 'Labour law', '--language', 'en', '--wait')).id;
    await house.command('lecture', 'publish', lecture);
    const { cohort } = await house.addProgram('Labour and management', [lecture]);
    participant = await house.addParticipant(cohort, 'Nguyễn Thị Lan');
    await house.start();
});
after(() => house.close());

async function atDesk(language, options) {
    const person = await Person.sitDown(house, options);
    await person.signIn(admin);
    await person.page.evaluate((chosen) => localStorage.setItem('lectern.language', chosen), language);
    await person.page.goto(`${house.url}/admin`);
    return [person, person.page.locator(`[data-lecture="${lecture}"]`)];
}

async function violations(person) {
    await person.page.evaluate(await readFile(path.join(root, 'node_modules/axe-core/axe.min.js'), 'utf8'));
    const { violations: found } = await person.page.evaluate(() => window.axe.run());
    return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}

test('its ends are cut off', { timeout: 180000 }, async () => {
    const [person, card] = await atDesk('en');
    await card.getByRole('button', { name: 'Trim' }).click();
    const dialog = person.page.getByRole('dialog');
    const trim = dialog.getByRole('button', { name: 'Trim' });
    assert.ok(await trim.isDisabled(), 'all of it would be kept');
    await dialog.getByLabel('Ends at').fill('1:00');
    await dialog.getByText('Write a time from 0:00 to 0:12').waitFor();
    await dialog.getByLabel('Begins at').fill('0:04');
    await dialog.getByLabel('Ends at').fill('0:10');
    await dialog.getByText('Cut off: 0:00 to 0:04, and 0:10 to 0:12. New length: 0:06.').waitFor();
    assert.deepEqual(await violations(person), []);
    await person.picture('admin-trim-desktop');
    await trim.click();
    await card.locator('[data-version="2"]').waitFor();
    await card.locator('.figures').getByText('0:06', { exact: true }).waitFor();
    await card.getByText(/^Version 2, since /).waitFor();
    await person.picture('admin-version-desktop');
    await person.leave();
});

test('another file takes its place, on a phone in Japanese', { timeout: 180000 }, async () => {
    const [person, card] = await atDesk('ja', { device: phone, colorScheme: 'dark' });
    await card.getByRole('button', { name: '別のファイルに差し替える' }).click();
    const dialog = person.page.getByRole('dialog');
    await dialog.getByLabel('新しいファイル', { exact: true }).setInputFiles(better);
    await dialog.getByLabel(/始まりの時間が異なる/).check();
    await dialog.getByLabel('何秒ずれているか').fill('2');
    assert.deepEqual(await violations(person), []);
    await person.picture('admin-replace-phone-ja');
    assert.ok(await person.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    const [begun] = await Promise.all([person.page.waitForRequest((asked) => asked.method() === 'POST' && asked.url().endsWith('/uploads')),
        dialog.getByRole('button', { name: '送信' }).click()]);
    const told = Object.fromEntries(begun.headers()['upload-metadata'].split(',').map((pair) => pair.split(' ')));
    assert.match(Buffer.from(told.timeline, 'base64').toString(), /^\[\[0,6\d{3},2000\]\]$/);
    await card.locator('[data-version="3"]').waitFor();
    await card.locator('.figures').getByText('0:14', { exact: true }).waitFor();
    await card.getByText('better.mp4').first().waitFor();
    await person.leave();
});

test('a file that is refused changes nothing, and its card says so', { timeout: 180000 }, async () => {
    const [person, card] = await atDesk('en');
    await card.getByRole('button', { name: 'Replace by another file' }).click();
    const dialog = person.page.getByRole('dialog');
    await dialog.getByLabel('New file').setInputFiles({ name: 'notes.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(40000, 'These are notes. ') });
    await person.picture('admin-replace-desktop');
    await dialog.getByRole('button', { name: 'Send' }).click();
    const notice = card.locator('.job-verdict[data-job-state="refused"]');
    await notice.waitFor();
    assert.match(await notice.innerText(), /nothing has changed:\s+\S/);
    assert.equal(await card.locator('[data-version="3"]').count(), 1);
    assert.deepEqual(await violations(person), []);
    await notice.scrollIntoViewIfNeeded();
    await person.picture('admin-version-refused-desktop');
    await person.leave();
});

test('a page that was open all the while asks to be loaded anew', { timeout: 180000 }, async () => {
    const person = await Person.sitDown(house, { device: phone });
    await person.openLink(participant.link);
    await person.page.locator(`[data-lecture="${lecture}"] a`).first().click();
    const play = person.page.getByRole('button', { name: 'Play', exact: true }).first();
    await play.waitFor();
    await house.command('lecture', 'trim', lecture, '--from', '0:02', '--to', '0:12', '--ready');
    await play.click();
    await person.page.locator('[data-problem="lecture-renewed"]').waitFor();
    await person.picture('player-renewed-phone');
    await person.page.getByRole('button', { name: 'Load the new version' }).click();
    await person.page.getByText('0:10').first().waitFor();
    await play.click();
    await person.untilVideo('video.currentTime > 0.5 && Math.abs(video.duration - 10) < 0.5');
    await person.leave();
});
