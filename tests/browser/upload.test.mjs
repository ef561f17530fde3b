/* An admin brings a lecture in through the page, over a line that drops, and a participant plays it. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Person } from './chromium.mjs';
import { CutLine } from './cut_line.mjs';
import { House, haveSamples, samples, waitUntil } from './house.mjs';

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
    { timeout: 240000, skip: haveSamples ? false : '../shared/media-samples is not here' }, async () => {
        const line = await CutLine.open(house.port, 600000);
        const url = `https://localhost:${line.port}`;
        const desk = await Person.sitDown(house);
        await desk.signIn(admin, url);
        await desk.page.goto(`${url}/admin`);
        const before = line.sent;
        await desk.page.locator('#upload-input').setInputFiles(path.join(samples, 'people-139s.mp4'));
        for (const part of [0.2, 0.5, 0.8]) {
            await waitUntil('more of the file', () => line.sent - before > part * 3291918, 60000);
            line.cut();
        }
        await desk.page.locator('[data-lecture-state="preparing"], [data-lecture-state="ready"]').first().waitFor({ timeout: 90000 });
        const card = desk.page.locator('[data-lecture-state="ready"]');
        await card.waitFor({ timeout: 90000 });
        assert.equal(line.cuts, 3);
        await desk.picture('admin-lecture-desktop');
        const id = await card.getAttribute('data-lecture');
        await card.getByRole('button', { name: 'Publish' }).click();
        await desk.page.getByText('Participants can see').waitFor();
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

test('a file that is no lecture is refused in words', { timeout: 60000 }, async () => {
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
