import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatMessage } from '../shared/message_format';

test('names are replaced and numbers written as the language does', () => {
    assert.equal(formatMessage('Continue at {at}', { at: '12:40' }, 'en'), 'Continue at 12:40');
    assert.equal(formatMessage('{n} bytes', { n: 12345 }, 'en'), '12,345 bytes');
    assert.equal(formatMessage('{n}', {}, 'en'), '');
    assert.equal(formatMessage('no names', {}, 'en'), 'no names');
});

test('plurals follow the language', () => {
    const english = '{count, plural, =0 {none} one {# lecture} other {# lectures}}';
    assert.equal(formatMessage(english, { count: 0 }, 'en'), 'none');
    assert.equal(formatMessage(english, { count: 1 }, 'en'), '1 lecture');
    assert.equal(formatMessage(english, { count: 1200 }, 'en'), '1,200 lectures');
    assert.equal(formatMessage('{count, plural, other {#本}}', { count: 1 }, 'ja'), '1本');
});

test('names may stand inside of a plural', () => {
    const text = 'So far {count, plural, one {{done} of # lecture} other {{done} of # lectures}}.';
    assert.equal(formatMessage(text, { count: 3, done: 2 }, 'en'), 'So far 2 of 3 lectures.');
});

test('a value is text, never a pattern', () => {
    assert.equal(formatMessage('{title}', { title: '{x} # {count, plural}' }, 'en'), '{x} # {count, plural}');
    assert.equal(
        formatMessage('{count, plural, other {{title} #}}', { title: '# {y}', count: 2 }, 'en'),
        '# {y} 2',
    );
});

test('figures are written as the language does', () => {
    const values = { at_ms: 2472999, gap_ms: 12300, late_ms: 1550, rate: 850400, level: -234, tags: 'eng, ja' };
    const figures = (language: string) =>
        ['{at_ms, time}', '{gap_ms, seconds}', '{late_ms, seconds}', '{rate, kilobits}', '{level, tenths}', '{tags, languages}']
            .map((pattern) => formatMessage(pattern, values, language))
            .join('|');
    assert.equal(figures('en'), '0:41:12|12 sec|1.6 sec|850 kb/s|-23.4|English and Japanese');
    assert.equal(figures('ja'), '0:41:12|12 秒|1.6 秒|850 kb/秒|-23.4|英語、日本語');
    assert.equal(formatMessage('{tags, languages}', { tags: '<b>' }, 'en'), '<b>');
    assert.equal(formatMessage('{at_ms, time}', {}, 'en'), '0:00:00');
});

test('broken braces are a fault of the locale file', () => {
    assert.throws(() => formatMessage('{open', {}, 'en'));
});
