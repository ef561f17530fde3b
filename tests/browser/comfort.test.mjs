/* What makes the player pleasant, and what a weak line is spared of: poster, thumbnails, and what a lecture gains while it is watched. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Person, phone } from './chromium.mjs';
import { House, root, waitUntil } from './house.mjs';

let house, lecture, participants;

before(async () => {
    house = await House.open();
    lecture = await house.addLecture('productivity-movement', 'The productivity movement');
    await writeFile(path.join(house.data, 'chapters'), '0:00 Welcome\n0:20 How it began\n0:45 Three principles\n');
    await house.command('lecture', 'chapters', lecture, path.join(house.data, 'chapters'));
    const program = await house.addProgram('Labour and management', [lecture]);
    participants = [];
    for (const name of ['Nguyễn Thị Lan', 'Trần Văn Bình', 'Lê Thị Hoa'])
        participants.push(await house.addParticipant(program.cohort, name));
    await house.start();
});
after(() => house.close());

async function openLecture(participant, options) {
    const person = await Person.sitDown(house, options);
    person.asked = [];
    person.page.on('request', (request) => person.asked.push(new URL(request.url()).pathname.split('/').slice(4).join('/')));
    await person.openLink(participant.link);
    await person.page.goto(`${house.url}/lecture/${lecture}`);
    await person.page.getByRole('button', { name: 'Play', exact: true }).first().waitFor();
    return person;
}

const times = (person, file) => person.asked.filter((name) => name === file).length;

test('a picture of the lecture invites to play, and goes with the first frame', { timeout: 180000 }, async () => {
    const person = await openLecture(participants[0]);
    const poster = person.page.locator('img.poster');
    await poster.waitFor();
    assert.ok(await poster.evaluate((image) => image.decode().then(() => image.naturalWidth >= 320)));
    await poster.evaluate((image) => Promise.all(image.getAnimations().map((one) => one.finished)));
    await person.picture('player-poster-desktop');
    assert.equal(times(person, 'thumbnails.vtt'), 0, 'thumbnails came before anybody pointed at the bar');
    await person.page.getByRole('button', { name: 'Play', exact: true }).first().click();
    await person.untilVideo('video.currentTime > 0.5');
    await poster.waitFor({ state: 'detached' });
    assert.equal(times(person, 'poster.jpg'), 1);
    await person.leave();
});

test('pointing at the seek bar shows where one would land', { timeout: 180000 }, async () => {
    const person = await openLecture(participants[0]);
    const bar = person.page.getByRole('slider', { name: 'Position' });
    const box = await bar.boundingBox();
    const preview = person.page.locator('.seek-preview');
    const pointAt = (part) => person.page.mouse.move(box.x + box.width * part, box.y + box.height / 2);
    await pointAt(0.5);
    await preview.locator('img').waitFor();
    assert.match(await preview.innerText(), /How it began|Three principles/);
    await person.picture('player-thumbnail-desktop');
    const place = await preview.locator('img').evaluate((image) => image.style.transform);
    await pointAt(0.95);
    await waitUntil('another picture', async () => (await preview.locator('img').evaluate((image) => image.style.transform)) !== place);
    await pointAt(0.02);
    await preview.getByText('Welcome').waitFor();
    const inside = await preview.evaluate((one) => one.getBoundingClientRect().left >= one.closest('.player').getBoundingClientRect().left);
    assert.ok(inside, 'the picture hangs over the edge');
    await person.page.mouse.move(5, 5);
    await preview.waitFor({ state: 'detached' });
    assert.equal(times(person, 'thumbnails.vtt'), 1);
    assert.equal(times(person, 'thumbnails-0.jpg'), 1, 'a sheet was fetched again');

    await bar.focus();
    await person.page.keyboard.press('End');
    await person.page.keyboard.press('PageDown');
    await preview.locator('img').waitFor();
    assert.match(await bar.getAttribute('aria-valuetext'), /^1 minute 38 seconds of .*, Three principles$/);
    await preview.waitFor({ state: 'detached' });
    await person.leave();
});

test('dragging on a phone loads nothing before one lets go', { timeout: 180000 }, async () => {
    const person = await openLecture(participants[0], { device: phone });
    const { page } = person;
    await page.getByRole('button', { name: /^(Play|Continue at)/ }).first().click();
    await person.untilVideo('video.currentTime > 0.5 && video.readyState >= 3');
    const bar = page.getByRole('slider', { name: 'Position' });
    const box = await bar.boundingBox();
    const session = await person.context.newCDPSession(page);
    const touch = (type, part) => session.send('Input.dispatchTouchEvent', {
        type, touchPoints: part === null ? [] : [{ x: box.x + box.width * part, y: box.y + box.height / 2 }],
    });
    const length = await person.video('video.duration');
    await touch('touchStart', 0.1);
    for (let part = 0.2; part <= 0.8; part += 0.1)
        await touch('touchMove', part);
    await page.locator('.seek-preview img').waitFor();
    await person.picture('player-thumbnail-phone');
    assert.ok(await person.video('video.currentTime') < length * 0.15, 'it moved along with the finger');
    await touch('touchEnd', null);
    await person.untilVideo(`video.currentTime > ${length * 0.7}`);
    await page.locator('.seek-preview').waitFor({ state: 'detached' });
    await person.leave();
});

test('a line that is dear is spared of poster and thumbnails', { timeout: 180000 }, async () => {
    const person = await Person.sitDown(house);
    await person.context.addInitScript(() => {
        Object.defineProperty(navigator, 'connection', { value: { saveData: true, downlink: 0.06, effectiveType: '2g' } });
    });
    const asked = [];
    person.page.on('request', (request) => asked.push(request.url()));
    await person.openLink(participants[2].link);
    await person.page.goto(`${house.url}/lecture/${lecture}`);
    const bar = person.page.getByRole('slider', { name: 'Position' });
    await bar.hover();
    await person.page.locator('.seek-preview').getByText(/^\d:\d\d$/).waitFor();
    await person.page.getByRole('button', { name: 'Play', exact: true }).first().click();
    await person.untilVideo('video.currentTime > 1');
    assert.deepEqual(asked.filter((url) => /\.jpg|thumbnails/.test(url)), []);
    await person.leave();
});

/* What no playlist tells of. */
async function addLater() {
    const chapters = path.join(house.data, 'more-chapters'), slides = path.join(house.data, 'slides.pdf');
    await writeFile(chapters, '0:00 Welcome\n0:20 How it began\n0:45 Three principles\n1:00 A word at the end\n');
    await house.command('lecture', 'chapters', lecture, chapters);
    await writeFile(slides, '%PDF-1.7\n');
    await house.command('lecture', 'handout', lecture, slides);
}

