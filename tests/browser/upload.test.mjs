/* An admin brings a lecture in through the page, over a line that drops, and a participant plays it. */
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Person, phone } from './chromium.mjs';
import { CutLine } from './cut_line.mjs';
import { House, haveSamples, root, samples, waitUntil } from './house.mjs';

let house, admin, program, participant;

before(async () => {
    house = await House.open();
    admin = await house.addStaff('admin');
    program = await house.addProgram('Labour and management', []);
    participant = await house.addParticipant(program.cohort, 'Батбаяр', 'MN', 'mn');
    await house.start();
});
after(() => house.close());

test('an upload goes on over a line that breaks three times, and what it brought plays',
    { timeout: 720000, skip: haveSamples ? false : '../shared/media-samples is not here' }, async () => {
        const line = await CutLine.open(house.port, 600000);
        const url = `https://localhost:${line.port}`;
        const desk = await Person.sitDown(house);
        await desk.signIn(admin, url);
        await desk.page.goto(`${url}/admin`);
        const before = line.sent;
        await desk.page.locator('#upload-input').setInputFiles(path.join(samples, 'people-139s.mp4'));
        for (const part of [0.2, 0.5, 0.8]) {
            await waitUntil('more of the file', () => line.sent - before > part * 3291918, 120000);
            line.cut();
        }
        await desk.page.locator('[data-lecture-state="preparing"], [data-lecture-state="ready"]').first().waitFor({ timeout: 90000 });
        const card = desk.page.locator('[data-lecture-state="ready"]');
        await card.waitFor({ timeout: 90000 });
        assert.equal(line.cuts, 3);
        await desk.picture('admin-lecture-desktop');
        const id = await card.getAttribute('data-lecture');
        await card.getByRole('button', { name: 'Publish' }).click();
        await desk.page.getByText('No program lists this lecture yet').waitFor();
        const { body: lecture } = await desk.ask(`/lectures/${id}`);
        assert.ok(Math.abs(lecture.duration_ms - 139400) < 200, `it is ${lecture.duration_ms} ms long`);
        const put = await desk.ask(`/programs/${program.id}/lectures`, { method: 'PUT', body: JSON.stringify({ lectures: [id] }) });
        assert.equal(put.status, 200);
        await desk.leave();
        await line.close();

        const person = await Person.sitDown(house);
        await person.openLink(participant.link);
        await person.page.locator(`[data-lecture="${id}"] a`).first().click();
        await person.page.getByRole('button', { name: 'Play', exact: true }).first().click();
        await person.untilVideo('video.currentTime > 3 && video.videoWidth === 768');
        await person.leave();
    });

test('a file that is no lecture is refused in words', { timeout: 180000 }, async () => {
    const desk = await Person.sitDown(house);
    await desk.signIn(admin);
    await desk.page.goto(`${house.url}/admin`);
    await desk.page.locator('#upload-input').setInputFiles({ name: 'lecture.mp4', mimeType: 'video/mp4',
        buffer: Buffer.from('#EXTM3U\n#EXTINF:4,\nhttp://127.0.0.1:9/secret.ts\n') });
    const card = desk.page.locator('[data-lecture-state="refused"]');
    await card.waitFor();
    assert.match(await card.innerText(), /playlist/i);
    await desk.picture('admin-refused-desktop');

    await card.getByRole('button', { name: 'Remove' }).click();
    const dialog = desk.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await card.count(), 1);
    await card.getByRole('button', { name: 'Remove' }).click();
    await desk.picture('admin-remove-desktop');
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await desk.page.getByText('was removed').waitFor();
    await card.waitFor({ state: 'detached' });
    await desk.page.waitForFunction(() => document.activeElement.getAttribute('aria-label') === 'Lectures');
    assert.equal(await desk.page.locator('[data-upload-state]').count(), 0, 'the card of the upload came back');
    const { body: { lectures } } = await desk.ask('/lectures');
    assert.ok(lectures.every((lecture) => lecture.state !== 'refused'));
    await desk.leave();
});

const law = path.join(root, 'media/lectures/labour-law.mp4');

async function unfinished(person) {
    const { body } = await person.ask('/uploads');
    return body.uploads;
}

