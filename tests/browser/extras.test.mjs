/* What goes with a lecture: an admin adds it on the card, a participant finds it beside the picture. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Person, phone } from './chromium.mjs';
import { House, root } from './house.mjs';

let house, admin, lecture, participant;

before(async () => {
    house = await House.open();
    admin = await house.addStaff('admin');
    lecture = await house.addLecture('productivity-movement', 'The productivity movement');
    await writeFile(path.join(house.data, 'chapters'), '0:00 Welcome\n0:20 How it began\n0:45 Three principles\n');
    await house.command('lecture', 'chapters', lecture, path.join(house.data, 'chapters'));
    const program = await house.addProgram('Labour and management', [lecture]);
    participant = await house.addParticipant(program.cohort, 'Nguyễn Thị Lan');
    await house.start();
});
after(() => house.close());

async function violations(person) {
    await person.page.evaluate(await readFile(path.join(root, 'node_modules/axe-core/axe.min.js'), 'utf8'));
    const { violations: found } = await person.page.evaluate(() => window.axe.run());
    return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}

test('an admin sees the first captions of an old file before it is kept, and adds a handout', { timeout: 360000 }, async () => {
    const person = await Person.sitDown(house);
    await person.signIn(admin);
    await person.page.goto(`${house.url}/admin`);
    const card = person.page.locator(`[data-lecture="${lecture}"]`);
    await card.getByRole('button', { name: 'Add captions' }).click();
    await person.page.getByLabel('Language of the captions').fill('ja');
    const old = Buffer.concat([Buffer.from('1\r\n00:00:01.000 --> 00:00:03.000\r\n'),
        Buffer.from([0x82, 0xb1, 0x82, 0xf1, 0x82, 0xc9, 0x82, 0xbf, 0x82, 0xcd]), Buffer.from('\r\n')]); // Shift_JIS
    await person.page.getByLabel('Caption file').setInputFiles({ name: 'old.srt', mimeType: 'text/plain', buffer: old });
    await person.page.getByText('The first captions (Shift_JIS)').waitFor();
    await person.page.getByText('こんにちは').waitFor();
    await person.page.getByText('1 thing was mended').click();
    await person.page.getByText('Line 2: times have a point').waitFor();
    await person.picture('admin-captions-preview');
    assert.deepEqual(await violations(person), []);
    await person.page.getByRole('button', { name: 'Send' }).click();
    await card.getByText('Japanese').first().waitFor();
    await card.getByRole('button', { name: 'Edit chapters' }).click();
    const list = person.page.getByLabel('Chapters, titles in English');
    assert.equal(await list.inputValue(), '0:00 Welcome\n0:20 How it began\n0:45 Three principles');
    await list.fill('0:00 Welcome\nThree');
    await person.page.getByRole('button', { name: 'Save' }).click();
    await person.page.getByText('Line 2 should be a time and a title').waitFor();
    await list.fill('0:00 Hello\n0:45 Three principles');
    await person.page.getByRole('button', { name: 'Save' }).click();
    await card.getByText('2 chapters').waitFor();
    const { body } = await person.ask(`/lectures/${lecture}/chapters`);
    assert.deepEqual(body.chapters.map(({ start_ms, titles }) => [start_ms, titles.en]), [[0, 'Hello'], [45000, 'Three principles']]);
    await card.getByLabel('Add a file').setInputFiles({ name: 'slides.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7\n') });
    await card.getByText('slides.pdf').first().waitFor();
    await person.picture('admin-handouts');
    assert.deepEqual(await violations(person), []);
    await person.leave();
});

test('what is wrong with captions and sound is told in Japanese too', { timeout: 540000 }, async () => {
    const person = await Person.sitDown(house, { device: phone });
    await person.signIn(admin);
    await person.page.evaluate(() => localStorage.setItem('lectern.language', 'ja'));
    await person.page.goto(`${house.url}/admin`);
    const card = person.page.locator(`[data-lecture="${lecture}"]`);
    await card.getByRole('button', { name: '字幕を追加' }).click();
    const dialog = person.page.getByRole('dialog');
    const file = (text) => ({ name: 'captions.srt', mimeType: 'text/plain', buffer: Buffer.from(text) });
    await dialog.getByLabel('字幕ファイル').setInputFiles(file('1\n00:00:01.000 --> 00:00:03.000\nこんにちは\n'));
    await dialog.locator('summary').click();
    await dialog.getByText('2行目：時刻の区切りが、SubRipのコンマではなく点になっています。').waitFor();
    await dialog.getByLabel('字幕ファイル').setInputFiles(file('1\n00:00:61,000 --> 00:01:03,000\nこんにちは\n'));
    await dialog.getByText('2行目に、読み取れる時刻がありません。').waitFor();
    assert.deepEqual(await violations(person), []);
    await person.picture('admin-captions-refused-phone-ja');
    await person.page.keyboard.press('Escape');
    await card.getByRole('button', { name: '音声を追加' }).click();
    await dialog.getByLabel('話されている言語').fill('vi');
    await dialog.getByLabel('講義の開始から始まるまでの秒数').fill('9999');
    await dialog.getByLabel('録音').setInputFiles(path.join(root, 'media/lectures/labour-law.mp4'));
    await dialog.getByRole('button', { name: '送信' }).click();
    await dialog.getByText('開始位置を直してください。').waitFor();
    await person.picture('admin-sound-refused-phone-ja');
    await person.leave();
});

test('a participant jumps to a chapter, and saves a handout', { timeout: 360000 }, async () => {
    const person = await Person.sitDown(house, { device: phone });
    await person.openLink(participant.link);
    await person.page.locator(`[data-lecture="${lecture}"] a`).first().click();
    await person.page.getByRole('button', { name: /Three principles/ }).click();
    await person.untilVideo('video.currentTime >= 45');
    await person.picture('player-chapters-phone');
    await person.page.setViewportSize({ width: 360, height: 740 });
    assert.ok(await person.page.evaluate(() => {
        const edge = document.querySelector('.control-row').getBoundingClientRect().right + 1;
        return [...document.querySelectorAll('.control-row .control')].every((one) => one.getBoundingClientRect().right <= edge);
    }), 'a button hangs over the edge of a small phone');
    const [file] = await Promise.all([person.page.waitForEvent('download'), person.page.getByRole('link', { name: 'slides.pdf' }).click()]);
    assert.equal(file.suggestedFilename(), 'slides.pdf');
    assert.equal(await readFile(await file.path(), 'utf8'), '%PDF-1.7\n');
    assert.deepEqual(await violations(person), []);
    await person.leave();
});