test('what a lecture gains while it is open is there without a reload', { timeout: 240000 }, async () => {
    const person = await openLecture(participants[1]);
    const { page } = person;
    await page.getByRole('button', { name: 'Play', exact: true }).first().click();
    await person.untilVideo('video.currentTime > 1');
    const loads = await page.evaluate(() => performance.timeOrigin);
    assert.equal(await page.getByRole('combobox', { name: 'Language of the sound' }).count(), 0);
    const file = path.join(root, 'media/lectures/productivity-movement');
    await house.command('lecture', 'captions', lecture, '--language', 'vi', `${file}.vi.vtt`);
    await house.command('lecture', 'sound', 'add', lecture, `${file}.mp4`, '--language', 'vi', '--wait');
    await page.getByRole('combobox', { name: 'Picture' }).focus();
    const sound = page.getByRole('combobox', { name: 'Language of the sound' });
    await sound.waitFor();
    await page.getByRole('combobox', { name: 'Captions' }).selectOption('vi');
    await page.locator('.caption-layer p').first().waitFor();
    const before = await person.video('video.currentTime');
    await sound.selectOption('vi');
    await waitUntil('the Vietnamese sound', () => person.asked.some((name) => /^audio-[a-z]+-vi\/\d+\.m4s$/.test(name)));
    await person.untilVideo(`!video.paused && video.currentTime > ${before + 1}`);
    assert.ok(await person.video('video.currentTime') < before + 30, 'it lost its place');
    await addLater();
    await waitUntil('the new chapter', async () => {
        for (const name of ['Captions', 'Picture']) await page.getByRole('combobox', { name }).focus();
        return await page.getByRole('button', { name: /A word at the end/ }).count() === 1;
    });
    await page.getByRole('link', { name: 'slides.pdf' }).waitFor();
    assert.equal(await page.evaluate(() => performance.timeOrigin), loads, 'the page was loaded anew');
    await person.picture('player-grown-desktop');
    await person.leave();
});

/* A line of 64 kbit/s takes its time by itself: only `tests/run all` waits for it. */
test('on 64 kbit/s the stills and the sound begin, and the page says what it does', { timeout: 400000, skip: process.env.TESTS !== 'all' && 'TESTS=all' }, async () => {
    const person = await Person.sitDown(house, { device: phone });
    const { page } = person;
    await person.openLink(participants[2].link);
    const session = await person.context.newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', { offline: false, latency: 300, downloadThroughput: 8000, uploadThroughput: 8000 });
    const asked = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname.split('/').slice(4).join('/')));
    await page.goto(`${house.url}/lecture/${lecture}`, { timeout: 120000 });
    const begin = page.locator('button.begin');
    await begin.waitFor({ timeout: 120000 });
    await begin.click();
    await page.locator('.spinner').waitFor();
    await page.getByText('The line is slow. The lecture begins as soon as enough of it is here.').waitFor();
    await person.picture('player-64-kbit-waiting-phone');
    await person.untilVideo('video.currentTime > 1', 180000);
    const media = asked.filter((name) => /\.m4s$/.test(name)).map((name) => name.split('/')[0]);
    assert.deepEqual([...new Set(media)].sort(), ['audio-low', 'stills'], 'more was loaded than the line carries');
    assert.deepEqual(asked.filter((name) => /poster|thumbnails/.test(name)), []);
    await person.picture('player-64-kbit-phone');
    const at = await person.video('video.currentTime');
    await person.untilVideo(`video.currentTime > ${at + 25}`, 180000);
    await person.leave();
});