test('a cancelled upload is not sent when the line is back', { timeout: 180000 }, async () => {
    const desk = await Person.sitDown(house);
    await desk.signIn(admin);
    await desk.page.goto(`${house.url}/admin`);
    // The page's parts load after it: a page that is not there yet cannot go on without the line.
    await desk.page.locator('#upload-input').waitFor({ state: 'attached' });
    await desk.context.setOffline(true);
    await desk.page.locator('#upload-input').setInputFiles(law);
    const card = desk.page.locator('[data-upload-state="retrying"]');
    await card.waitFor();
    await card.getByRole('button', { name: 'Cancel' }).click();
    await card.waitFor({ state: 'detached' });
    await desk.context.setOffline(false);
    await new Promise((done) => setTimeout(done, 3000));
    assert.deepEqual(await unfinished(desk), []);
    assert.equal(await desk.page.locator('[data-upload-state]').count(), 0);
    await desk.leave();
});

test('an upload that another machine began goes on where it stopped', { timeout: 270000 }, async () => {
    const { size } = await stat(law);
    const slow = await CutLine.open(house.port, 400000);
    const first = await Person.sitDown(house);
    await first.signIn(admin, `https://localhost:${slow.port}`);
    await first.page.goto(`https://localhost:${slow.port}/admin`);
    const begun = slow.sent;
    await first.page.locator('#upload-input').setInputFiles(law);
    await waitUntil('half of the file', () => slow.sent - begun > size / 2);
    await first.goAway();
    await slow.close();

    const line = await CutLine.open(house.port, 4000000);
    const second = await Person.sitDown(house);
    await second.signIn(admin, `https://localhost:${line.port}`);
    await second.page.goto(`https://localhost:${line.port}/admin`);
    await second.page.getByText('Unfinished uploads').waitFor();
    await second.picture('admin-unfinished-desktop');
    const before = line.sent;
    await second.page.locator('#upload-input').setInputFiles(law);
    await second.page.locator('[data-lecture-state]', { hasText: 'labour-law' }).first().waitFor({ timeout: 90000 });
    assert.ok(line.sent - before < size * 0.7, `${line.sent - before} of ${size} bytes were sent again`);
    await second.page.getByText('Unfinished uploads').waitFor({ state: 'detached' });
    assert.deepEqual(await unfinished(second), []);
    await second.leave();
    await line.close();
});

test('an empty file is refused without the server, and can only be removed', { timeout: 180000 }, async () => {
    const desk = await Person.sitDown(house);
    await desk.signIn(admin);
    await desk.page.goto(`${house.url}/admin`);
    await desk.page.locator('#upload-input').setInputFiles({ name: 'empty.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(0) });
    const card = desk.page.locator('[data-upload-state="refused"]');
    await card.getByText('This file is empty').waitFor();
    await desk.picture('admin-empty-desktop');
    assert.deepEqual(await card.getByRole('button').allInnerTexts(), ['Remove']);
    await card.getByRole('button').click();
    await card.waitFor({ state: 'detached' });
    await desk.leave();
});

test('the page tells of a lecture that somebody else sends, without asking', { timeout: 180000 }, async () => {
    const desk = await Person.sitDown(house);
    await desk.signIn(admin);
    await desk.page.goto(`${house.url}/admin`);
    await desk.page.locator('#upload-input').waitFor({ state: 'attached' });
    await desk.page.waitForLoadState('load');
    let asked = 0;
    desk.page.on('request', (request) => { asked += request.url().includes('/api/v1/lectures') ? 1 : 0; });
    await house.command('lecture', 'add', path.join(root, 'media/lectures/labour-law.mp4'), '--title', 'From a shell',
        '--language', 'en', '--wait');
    const card = desk.page.locator('[data-lecture][aria-label="From a shell"]');
    await card.waitFor();
    await waitUntil('the end of its job', async () => await card.locator('[data-job-state]').count() === 0
        && await card.getAttribute('data-lecture-state') === 'ready');
    const settled = asked;
    await new Promise((done) => { setTimeout(done, 2500); });
    assert.equal(asked, settled, 'it asks for nothing while nothing happens');
    await desk.leave();
});

/* How an MP4 begins whose index comes last: for all that one can see, it may be a lecture. */
const videoHead = Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42\x7f\0\0\0mdat', 'latin1');

function cardOf(desk, name) {
    return desk.page.locator('[data-upload-state]', { has: desk.page.getByRole('heading', { name }) });
}

test('a document is refused on its way, in words, and nothing of it stays', { timeout: 180000 }, async () => {
    const desk = await Person.sitDown(house, { device: phone });
    await desk.signIn(admin);
    await desk.page.goto(`${house.url}/admin`);
    const letter = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(12 << 20, 7)]);
    await desk.page.locator('#upload-input').setInputFiles({ name: 'letter.mp4', mimeType: 'video/mp4', buffer: letter });
    const card = cardOf(desk, 'letter.mp4');
    await card.getByText('the rest of it was not sent').waitFor({ timeout: 90000 });
    assert.match(await card.innerText(), /document/);
    assert.equal(await card.getAttribute('data-upload-state'), 'refused');
    await desk.picture('admin-refused-early-phone');
    assert.deepEqual(await unfinished(desk), []);
    await card.getByRole('button', { name: 'Remove' }).click();
    await card.waitFor({ state: 'detached' });
    await desk.leave();
});

