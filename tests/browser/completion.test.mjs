/* The rule of a cohort as sentences, changed in a dialog; a lecture that is decided by hand; and why something is missing. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Person, phone } from './chromium.mjs';
import { House } from './house.mjs';

let house, organizer, lecture, program, participant;

before(async () => {
    house = await House.open();
    organizer = await house.addStaff('organizer');
    lecture = await house.addLecture('productivity-movement', 'The productivity movement');
    program = await house.addProgram('Labour and management', [lecture]);
    await house.command('program', 'assign', program.id, organizer.email);
    participant = await house.addParticipant(program.cohort, 'Nguyễn Thị Lan');
    await house.start();
});
after(() => house.close());

async function atDesk(options) {
    const person = await Person.sitDown(house, options);
    await person.signIn(organizer);
    await person.page.goto(`${house.url}/organizer?cohort=${program.cohort}`);
    return person;
}

test('the rule is read as sentences and changed in a dialog', { timeout: 60000 }, async () => {
    const desk = await atDesk();
    const rule = desk.page.locator('#rule');
    await rule.locator('summary').click();
    assert.match(await rule.innerText(), /90\s?% of the lecture, each moment counted once; silence at its end is left out\./);
    await rule.getByRole('button', { name: 'Change the rule' }).click();
    await desk.page.getByLabel('Part of the lecture, in percent').fill('80');
    await desk.page.getByLabel('Played without sound').selectOption('no');
    await desk.picture('organizer-rule-dialog');
    await desk.page.getByRole('button', { name: 'Make this the rule' }).click();
    await rule.getByText('Playing without sound does not count.').waitFor();
    assert.match(await rule.innerText(), /80\s?% of the lecture/);
    await desk.picture('organizer-rule');
    assert.equal((await house.json('cohort', 'rule', 'show', program.cohort)).rule.version, 2);
    await desk.leave();
});

test('a lecture that is accepted by hand is so for the participant too, until it is withdrawn', { timeout: 90000 }, async () => {
    const desk = await atDesk();
    await desk.page.getByRole('link', { name: 'Nguyễn Thị Lan' }).click();
    const card = desk.page.locator(`.record[data-lecture="${lecture}"]`);
    await card.getByText(/0:00 to .*, skipped/).waitFor();
    await card.getByRole('button', { name: 'Decide by hand' }).click();
    await desk.page.getByLabel('Reason').fill('Power cut; watched in the hall');
    await desk.picture('organizer-decision-dialog');
    await desk.page.getByRole('button', { name: 'Decide', exact: true }).click();
    await card.getByText('Power cut; watched in the hall').waitFor();
    await desk.picture('organizer-decision');

    const person = await Person.sitDown(house, { device: phone });
    await person.openLink(participant.link);
    const stop = person.page.locator(`[data-lecture="${lecture}"]`);
    await stop.getByText(/Accepted by the organizer/).waitFor();
    assert.equal(await stop.getAttribute('data-state'), 'completed');
    assert.match(await stop.innerText(), /Power cut; watched in the hall/);
    await person.picture('program-accepted-phone');
    await person.leave();

    await card.getByRole('button', { name: 'Withdraw the decision' }).click();
    await card.getByText(/Accepted by hand .*, until .*: Power cut/).waitFor();
    await desk.leave();
});

test('a certificate is taken by who has earned it, checked by anybody, and revoked', { timeout: 120000 }, async () => {
    const graduate = await house.addParticipant(program.cohort, 'Сүхбаатарын Өлзийсайхан', 'MN', 'mn');
    await house.command('decision', 'accept', graduate.id, lecture, '--reason', 'Watched in the hall');
    const person = await Person.sitDown(house, { device: phone });
    await person.openLink(graduate.link);
    await person.page.getByRole('button', { name: 'Make my certificate' }).click();
    await person.page.getByRole('heading', { name: 'Your certificate' }).waitFor();
    await person.picture('program-certificate-phone');
    const [download] = await Promise.all([
        person.page.waitForEvent('download'), person.page.getByRole('link', { name: 'Paper (PDF)' }).click()]);
    assert.match(download.suggestedFilename(), /^certificate-.*\.pdf$/);

    const desk = await atDesk();
    const panel = desk.page.locator('#certificates');
    await panel.getByText('Certificates (1 issued, 1 earned)').click();
    await desk.picture('organizer-certificates');
    const stranger = await Person.sitDown(house);
    await stranger.page.goto(house.url + await panel.getByRole('link', { name: 'Public page' }).getAttribute('href'));
    await stranger.page.getByRole('heading', { name: 'This certificate is valid' }).waitFor();
    assert.match(await stranger.page.locator('article').innerText(), /Сүхбаатарын Өлзийсайхан/);
    await stranger.picture('certificate');

    await panel.getByRole('button', { name: 'Revoke' }).click();
    await desk.page.getByLabel('Reason').fill('The name has a slip');
    await desk.picture('organizer-certificate-revoke');
    await desk.page.locator('dialog').getByRole('button', { name: 'Revoke' }).click();
    await panel.getByText(/and revoked: The name has a slip/).waitFor();
    await panel.getByRole('button', { name: 'Issue', exact: true }).waitFor();
    await stranger.page.reload();
    await stranger.page.getByRole('heading', { name: /This certificate was revoked/ }).waitFor();
    await stranger.picture('certificate-revoked');
    await stranger.page.goto(`${house.url}/certificates/00000000000000000000000000`);
    await stranger.page.getByRole('heading', { name: 'No certificate has this number' }).waitFor();
    await person.page.reload();
    await person.page.getByText(/It was revoked .*: The name has a slip/).waitFor();
    for (const guest of [desk, stranger, person])
        await guest.leave();
});

test('the organizer sees how the line served, and takes statements home', { timeout: 120000 }, async () => {
    const person = await Person.sitDown(house, { device: phone });
    await person.openLink(participant.link);
    await person.page.locator(`[data-lecture="${lecture}"] a`).first().click();
    await person.page.getByRole('button', { name: 'Play', exact: true }).first().click();
    await person.untilVideo('video.currentTime > 3');
    const told = person.page.waitForResponse((answer) => answer.url().endsWith('/heartbeats') && answer.ok());
    await person.page.evaluate(() => document.querySelector('video').pause());
    await told;
    await person.leave();

    const desk = await atDesk();
    await desk.page.getByRole('link', { name: 'Nguyễn Thị Lan' }).click();
    const line = desk.page.locator(`.record[data-lecture="${lecture}"] .record-line`);
    await line.getByText(/(never stood still|stood still .*) · .* Mbit\/s, at the slowest .* · .*mostly /).waitFor();
    await line.scrollIntoViewIfNeeded();
    await desk.picture('organizer-line');
    await desk.page.goto(`${house.url}/organizer?cohort=${program.cohort}`);
    await desk.page.getByRole('button', { name: 'Download' }).click();
    await desk.page.getByLabel('Format').selectOption('xapi');
    await desk.picture('organizer-download-statements');
    const dialog = desk.page.getByRole('dialog');
    const [file] = await Promise.all([desk.page.waitForEvent('download'), dialog.getByRole('button', { name: 'Download' }).click()]);
    assert.match(file.suggestedFilename(), /^statements-.*\.json$/);
    const statements = JSON.parse(await readFile(await file.path(), 'utf8'));
    assert.ok(statements.some(({ verb }) => verb.id.endsWith('/played')));
    await desk.leave();

    const reader = await Person.sitDown(house, { device: phone, colorScheme: 'dark' });
    await reader.signIn(organizer);
    await reader.page.evaluate(() => localStorage.setItem('lectern.language', 'ja'));
    await reader.page.goto(`${house.url}/organizer?cohort=${program.cohort}`);
    await reader.page.getByRole('link', { name: 'Nguyễn Thị Lan' }).click();
    await reader.page.locator('.record-line').first().scrollIntoViewIfNeeded();
    assert.ok(await reader.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await reader.picture('organizer-line-phone-ja');
    await reader.leave();
});

test('one takes the proof of one\'s record along, and an admin erases a person', { timeout: 120000 }, async () => {
    await house.command('evidence', 'checkpoint');
    const person = await Person.sitDown(house, { device: phone });
    await person.openLink(participant.link);
    const record = person.page.locator('#my-record');
    await record.locator('summary').click();
    await record.scrollIntoViewIfNeeded();
    await person.picture('program-record-phone');
    const [file] = await Promise.all([person.page.waitForEvent('download'),
        record.getByRole('button', { name: 'Download the proof' }).click()]);
    const proof = path.join(house.data, 'proof.jsonl');
    await file.saveAs(proof);
    assert.match(await house.command('evidence', 'verify', proof), /It holds: \d+ records of /);
    await person.leave();

    const desk = await Person.sitDown(house);
    await desk.signIn(await house.addStaff('admin'));
    await desk.page.goto(`${house.url}/organizer?cohort=${program.cohort}`);
    await desk.page.getByRole('link', { name: 'Nguyễn Thị Lan' }).click();
    const panel = desk.page.locator('#record');
    await panel.locator('summary').click();
    await panel.scrollIntoViewIfNeeded();
    await desk.picture('organizer-record');
    await panel.getByRole('button', { name: 'Erase this person' }).click();
    await desk.page.getByLabel('Why').fill('They asked for it');
    await desk.picture('organizer-erase-dialog');
    await desk.page.getByRole('dialog').getByRole('button', { name: 'Erase this person' }).click();
    await desk.page.getByText('The person was erased.').waitFor();
    await desk.page.locator('h1', { hasNotText: 'Nguyễn' }).waitFor();
    await desk.leave();
});
