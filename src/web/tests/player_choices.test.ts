import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchLine, type Line } from '../participant/player/line_watch';
import { captionsAgain, firstCaptions, firstQuality, firstSound, ratesUpTo } from '../participant/player/preferences';
import { resumePosition } from '../participant/player/resume';
import { pickLanguage } from '../shared/language';

test('no speed above what the cohort credits is offered', () => {
    assert.deepEqual(ratesUpTo(200), [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]);
    assert.deepEqual(ratesUpTo(150), [0.5, 0.75, 1, 1.25, 1.5]);
    assert.deepEqual(ratesUpTo(10), [1], 'a rule that makes no sense still lets people watch');
});

test('captions begin as the reader would choose', () => {
    const offered = ['en', 'ja', 'vi'];
    const cases: {
        story: string;
        spoken: string;
        wishes: string[];
        remembered: string | null;
        expected: string;
    }[] = [
        {
            story: "speaks the lecture's language",
            spoken: 'en',
            wishes: ['en-GB'],
            remembered: null,
            expected: '',
        },
        { story: 'speaks another', spoken: 'en', wishes: ['vi-VN', 'en'], remembered: null, expected: 'vi' },
        {
            story: 'best wish is not there',
            spoken: 'ja',
            wishes: ['mn', 'en'],
            remembered: null,
            expected: 'en',
        },
        { story: 'nothing fits', spoken: 'en', wishes: ['km'], remembered: null, expected: '' },
        { story: 'switched off before', spoken: 'en', wishes: ['vi'], remembered: '', expected: '' },
        { story: 'chosen before', spoken: 'en', wishes: ['en'], remembered: 'ja', expected: 'ja' },
        {
            story: 'chosen before, not there now',
            spoken: 'en',
            wishes: ['en'],
            remembered: 'mn',
            expected: '',
        },
    ];
    for (const { story, spoken, wishes, remembered, expected } of cases)
        assert.equal(firstCaptions(offered, spoken, wishes, remembered), expected, story);
});

test('sound begins in a language that the reader speaks', () => {
    const offered = ['en', 'vi', 'ja'].map((language) => ({ language, original: language === 'en' }));
    const cases: { story: string; wishes: string[]; remembered: string | null; expected: string }[] = [
        { story: 'an interpreter is better understood', wishes: ['vi-VN', 'en'], remembered: null, expected: 'vi' },
        { story: "the speaker's own is", wishes: ['en-GB', 'ja'], remembered: null, expected: 'en' },
        { story: 'none of them', wishes: ['km'], remembered: null, expected: 'en' },
        { story: 'chosen before', wishes: ['en'], remembered: 'ja', expected: 'ja' },
        { story: 'chosen before, not there now', wishes: ['ja'], remembered: 'mn', expected: 'ja' },
    ];
    for (const { story, wishes, remembered, expected } of cases)
        assert.equal(firstSound(offered, wishes, remembered), expected, story);
    assert.equal(firstSound([], ['en'], null), '', 'a lecture without a choice');
});

test('one goes on at the newest place, never at the end', () => {
    const server = { position_ms: 60_000, last_at_ms: 1000 };
    assert.equal(resumePosition(server, null, 180_000), 60_000);
    assert.equal(resumePosition(server, { version: 1, position_ms: 90_000, at_ms: 2000 }, 180_000), 90_000);
    assert.equal(resumePosition(server, { version: 1, position_ms: 90_000, at_ms: 500 }, 180_000), 60_000);
    assert.equal(resumePosition({ position_ms: 179_000, last_at_ms: 1 }, null, 180_000), 0);
    assert.equal(resumePosition({ position_ms: 0, last_at_ms: null }, null, 180_000), 0);
});

test('the first wish with a locale file decides', () => {
    assert.equal(pickLanguage(['vi', 'ja-JP', 'en']), 'ja');
    assert.equal(pickLanguage(['mn']), 'en');
    assert.equal(pickLanguage([]), 'en');
    assert.equal(pickLanguage(['EN-us']), 'en');
});

test('the key for captions brings back the language that one had', () => {
    const offered = ['en', 'ja', 'vi'];
    assert.equal(captionsAgain(offered, ['en-GB'], 'vi'), 'vi');
    assert.equal(captionsAgain(offered, ['ja-JP'], null), 'ja');
    assert.equal(captionsAgain(offered, ['mn', 'vi'], 'km'), 'vi', 'the last ones are not offered here');
    assert.equal(captionsAgain(offered, ['mn'], null), 'en');
    assert.equal(captionsAgain([], ['mn'], 'vi'), '');
});

class TestLine extends EventTarget implements Line {
    navigator = { onLine: true };
}

test('a line that is in the way of playing is noticed', async () => {
    const patienceMs = 20;
    const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));
    const video = new EventTarget();
    const line = new TestLine();
    const ending = new AbortController();
    const told: string[] = [];
    const events = { lost: () => told.push('lost'), back: () => told.push('back') };
    watchLine(video, line, events, ending.signal, patienceMs);
    const stories: { story: string; happens: () => void; expected: string[] }[] = [
        {
            story: 'a short wait after a seek',
            happens: () => {
                video.dispatchEvent(new Event('waiting'));
                video.dispatchEvent(new Event('playing'));
            },
            expected: [],
        },
        {
            story: 'a long wait',
            happens: () => {
                video.dispatchEvent(new Event('waiting'));
            },
            expected: ['lost'],
        },
        { story: 'the browser says offline', happens: () => line.dispatchEvent(new Event('offline')), expected: ['lost'] },
        {
            story: 'the buffer ran out while offline',
            happens: () => {
                line.navigator.onLine = false;
                video.dispatchEvent(new Event('waiting'));
            },
            expected: ['lost'],
        },
        { story: 'back', happens: () => line.dispatchEvent(new Event('online')), expected: ['back'] },
        {
            story: 'the player ended',
            happens: () => {
                line.navigator.onLine = true;
                video.dispatchEvent(new Event('waiting'));
                ending.abort();
                line.dispatchEvent(new Event('offline'));
            },
            expected: [],
        },
    ];
    for (const { story, happens, expected } of stories) {
        happens();
        await wait(patienceMs * 2);
        assert.deepEqual(told.splice(0), expected, story);
    }
});

test('a picture begins as it was chosen before, and never larger', () => {
    const offered = [
        { name: 'stills', lines: 360, stills: true },
        { name: '240p', lines: 240, stills: false },
        { name: '480p', lines: 480, stills: false },
        { name: 'source', lines: 720, stills: false },
    ];
    assert.equal(firstQuality(offered, null), '', 'never chosen: by the line');
    assert.equal(firstQuality(offered, { lines: 480, stills: false }), '480p');
    assert.equal(firstQuality(offered, { lines: 1080, stills: false }), 'source', 'the largest there is');
    assert.equal(firstQuality(offered, { lines: 360, stills: false }), '240p', 'the next smaller one');
    assert.equal(firstQuality(offered.slice(2), { lines: 240, stills: false }), '480p', 'the smallest there is');
    assert.equal(firstQuality(offered, { lines: 360, stills: true }), 'stills');
    assert.equal(firstQuality(offered.slice(1), { lines: 360, stills: true }), '', 'no stills: by the line');
});
