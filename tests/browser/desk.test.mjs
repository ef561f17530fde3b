/* The staff's desk: what is said is true, what is typed is kept, and the keyboard never loses its place. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Person, phone } from './chromium.mjs';
import { House } from './house.mjs';

let house, admin, organizer, program, lectures;

before(async () => {
    house = await House.open();
    admin = await house.addStaff('admin');
    organizer = await house.addStaff('organizer');
    lectures = [await house.addLecture('labour-law', 'Labour law', ['en', 'vi']),
        await house.addLecture('productivity-movement', 'The productivity movement')];
    program = await house.addProgram('Labour and management', lectures);
    await house.command('program', 'assign', program.id, organizer.email);
    await house.start();
});
after(() => house.close());

const focused = (person) => person.page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText);

test('the focus stays with the lecture that is moved', { timeout: 180000 }, async () => {
    const desk = await Person.sitDown(house);
    await desk.signIn(admin);
    await desk.page.goto(`${house.url}/admin?view=programs`);
    await desk.page.getByRole('button', { name: 'Move down: Labour law' }).focus();
    await desk.page.keyboard.press('Enter');
    await desk.page.waitForFunction((id) => document.querySelector('.order > li:last-child').dataset.lecture === id, lectures[0]);
    await desk.page.waitForFunction(() => document.activeElement.getAttribute('aria-label') === 'Move up: Labour law');
    await desk.page.keyboard.press('Enter');
    await desk.page.waitForFunction((id) => document.querySelector('.order > li').dataset.lecture === id, lectures[0]);
    await desk.page.waitForFunction(() => document.activeElement.getAttribute('aria-label') === 'Move down: Labour law');

    await desk.page.getByRole('button', { name: 'Take out: Labour law' }).click();
    const dialog = desk.page.getByRole('dialog');
    await dialog.getByText('will no longer see this lecture').waitFor();
    assert.equal(await focused(desk), 'Cancel');
    await desk.picture('admin-take-out-desktop');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    assert.equal(await desk.page.locator('.order > li').count(), 2);
    await desk.page.getByRole('button', { name: 'Take out: Labour law' }).click();
    await dialog.getByRole('button', { name: 'Take out' }).click();
    await desk.page.waitForFunction(() => document.querySelectorAll('.order > li').length === 1);
    await desk.page.waitForFunction(() => document.activeElement.matches('.order'));
    const put = await desk.ask(`/programs/${program.id}/lectures`, { method: 'PUT', body: JSON.stringify({ lectures }) });
    assert.equal(put.status, 200);

    await desk.page.goto(`${house.url}/admin`);
    const card = desk.page.locator(`[data-lecture="${lectures[0]}"]`);
    await card.getByRole('button', { name: 'Remove captions: Vietnamese' }).click();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await card.getByRole('button', { name: 'Remove captions: Vietnamese' }).waitFor({ state: 'detached' });
    await desk.page.waitForFunction(() => document.activeElement.innerText === 'Captions');
    await desk.leave();
});

/* Four seconds of a tone, 8 kHz, 16 bits. */
function recording() {
    const samples = 32_000;
    const wav = Buffer.alloc(44 + samples * 2);
    wav.write('RIFF');
    wav.writeUInt32LE(36 + samples * 2, 4);
    wav.write('WAVEfmt ', 8);
    for (const [at, value, size] of [[16, 16, 4], [20, 1, 2], [22, 1, 2], [24, 8000, 4], [28, 16_000, 4], [32, 2, 2], [34, 16, 2]])
        wav.writeUIntLE(value, at, size);
    wav.write('data', 36);
    wav.writeUInt32LE(samples * 2, 40);
    for (let i = 0; i < samples; i++) wav.writeInt16LE(Math.round(3000 * Math.sin(i / 3)), 44 + i * 2);
    return { name: 'japanese.wav', mimeType: 'audio/wav', buffer: wav };
}

