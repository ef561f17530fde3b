/* A participant watches a lecture from the link to its end, and the organizer sees it. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Person, phone } from './chromium.mjs';
import { House, root, waitUntil } from './house.mjs';

let house, organizer, lecture, cohort, participants;

before(async () => {
    house = await House.open();
    organizer = await house.addStaff('organizer');
    lecture = await house.addLecture('productivity-movement', 'The productivity movement', ['en', 'ja', 'vi', 'mn']);
    const program = await house.addProgram('Labour and management', [lecture]);
    cohort = program.cohort;
    await house.command('program', 'assign', program.id, organizer.email);
    participants = [];
    for (const name of ['Nguyễn Thị Lan', 'Trần Văn Bình', 'Lê Thị Hoa'])
        participants.push(await house.addParticipant(cohort, name));
    await house.start();
});
after(() => house.close());

async function openLecture(person) {
    await person.page.locator(`[data-lecture="${lecture}"] a`).first().click();
    await person.page.waitForSelector('#video, video');
}

async function press(person, name) {
    await person.page.getByRole('button', { name, exact: true }).first().click();
}

test('a lecture that is played to its end at twice the speed, with a reload in between, is completed', { timeout: 720000 }, async () => {
    const person = await Person.sitDown(house, { device: phone });
    await person.openLink(participants[0].link);
    assert.equal(new URL(person.page.url()).hash, '', 'the secret stayed in the address');
    await openLecture(person);
    await press(person, 'Play');
    await person.untilVideo('video.currentTime > 1');
    await person.page.evaluate(() => { document.querySelector('video').playbackRate = 2; });
    await person.untilVideo('video.currentTime > 45');

    await person.page.reload();
    await person.page.getByRole('button', { name: /^Continue at 0:4/ }).click();
    await person.untilVideo('video.currentTime > 44');
    await person.page.evaluate(() => { document.querySelector('video').playbackRate = 2; });
    await person.untilVideo('video.ended', 120000);
    await person.page.getByText('Lecture completed').waitFor();
    await person.picture('player-completed-phone');
    const { body: me } = await person.ask('/me');
    const [progress] = me.lectures;
    assert.ok(progress.completed_at_ms > 0);
    assert.ok(progress.coverage > 0.99, `coverage is ${progress.coverage}`);
    await person.leave();

    const { deliveries } = await house.json('delivery', 'list', participants[0].id, '--lecture', lecture, '--last', '1000');
    assert.ok(deliveries.length > 20, `${deliveries.length} deliveries`);
    for (const delivery of deliveries)
        assert.ok(delivery.client.session && delivery.client.buffer_ms >= 0, JSON.stringify(delivery));
    assert.equal(new Set(deliveries.map((delivery) => delivery.client.session)).size, 2, 'one play session a load of the page');
    assert.ok(deliveries.at(-1).client.startup && deliveries.some((delivery) => !delivery.client.startup));
    assert.ok(deliveries.some((delivery) => delivery.client.buffer_ms > 10000 && delivery.client.throughput_kbps > 0));

    const desk = await Person.sitDown(house);
    await desk.signIn(organizer);
    await desk.page.goto(`${house.url}/organizer`);
    const row = desk.page.locator(`[data-participant="${participants[0].id}"]`);
    await row.locator('[data-state="completed"]').waitFor();
    await desk.picture('organizer-table-desktop');
    const others = desk.page.locator(`[data-participant="${participants[1].id}"] [data-state="none"]`);
    assert.equal(await others.count(), 1);
    const { body: record } = await desk.ask(`/participants/${participants[0].id}/lectures/${lecture}`);
    const duration = progress.duration_ms;
    const total = record.intervals.reduce((sum, interval) => sum + interval.to_ms - interval.from_ms, 0);
    assert.ok(Math.abs(total - duration) < 1500, `the intervals add up to ${total} of ${duration} ms`);
    assert.deepEqual(record.credited.length, 1, JSON.stringify(record.credited));
    assert.ok(record.intervals.every((interval) => interval.reason === 'delivered'), JSON.stringify(record.intervals));
    assert.deepEqual(Object.entries(record.flags).filter(([, count]) => count > 0), []);
    await row.getByRole('link').click();
    await desk.page.getByText('Nothing is missing.').waitFor();
    await desk.picture('organizer-person-desktop');
    await desk.leave();
});

test('a seek to the end completes nothing', { timeout: 270000 }, async () => {
    const person = await Person.sitDown(house);
    await person.openLink(participants[1].link);
    await openLecture(person);
    await press(person, 'Play');
    await person.untilVideo('video.currentTime > 1.5');
    await person.video('video.currentTime = video.duration - 4');
    await person.untilVideo('video.ended');
    let progress;
    await waitUntil('the credit', async () => {
        const { body: me } = await person.ask('/me');
        [progress] = me.lectures;
        return progress.credited_ms > 3000;
    });
    assert.equal(progress.completed_at_ms, null);
    assert.ok(progress.coverage < 0.15, `coverage is ${progress.coverage}`);
    assert.ok(progress.missing.length >= 1);
    await person.page.getByText('Still missing').waitFor();
    await person.picture('player-missing-desktop');
    await person.leave();
});

test('a second device takes over politely, and the place follows', { timeout: 270000 }, async () => {
    const first = await Person.sitDown(house);
    const second = await Person.sitDown(house, { device: phone });
    await first.openLink(participants[2].link);
    await openLecture(first);
    await press(first, 'Play');
    await first.untilVideo('video.currentTime > 12');
    await second.openLink(participants[2].link);
    await openLecture(second);
    await second.page.getByRole('button', { name: /^Continue at/ }).click();
    await second.untilVideo('video.currentTime > 8');
    await first.page.getByText('Playing on another device').waitFor({ timeout: 90000 });
    assert.equal(await first.video('video.paused'), true);
    await first.picture('player-taken-desktop');
    await first.page.getByRole('button', { name: 'Continue here' }).click();
    await first.untilVideo('!video.paused');
    await second.page.getByText('Playing on another device').waitFor({ timeout: 90000 });
    await first.leave();
    await second.leave();
});

test('the server is killed while a lecture plays, and no watched second is lost', { timeout: 360000 }, async () => {
    const late = await house.addParticipant(cohort, 'Phạm Thị Mai');
    const person = await Person.sitDown(house);
    await person.openLink(late.link);
    await openLecture(person);
    await press(person, 'Play');
    await person.untilVideo('video.currentTime > 13');
    await house.kill();
    await new Promise((done) => setTimeout(done, 3000));
    await house.start();
    await person.untilVideo('video.currentTime > 26');
    await person.page.keyboard.press('k');
    await person.untilVideo('video.paused');
    const watched = await person.video('video.currentTime * 1000');
    let credited = 0;
    await waitUntil(`credit for ${watched} ms`, async () => {
        const { body: me } = await person.ask('/me');
        credited = me.lectures[0].credited_ms;
        return credited > watched - 1000;
    });
    assert.ok(credited < watched + 1500, `${credited} of ${watched} ms`);
    await person.leave();
});

test('a line that is gone is spoken of, and a reload goes on where one was', { timeout: 360000 }, async () => {
    const rider = await house.addParticipant(cohort, 'Đỗ Văn Nam');
    const person = await Person.sitDown(house);
    await person.openLink(rider.link);
    await openLecture(person);
    await press(person, 'Play');
    await person.untilVideo('video.currentTime > 4');
    await person.context.setOffline(true);
    await person.video('video.currentTime = video.duration - 3');
    await person.page.getByText('The line is weak').waitFor({ timeout: 90000 });
    await person.picture('player-lost-desktop');
    await person.context.setOffline(false);
    await person.untilVideo('video.readyState >= 3', 120000);
    await person.page.getByText('The line is weak').waitFor({ state: 'detached' });

    await person.video('video.currentTime = 25');
    await person.untilVideo('video.currentTime > 27');
    const at = await person.video('Math.floor(video.currentTime)');
    await person.page.reload();
    const words = await person.page.getByRole('button', { name: /^Continue at/ }).first().innerText();
    const [, seconds] = /0:(\d\d)/.exec(words);
    assert.ok(Math.abs(Number(seconds) - at) <= 1, `${words}, left at ${at} s`);
    await person.leave();
});

/* The cues of a WebVTT file: [{from, to, text}] in seconds. */
function cuesOf(vtt) {
    const seconds = (time) => time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
    return vtt.split('\n\n').filter((block) => block.includes(' --> ')).map((block) => {
        const [times, ...lines] = block.split('\n');
        const [from, to] = times.split(' --> ').map((time) => seconds(time.split(' ')[0]));
        return { from, to, text: lines.join('\n') };
    });
}