test('files wait for their turn, pause, go on and are removed; a file sent twice is noticed', { timeout: 360000 }, async () => {
    const line = await CutLine.open(house.port, 1500000);
    const desk = await Person.sitDown(house, { device: phone });
    const url = `https://localhost:${line.port}`;
    await desk.signIn(admin, url);
    await desk.page.goto(`${url}/admin`);
    const buffer = Buffer.concat([videoHead, Buffer.alloc(3 << 20, 5)]);
    const names = ['first.mp4', 'second.mp4', 'third.mp4'];
    await desk.page.locator('#upload-input').setInputFiles(names.map((name) => ({ name, mimeType: 'video/mp4', buffer })));
    await cardOf(desk, 'first.mp4').getByText(/a second/).waitFor();
    assert.equal(await cardOf(desk, 'second.mp4').getAttribute('data-upload-state'), 'waiting');
    await desk.picture('admin-upload-queue-phone');
    await cardOf(desk, 'first.mp4').getByRole('button', { name: 'Pause' }).click();
    await desk.page.locator('[data-upload-state="paused"]').waitFor();
    await cardOf(desk, 'third.mp4').getByRole('button', { name: 'Cancel' }).click();
    await cardOf(desk, 'third.mp4').waitFor({ state: 'detached' });
    const lectureOf = (name) => desk.page.locator('[data-lecture]', { has: desk.page.getByRole('heading', { name, exact: true }) });
    await lectureOf('second').waitFor({ timeout: 90000 });
    await cardOf(desk, 'first.mp4').getByRole('button', { name: 'Resume' }).click();
    const first = lectureOf('first');
    await first.locator('[data-same-file]', { hasText: 'second' }).waitFor({ timeout: 90000 });
    await first.scrollIntoViewIfNeeded();
    await desk.picture('admin-same-file-phone');
    assert.deepEqual(await unfinished(desk), []);
    await desk.leave();
    await line.close();
});

test('what the server has no room for is refused before a byte is sent', { timeout: 180000 }, async () => {
    const small = await House.open({ 'upload-bytes-max': 100000, 'upload-person-bytes-max': 150000 });
    const person = await small.addStaff('admin');
    await small.start();
    const desk = await Person.sitDown(small);
    await desk.signIn(person);
    await desk.ask('/uploads', { method: 'POST', headers: { 'Tus-Resumable': '1.0.0', 'Upload-Length': '90000' } });
    await desk.page.goto(`${small.url}/admin`);
    const sent = [];
    desk.page.on('request', (request) => sent.push(request.method()));
    const file = (name, size) => ({ name, mimeType: 'video/mp4', buffer: Buffer.concat([videoHead, Buffer.alloc(size)]) });
    await desk.page.locator('#upload-input').setInputFiles([file('large.mp4', 200000), file('more.mp4', 80000)]);
    await cardOf(desk, 'large.mp4').getByText('larger than this server accepts').waitFor();
    await cardOf(desk, 'more.mp4').getByText('no room for more unfinished uploads').waitFor();
    await desk.picture('admin-no-room-desktop');
    assert.ok(sent.every((method) => method === 'GET'), sent.join());
    await desk.leave();
    await small.close();
});