test("an interpreter's sound is added, moved and removed", { timeout: 270000 }, async () => {
    const desk = await Person.sitDown(house);
    await desk.signIn(admin);
    await desk.page.goto(`${house.url}/admin`);
    const card = desk.page.locator(`[data-lecture="${lectures[1]}"]`);
    const dialog = desk.page.getByRole('dialog');
    await card.getByRole('button', { name: 'Add sound' }).click();
    await dialog.getByLabel('Language that is spoken').fill('ja');
    await dialog.getByLabel('Recording').setInputFiles(recording());
    await dialog.getByLabel('Begins after the lecture, in seconds').fill('1.5');
    await desk.picture('admin-add-sound-desktop');
    await dialog.getByRole('button', { name: 'Send' }).click();
    const ready = card.locator('[data-sound-state="ready"]');
    await ready.filter({ hasText: 'japanese.wav' }).filter({ hasText: '+1.5 s' }).waitFor({ timeout: 90000 });
    await desk.picture('admin-sounds-desktop');

    await card.getByRole('button', { name: 'Move', exact: true }).click();
    await dialog.getByLabel('Begins after the lecture, in seconds').fill('-0.25');
    await dialog.getByRole('button', { name: 'Move', exact: true }).click();
    await ready.filter({ hasText: '-0.25 s' }).waitFor({ timeout: 90000 });
    assert.equal(await card.locator('.sound').count(), 1);

    await ready.getByRole('button', { name: 'Remove' }).click();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await card.locator('.sound').waitFor({ state: 'detached' });
    await desk.page.waitForFunction(() => document.activeElement.innerText === 'Sound in other languages');
    await desk.leave();
});

test('what is typed over the texts is kept, or refused at its field', { timeout: 180000 }, async () => {
    const desk = await Person.sitDown(house);
    await desk.signIn(admin);
    await desk.page.goto(`${house.url}/admin`);
    const card = desk.page.locator(`[data-lecture="${lectures[0]}"]`);
    await card.getByRole('button', { name: 'Edit texts' }).click();
    const dialog = desk.page.getByRole('dialog');
    assert.equal(await desk.page.evaluate(() => document.activeElement.name), 'language');
    const language = dialog.getByRole('combobox', { name: 'Language of these texts' });
    await language.selectOption('vi');
    await dialog.getByLabel('Description').fill('Luật lao động');
    await language.selectOption('en');
    await dialog.getByLabel('Another organisation').fill('A union');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Give the texts in Vietnamese a title.').waitFor();
    assert.equal(await language.inputValue(), 'vi');
    await desk.picture('admin-no-title-desktop');
    await dialog.getByRole('textbox', { name: 'Title' }).fill('Luật');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    const { body: saved } = await desk.ask(`/lectures/${lectures[0]}`);
    assert.deepEqual(saved.titles.vi, { title: 'Luật', description: 'Luật lao động' });
    assert.equal(saved.provider, 'A union');

    await card.getByText('A union').waitFor();
    await card.getByRole('button', { name: 'Edit texts' }).click();
    await dialog.getByRole('combobox', { name: 'Given by' }).selectOption({ label: 'Nobody named' });
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    const { body: bare } = await desk.ask(`/lectures/${lectures[0]}`);
    assert.equal(bare.provider, null);
    await desk.leave();
});