test('captions in segments show in step, and once, in hls.js', { timeout: 360000 }, async () => {
    const person = await Person.sitDown(house);
    await person.openLink(participants[2].link);
    const { body: play } = await person.ask(`/lectures/${lecture}/play`, { method: 'POST', body: '{}' });
    const master = new URL(play.hls, house.url).pathname;
    const whole = await person.page.evaluate(async (url) => (await fetch(url)).text(), master.replace('master.m3u8', 'captions/en.vtt'));
    const cues = cuesOf(whole);
    assert.ok(cues.at(-1).from > 60, 'the lecture is too short to be cut twice');
    await person.page.evaluate(await readFile(path.join(root, 'node_modules/hls.js/dist/hls.min.js'), 'utf8'));
    await person.page.evaluate(async (url) => {
        const video = document.body.appendChild(document.createElement('video'));
        const hls = new Hls({ enableWorker: false, maxBufferLength: 10 });
        hls.loadSource(url);
        hls.attachMedia(video);
        await new Promise((done) => { hls.once(Hls.Events.SUBTITLE_TRACKS_UPDATED, done); });
        hls.subtitleTrack = hls.subtitleTracks.findIndex((track) => track.lang === 'en');
    }, master);
    const shown = 'JSON.stringify([...video.textTracks].find((track) => track.mode !== "disabled")?.activeCues'
        + ' ? [...[...video.textTracks].find((track) => track.mode !== "disabled").activeCues].map((cue) => cue.text) : null)';
    /* the first, the ones about each cut, and the last */
    const about = (time) => cues.reduce((best, cue) => (Math.abs(cue.from - time) < Math.abs(best.from - time) ? cue : best));
    for (const cue of [cues[0], about(29), about(31), about(60), cues.at(-1)]) {
        const at = (cue.from + cue.to) / 2;
        const expected = cues.filter(({ from, to }) => from <= at && at < to).map(({ text }) => text);
        await person.page.evaluate((time) => { document.querySelector('video').currentTime = time; }, at);
        await waitUntil(`captions at ${at}: ${expected}`, async () => (await person.video(shown)) === JSON.stringify(expected), 120000);
    }
    const loaded = await person.video('[...[...video.textTracks].find((track) => track.mode !== "disabled").cues].map((cue) => `${cue.startTime} ${cue.text}`)');
    assert.equal(new Set(loaded).size, loaded.length, 'a caption was there twice');
    /* hls.js asks for an address of data: on the way, which our pages' policy forbids and theirs may not. */
    await person.goAway();
});
