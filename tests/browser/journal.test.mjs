/* What the player keeps on the device: nothing that was watched is lost, doubled, or given to somebody else. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Person } from './chromium.mjs';
import { House, waitUntil } from './house.mjs';

const all = process.env.TESTS === 'all';
let house, lecture, cohort;

before(async () => {
    /* A play session ends soon after its last contact, so that a short tunnel is a long one. */
    house = await House.open({ 'play-session-idle-ms': 10000 });
    lecture = await house.addLecture('productivity-movement', 'The productivity movement', ['en']);
    cohort = (await house.addProgram('Labour and management', [lecture])).cohort;
    await house.start();
});
after(() => house.close());

async function sitDownToPlay(name, prepare = async () => undefined) {
    const person = await Person.sitDown(house);
    const { link } = await house.addParticipant(cohort, name);
    await prepare(person);
    await person.openLink(link);
    await play(person);
    return { person, link };
}

async function play(person) {
    await person.page.locator(`[data-lecture="${lecture}"] a`).first().click();
    await person.page.waitForSelector('video');
    await person.page.getByRole('button', { name: /^(Play|Continue at|Watch again)/ }).first().click();
    await person.untilVideo('!video.paused && video.readyState >= 3');
}

async function pause(person) {
    await person.video('video.pause()');
    await person.untilVideo('video.paused');
}

/* [[from, to]...] in seconds, of this page. */
const played = (person) => person.video('[...Array(video.played.length).keys()].map((i) => [video.played.start(i), video.played.end(i)])');

function union(spans) {
    const sorted = [...spans].sort((a, b) => a[0] - b[0]);
    const joined = [];
    for (const [from, to] of sorted) {
        const last = joined.at(-1);
        if (last && from <= last[1] + 0.5) last[1] = Math.max(last[1], to);
        else joined.push([from, to]);
    }
    return joined;
}

async function progress(person) {
    const { body: me } = await person.ask('/me');
    return me.lectures[0];
}

function creditedOf({ missing, duration_ms: duration }) {
    const credited = [];
    let at = 0;
    for (const [from, to] of [...missing, [duration, duration]]) {
        if (from > at) credited.push([at / 1000, from / 1000]);
        at = to;
    }
    return credited;
}

const near = (seen, credited, tolerance) => seen.length === credited.length
    && seen.every(([from, to], i) => Math.abs(from - credited[i][0]) <= tolerance && Math.abs(to - credited[i][1]) <= tolerance);

async function untilCredited(person, seen, tolerance = 1) {
    let credited;
    await waitUntil(`credit for ${JSON.stringify(seen)}`, async () => {
        credited = creditedOf(await progress(person));
        return near(seen, credited, tolerance);
    }).catch((fault) => { throw new Error(`${fault.message}: ${JSON.stringify(credited)} is credited`); });
}

test('what was watched without a line, and the tab closed in it, is credited as played', { timeout: 180000 }, async () => {
    const { person } = await sitDownToPlay('Tunnel');
    await person.untilVideo('video.buffered.length > 0 && video.buffered.end(video.buffered.length - 1) > 30');
    await person.context.setOffline(true);
    await person.untilVideo('video.currentTime > 4');
    await person.video('video.currentTime = 10');
    await person.untilVideo('video.currentTime > 11 && !video.seeking');
    await person.video('video.playbackRate = 2');
    await person.untilVideo('video.currentTime > 25');
    await pause(person);
    const seen = union(await played(person));
    assert.equal(seen.length, 2, JSON.stringify(seen));
    /* Longer than a play session lasts, so that only its grant can pay for it. */
    await new Promise((done) => setTimeout(done, 11000));
    await person.page.close();
    await person.context.setOffline(false);
    person.page = await person.context.newPage();
    await person.page.goto(house.url);
    await untilCredited(person, seen);
    await person.leave();
});

test('a browser that is killed loses less than two seconds', { timeout: 180000 }, async () => {
    const { person, link } = await sitDownToPlay('Crash');
    await person.context.route('**/heartbeats', (route) => route.abort());
    await person.untilVideo('video.currentTime > 6');
    const [[from, to]] = union(await played(person));
    await person.killBrowser();
    /* Its cookie may have died with it. */
    await person.openLink(link);
    await untilCredited(person, [[from, to]], 2);
    await person.leave();
});

test('on a shared device each person gets their own, when they are back', { timeout: 180000 }, async () => {
    const { person, link } = await sitDownToPlay('First');
    await person.context.route('**/heartbeats', (route) => route.abort());
    await person.untilVideo('video.currentTime > 4');
    await pause(person);
    const seen = union(await played(person));
    const second = await house.addParticipant(cohort, 'Second');
    const tab = await person.context.newPage();
    await tab.goto(second.link);
    await tab.waitForSelector('#program');
    await person.context.unroute('**/heartbeats');
    /* The first one's page still stands there: it neither sends in the other's name nor plays on. */
    await person.page.evaluate(() => dispatchEvent(new Event('online')));
    await person.page.locator('[data-problem="play-session-unknown"]').waitFor();
    await person.page.reload();
    assert.equal((await progress(person)).credited_ms, 0, 'the second was given what the first had watched');
    await tab.goto(link);
    await tab.waitForSelector('#program');
    await untilCredited(person, seen);
    await person.leave();
});

test('a device without a store says so, and what is watched counts', { timeout: 120000 }, async () => {
    const { person } = await sitDownToPlay('Private window', (guest) => guest.context.addInitScript(() => {
        Object.defineProperty(globalThis, 'indexedDB', { value: undefined });
    }));
    await person.page.locator('[data-message="unkept"]').waitFor();
    await person.picture('player-unkept-desktop');
    await person.untilVideo('video.currentTime > 3');
    await pause(person);
    await untilCredited(person, union(await played(person)));
    await person.leave();
});

test('over reloads, seeks, speeds and a clock that is set, the credit is what video.played says', { timeout: 300000, skip: !all && 'TESTS=all' }, async () => {
    const { person } = await sitDownToPlay('Long day', (guest) => guest.context.addInitScript(() => {
        const { now } = Date;
        const ahead = Math.random() < 0.5 ? -400 : 400;
        Date.now = () => now() + ahead * 86400000;
    }));
    const seen = [];
    for (const [place, rate, seconds] of [[0, 1, 12], [30, 2, 14], [50, 1, 3], [20, 0.75, 4]]) {
        await person.video(`video.playbackRate = ${rate}`);
        await person.video(`video.currentTime = ${place}`);
        await person.untilVideo(`!video.seeking && video.currentTime > ${place + seconds}`);
        seen.push(...await played(person));
        await person.page.reload();
        await person.page.getByRole('button', { name: /^(Play|Continue at)/ }).first().click();
        await person.untilVideo('!video.paused && video.readyState >= 3');
    }
    await pause(person);
    seen.push(...await played(person));
    await untilCredited(person, union(seen));
    await person.leave();
});
