/* Links: what opens, what does not, and how soon a withdrawn one ends. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Person } from './chromium.mjs';
import { House } from './house.mjs';

let house, organizer, lecture, participant;

before(async () => {
    house = await House.open();
    organizer = await house.addStaff('organizer');
    lecture = await house.addLecture('labour-law', 'Labour law', ['en']);
    const program = await house.addProgram('Labour and management', [lecture]);
    await house.command('program', 'assign', program.id, organizer.email);
    participant = await house.addParticipant(program.cohort, 'Nguyễn Thị Lan');
    await house.start();
});
after(() => house.close());

test('a link that is cut short says what to do', async () => {
    const person = await Person.sitDown(house);
    await person.page.goto(participant.link.slice(0, -3));
    await person.page.getByText('This link is not known here').waitFor();
    await person.picture('link-unknown-desktop');
    await person.leave();
});

test('the organizer withdraws a link, and the lecture stops', { timeout: 270000 }, async () => {
    const person = await Person.sitDown(house);
    await person.openLink(participant.link);
    await person.page.locator(`[data-lecture="${lecture}"] a`).first().click();
    await person.page.getByRole('button', { name: 'Play', exact: true }).first().click();
    await person.untilVideo('video.currentTime > 1');

    const desk = await Person.sitDown(house);
    await desk.signIn(organizer);
    await desk.page.goto(`${house.url}/organizer`);
    await desk.page.locator(`[data-participant="${participant.id}"]`).getByRole('link').click();
    await desk.page.getByRole('button', { name: 'Withdraw the link' }).click();
    await desk.page.getByRole('dialog').getByRole('button', { name: 'Withdraw the link' }).click();
    await desk.page.getByText('has no access any more').waitFor();

    const segment = await person.page.evaluate(async (id) => {
        const answer = await fetch(`/media/${id}/1/source/20.m4s`);
        return answer.status;
    }, lecture);
    assert.equal(segment, 403);
    const again = await person.ask('/me');
    assert.ok([401, 403].includes(again.status), `/me answers ${again.status}`);
    await person.page.goto(participant.link);
    await person.page.getByText('This link is no longer valid').waitFor();

    await desk.page.getByRole('button', { name: /^Make a (new )?link$/ }).click();
    const link = await desk.page.getByRole('dialog').locator('input').inputValue();
    await person.openLink(link);
    await person.leave();
    await desk.leave();
});