test('what is typed into a dialog stays when the list is read again', { timeout: 240000 }, async () => {
    const desk = await Person.sitDown(house);
    await desk.context.addInitScript(() => {
        globalThis.EventSource = class extends EventSource {
            constructor(address) {
                super(address);
                globalThis.jobEvents = this;
            }
        };
    });
    await desk.signIn(admin);
    await desk.page.goto(`${house.url}/admin`);
    const card = desk.page.locator(`[data-lecture="${lectures[1]}"]`);
    const dialog = desk.page.getByRole('dialog');
    /* A job that moves on has the list read again; as if the server had told of one just now. */
    const listChanges = async () => {
        const read = desk.page.waitForResponse((answer) => new URL(answer.url()).pathname === '/api/v1/lectures');
        await desk.page.evaluate(() => globalThis.jobEvents.dispatchEvent(new MessageEvent('lecture', { data: '{}' })));
        await (await read).finished();
        await desk.page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
    };
    const fields = [
        ['Edit chapters', (at) => at.getByRole('textbox'), '0:05 In the middle of a wo'],
        ['Trim', (at) => at.getByLabel('Begins at'), '0:1'],
        ['Edit texts', (at) => at.getByLabel('Description'), 'Half a sent'],
        ['Edit texts', (at) => at.getByLabel('Another organisation'), 'Half a uni'],
        ['Add captions', (at) => at.getByLabel('Language of the captions'), 'v'],
        ['Add sound', (at) => at.getByLabel('Language that is spoken'), 'm'],
        ['Add sound', (at) => at.getByLabel('Begins after the lecture, in seconds'), '1.25'],
    ];
    for (const [button, find, typed] of fields) {
        await card.getByRole('button', { name: button, exact: true }).click();
        await find(dialog).fill(typed);
        await listChanges();
        assert.equal(await find(dialog).inputValue(), typed, button);
        await dialog.getByRole('button', { name: 'Cancel' }).click();
    }
    await card.getByRole('button', { name: 'Replace by another file' }).click();
    await dialog.getByLabel(/it begins later or earlier/).check();
    await dialog.getByLabel('By how many seconds').fill('2.5');
    await listChanges();
    assert.equal(await dialog.getByLabel('By how many seconds').inputValue(), '2.5');
    await desk.leave();
});

test('a session that ended under an open dialog loses nothing', { timeout: 180000 }, async () => {
    const desk = await Person.sitDown(house);
    await desk.signIn(admin);
    await desk.page.goto(`${house.url}/admin?view=programs`);
    await desk.page.getByRole('button', { name: 'New program' }).click();
    const dialog = desk.page.getByRole('dialog');
    await dialog.getByLabel('Title').fill('Spring labour offensives');
    await desk.context.clearCookies();
    await dialog.getByRole('button', { name: 'Add' }).click();
    const [page] = await Promise.all([desk.context.waitForEvent('page'), dialog.getByRole('link', { name: /Sign in/ }).click()]);
    await page.getByLabel('Mail address').fill(admin.email);
    await page.getByLabel('Password').fill(admin.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL((address) => address.pathname === '/admin');
    await page.close();
    await dialog.getByRole('button', { name: 'Add' }).click();
    await desk.page.getByRole('heading', { name: 'Spring labour offensives' }).waitFor();
    await desk.leave();
});

test('who is signed in for another page is told so, and where to go', { timeout: 180000 }, async () => {
    const guest = await house.addParticipant(program.cohort, 'Trần Văn Bình');
    const person = await Person.sitDown(house, { device: phone });
    await person.openLink(guest.link);
    await person.page.goto(`${house.url}/admin`);
    await person.page.getByText('You are signed in as Trần Văn Bình').waitFor();
    await person.picture('wrong-door-phone');
    await person.page.getByRole('link', { name: 'To my program' }).click();
    await person.page.waitForSelector('#program');
    await person.signIn(organizer);
    await person.page.goto(`${house.url}/admin`);
    await person.page.getByText('This page is for admins').waitFor();
    await person.page.getByRole('link', { name: 'To my page' }).click();
    await person.page.waitForSelector('[data-participant]');
    await person.leave();
});

test('a name without end breaks no page', { timeout: 180000 }, async () => {
    const long = await house.addParticipant(program.cohort, 'N'.repeat(200));
    for (const device of [phone, undefined]) {
        const desk = await Person.sitDown(house, device ? { device } : {});
        await desk.signIn(organizer);
        for (const address of ['/organizer', `/organizer?cohort=${program.cohort}&participant=${long.id}`]) {
            await desk.page.goto(house.url + address);
            await desk.page.locator(`[data-participant="${long.id}"]`).waitFor();
            await desk.picture(`organizer-long-name-${device ? 'phone' : 'desktop'}${address.includes('participant=') ? '-person' : ''}`);
            const overflow = await desk.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
            assert.ok(overflow <= 0, `${address} is ${overflow} px too wide`);
        }
        await desk.page.goto(`${house.url}/organizer`);
        const head = await desk.page.locator(`[data-participant="${long.id}"] th`).boundingBox();
        assert.ok(head.width < 370, `the column of names is ${head.width} px wide`);
        await desk.leave();
    }
});
