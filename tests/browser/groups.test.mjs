/* Watching together: a code on the screen, typed on a phone, and the organizer's word on it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Person, phone } from './chromium.mjs';
import { House } from './house.mjs';

let house, organizer, lecture, program, host, guest;

before(async () => {
    house = await House.open();
    organizer = await house.addStaff('organizer');
    lecture = await house.addLecture('productivity-movement', 'The productivity movement');
    program = await house.addProgram('Labour and management', [lecture]);
    await house.command('program', 'assign', program.id, organizer.email);
    host = await house.addParticipant(program.cohort, 'Nguyễn Thị Lan');
    guest = await house.addParticipant(program.cohort, 'Trần Văn Minh');
    await house.addParticipant(program.cohort, 'Phạm Thị Hoa');
    await house.start();
});
after(() => house.close());

test('what a guest saw on another screen counts when the organizer says so', { timeout: 240000 }, async () => {
    const screen = await Person.sitDown(house);
    await screen.openLink(host.link);
    await screen.page.goto(`${house.url}/lecture/${lecture}`);
    await screen.page.getByRole('button', { name: 'Show a code' }).click();
    const code = await screen.page.locator('[data-code]').getAttribute('data-code');
    assert.match(code, /^\d{6}$/);

    const hand = await Person.sitDown(house, { device: phone });
    await hand.openLink(guest.link);
    await hand.page.getByText('Watching with others').click();
    const typed = hand.page.getByLabel('Code on the screen');
    await typed.fill(code === '000000' ? '000001' : '000000');
    await hand.page.getByRole('button', { name: 'I am here' }).click();
    await hand.page.getByText(/No screen shows this code now/).waitFor();
    await hand.picture('group-code-phone');
    /* As people copy it: in two halves. */
    await typed.fill(`${code.slice(0, 3)} ${code.slice(3)}`);
    await hand.page.getByRole('button', { name: 'I am here' }).click();
    await hand.page.getByText('You are watching together').waitFor();
    await hand.picture('group-here-phone');

    await screen.page.getByText('2 people are here, with you.').waitFor();
    await screen.picture('group-host-desktop');
    await screen.page.getByRole('button', { name: 'Play', exact: true }).first().click();
    await screen.untilVideo('video.currentTime > 6');
    await screen.page.getByRole('button', { name: 'Pause', exact: true }).first().click();
    await screen.page.getByRole('button', { name: 'End watching together' }).click();
    await screen.page.getByRole('button', { name: 'Show a code' }).waitFor();

    await hand.page.reload();
    const stop = hand.page.locator(`[data-lecture="${lecture}"]`);
    await stop.locator('[data-together="waiting"]').waitFor();
    assert.match(await stop.innerText(), /Seen together with 1 other person on .*; waits for the organizer’s confirmation\./);
    await hand.picture('group-waiting-phone');

    const desk = await Person.sitDown(house);
    await desk.signIn(organizer);
    await desk.page.goto(`${house.url}/organizer?cohort=${program.cohort}`);
    const group = desk.page.locator('.group');
    await group.getByText(/Trần Văn Minh/).waitFor();
    await desk.picture('organizer-group');
    await group.getByRole('button', { name: 'Somebody without a device' }).click();
    await desk.page.getByLabel('Participant', { exact: true }).selectOption({ label: 'Phạm Thị Hoa' });
    await desk.page.getByRole('button', { name: 'Add', exact: true }).click();
    await group.getByText('Phạm Thị Hoa, added by hand').waitFor();
    await group.getByRole('button', { name: 'It was so' }).click();
    await group.getByText(/Confirmed by The organizer/).waitFor();
    await desk.picture('organizer-group-confirmed');

    await hand.page.reload();
    await stop.getByText(/confirmed by The organizer/).waitFor();
    assert.equal(await stop.getAttribute('data-state'), 'partial');
    await hand.picture('group-confirmed-phone');
    await group.getByRole('button', { name: 'Withdraw' }).click();
    await group.getByText('Waits for your word.').waitFor();
    for (const person of [screen, hand, desk])
        await person.leave();
});
