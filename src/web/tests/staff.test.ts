import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedTexts, languageWithoutTitle } from '../admin/lecture_drafts';
import { codecName, containerName } from '../admin/media_names';
import { moved } from '../admin/moved';
import { readPosition, readTrim, shiftedTimeline, writePosition } from '../admin/new_version';
import { begunBefore } from '../admin/upload/begun_before';
import { LineWait } from '../admin/upload/line_wait';
import { Speed } from '../admin/upload/speed';
import { titleOf } from '../admin/upload/title_of';
import { withNews } from '../admin/use_job_events';
import { findCohort } from '../organizer/find_cohort';
import { filterRows, makeRows } from '../organizer/rows';
import { Problem } from '../shared/api';
import { mayPass } from '../shared/problem_text';
import type { Cohort, CohortReport, Program, UnfinishedUpload } from '../shared/staff_types';
import type { Progress } from '../shared/types';

function progress(id: string, coverage: number): Progress {
    return {
        id,
        coverage,
        claimed_ms: 0,
        delivered_ms: 0,
        credited_ms: 0,
        missing: [],
        decision: null,
        last_at_ms: null,
        completed_at_ms: coverage >= 0.9 ? 1 : null,
    };
}

function reportOf(people: Record<string, number[]>): CohortReport {
    return {
        cohort: {
            id: 'c',
            name: '',
            program_id: '',
            first_day: '',
            last_day: '',
            time_zone: 'UTC',
            rule: {
                version: 1,
                threshold_percent: 90,
                gap_ms_max: 0,
                rate_cap_percent: 200,
                real_time: true,
                seeking: 'free',
                offline: 'credit',
                hidden_counts: true,
                muted_counts: true,
                silence_left_out: true,
            },
        },
        lectures: [
            { id: 'a', title: 'A', duration_ms: 1 },
            { id: 'b', title: 'B', duration_ms: 1 },
        ],
        participants: Object.entries(people).map(([name, coverages]) => ({
            id: name,
            name,
            country: 'VN',
            gender: null,
            group: name === 'Lan' ? 'Hanoi' : null,
            lectures: coverages.map((coverage, index) => progress(index === 0 ? 'a' : 'b', coverage)),
            sharing: {
                networks: 1,
                devices: 1,
                networks_at_once: 1,
                device_kinds_at_once: 1,
                takeovers_an_hour: 0,
                signs: [],
            },
        })),
        totals: { participants: 0, women: 0, completed_all: 0, accepted_by_hand: 0, countries: {} },
    };
}

test('who is furthest behind comes first', () => {
    const rows = makeRows(
        reportOf({ Done: [1, 1], Half: [1, 0], More: [0.5, 0.4], Lan: [0, 0], Anh: [0, 0] }),
    );
    assert.deepEqual(
        rows.map((row) => row.participant.name),
        ['Anh', 'Lan', 'More', 'Half', 'Done'],
    );
    assert.deepEqual(
        rows.map((row) => row.standing),
        ['none', 'none', 'partial', 'partial', 'completed'],
    );
});

test('the filter takes words of name, group and country, and the standing', () => {
    const rows = makeRows(reportOf({ Done: [1, 1], Lan: [0, 0] }));
    const names = (words: string, standing: 'all' | 'none' | 'completed' = 'all') =>
        filterRows(rows, { words, standing }).map((row) => row.participant.name);
    assert.deepEqual(names('hanoi la'), ['Lan']);
    assert.deepEqual(names('  vn '), ['Lan', 'Done']);
    assert.deepEqual(names('', 'completed'), ['Done']);
    assert.deepEqual(names('hanoi', 'completed'), []);
});

test('the cohort that runs now or ran last is shown first', () => {
    const cohort = (id: string, opens: number): Cohort => ({
        id,
        name: id,
        time_zone: 'UTC',
        first_day: '',
        last_day: '',
        opens_at_ms: opens,
        closes_at_ms: opens + 5,
        participant_count: 0,
    });
    const programs: Program[] = [
        { id: 'p', title: 'P', lectures: [], cohorts: [cohort('past', 10), cohort('future', 500)] },
        { id: 'q', title: 'Q', lectures: [], cohorts: [cohort('now', 90)] },
    ];
    assert.equal(findCohort(programs, null, 100)?.cohort.id, 'now');
    assert.equal(findCohort(programs, 'past', 100)?.cohort.id, 'past');
    assert.equal(findCohort(programs, 'unknown', 5)?.cohort.id, 'past');
    assert.equal(findCohort([], null, 5), null);
});

test('moving keeps every lecture', () => {
    assert.deepEqual(moved(['a', 'b', 'c'], 0, 1), ['b', 'a', 'c']);
    assert.deepEqual(moved(['a', 'b', 'c'], 2, -1), ['a', 'c', 'b']);
    assert.deepEqual(moved(['a', 'b', 'c'], 0, -1), ['a', 'b', 'c']);
    assert.deepEqual(moved(['a', 'b', 'c'], 2, 1), ['a', 'b', 'c']);
    assert.deepEqual(moved([], 0, 1), []);
});

test('the speed is steady, and begins anew after a pause', () => {
    const speed = new Speed();
    let shown = 0;
    for (let at = 0; at <= 20_000; at += 500)
        shown = speed.note(at * 1000 + (at % 1000 === 0 ? 0 : 200_000), at);
    assert.ok(Math.abs(shown - 1_000_000) < 250_000, String(shown));
    speed.reset();
    assert.equal(speed.note(5_000_000, 60_000), 0);
});

test('a file lends its name to the lecture', () => {
    assert.equal(titleOf('Labour_law (final).mp4'), 'Labour law (final)');
    assert.equal(titleOf('v1.2 draft.mkv'), 'v1.2 draft');
    assert.equal(titleOf('.mp4'), '.mp4');
});

test('names are found without the marks that a keyboard may lack', () => {
    const rows = makeRows(reportOf({ 'Nguyễn Thị Đỗ Quyên': [0, 0], 'Батбаяр Дорж': [0, 0], 'Łukasz Øst': [0, 0] }));
    const found = (words: string) => filterRows(rows, { words, standing: 'all' }).map((row) => row.participant.name);
    for (const words of ['nguyen', 'do quyen', 'NGUYỄN', 'Đỗ', 'quyên thi'])
        assert.deepEqual(found(words), ['Nguyễn Thị Đỗ Quyên'], words);
    assert.deepEqual(found('дорж'), ['Батбаяр Дорж']);
    assert.deepEqual(found('lukasz ost'), ['Łukasz Øst']);
    assert.deepEqual(found('nguyem'), []);
});

test('a wait for the line that was stopped never goes on', async () => {
    const line = new EventTarget();
    const wait = new LineWait(15, line);
    let calls = 0;
    wait.begin(() => calls++);
    wait.stop();
    line.dispatchEvent(new Event('online'));
    await new Promise((done) => setTimeout(done, 40));
    assert.equal(calls, 0);

    wait.begin(() => calls++);
    wait.begin(() => (calls += 10));
    line.dispatchEvent(new Event('online'));
    line.dispatchEvent(new Event('online'));
    await new Promise((done) => setTimeout(done, 40));
    assert.equal(calls, 10, 'once, and only for the last who asked');

    wait.begin(() => calls++);
    await new Promise((done) => setTimeout(done, 40));
    assert.equal(calls, 11, 'time passes too');
});

test('a file goes on with the upload of its name and length, on whatever machine that began', () => {
    const upload = (id: string, file_name: string, length_bytes: number, created_at_ms: number): UnfinishedUpload => ({
        id,
        kind: 'whole',
        becomes: 'lecture',
        file_name,
        length_bytes,
        created_at_ms,
        title: '',
        offset_bytes: 1,
        expires_at_ms: 0,
    });
    const there = [upload('old', 'law.mp4', 10, 1), upload('new', 'law.mp4', 10, 2), upload('cut', 'law.mp4', 9, 3)];
    const file = { name: 'law.mp4', size: 10 };
    assert.equal(begunBefore(there, file, () => false)?.id, 'new');
    assert.equal(begunBefore(there, file, (id) => id === 'new')?.id, 'old');
    assert.equal(begunBefore(there, { name: 'other.mp4', size: 10 }, () => false), null);
    assert.equal(begunBefore([], file, () => false), null);
    const part: UnfinishedUpload = { ...upload('part', 'law.mp4', 10, 3), kind: 'partial' };
    assert.equal(begunBefore([part], file, () => false), null);
    const version: UnfinishedUpload = { ...upload('next', 'law.mp4', 10, 3), becomes: 'version' };
    assert.equal(begunBefore([version], file, () => false), null, 'it would take the place of a lecture');
});

test('times are read as people write them', () => {
    const cases: [string, number | null][] = [
        ['0:00', 0],
        ['1:05', 65_000],
        [' 75 ', 75_000],
        ['90:00', 5_400_000],
        ['1:02:40', 3_760_000],
        ['0:40.5', 40_500],
        ['0:40,25', 40_250],
        ['', null],
        ['0:60', null],
        ['1:60:00', null],
        ['-0:05', null],
        ['5 s', null],
    ];
    for (const [text, ms] of cases) assert.equal(readPosition(text), ms, text);
    for (const ms of [0, 40_500, 65_000, 3_760_000]) assert.equal(readPosition(writePosition(ms)), ms);
});

test('a trim keeps what lies between two times of the lecture', () => {
    const cases: [string, string, ReturnType<typeof readTrim>][] = [
        ['0:04', '0:10', [4000, 10_000]],
        ['0:04', '0:12', [4000, 12_047]] /* the end as it is shown is the very end */,
        ['0:04', '0:13', 'to'],
        ['0:04', '0:04.9', 'to'],
        ['0:04', 'x', 'to'],
        ['0:12', '0:12', 'from'],
        ['', '0:10', 'from'],
    ];
    for (const [from, to, kept] of cases) assert.deepEqual(readTrim(from, to, 12_047), kept, `${from} to ${to}`);
});

test('a file that begins later or earlier has the lecture as one piece', () => {
    assert.equal(shiftedTimeline(2000, 12_000), '[[0,12000,2000]]');
    assert.equal(shiftedTimeline(-2000, 12_000), '[[2000,12000,0]]');
});

test('no text that was typed is dropped unsaid', () => {
    const saved = { en: { title: 'Law', description: 'About law' } };
    const cases: { story: string; drafts: Parameters<typeof changedTexts>[0]; sent: string[]; refused: string | null }[] =
        [
            { story: 'nothing typed', drafts: {}, sent: [], refused: null },
            { story: 'typed and taken back', drafts: { en: saved.en }, sent: [], refused: null },
            { story: 'looked at only', drafts: { vi: { title: ' ', description: ' ' } }, sent: [], refused: null },
            { story: 'changed', drafts: { en: { title: ' Laws ', description: '' } }, sent: ['en'], refused: null },
            {
                story: 'spaces for a title',
                drafts: { en: { title: '  ', description: 'New' } },
                sent: ['en'],
                refused: 'en',
            },
            {
                story: 'a description without a title, behind another language',
                drafts: { vi: { title: '', description: 'Luật' }, en: { title: 'Laws', description: '' } },
                sent: ['vi', 'en'],
                refused: 'vi',
            },
        ];
    for (const { story, drafts, sent, refused } of cases) {
        const changed = changedTexts(drafts, saved);
        assert.deepEqual(
            changed.map(([language]) => language),
            sent,
            story,
        );
        assert.equal(languageWithoutTitle(changed), refused, story);
    }
    assert.deepEqual(changedTexts({ en: { title: ' Laws ', description: 'x' } }, saved), [
        ['en', { title: 'Laws', description: 'x' }],
    ]);
});

test('files and codecs have names that people know', () => {
    assert.equal(containerName('mov,mp4,m4a,3gp,3g2,mj2'), 'MP4');
    assert.equal(containerName('matroska,webm'), 'Matroska (MKV)');
    assert.equal(containerName('mpegts'), 'MPEG-TS');
    assert.equal(containerName('nut'), 'NUT');
    assert.equal(codecName('h264'), 'H.264');
    assert.equal(codecName('pcm_s16le'), 'PCM');
    assert.equal(codecName('cinepak'), 'CINEPAK');
});

test('trying again is offered only where it can help', () => {
    assert.equal(mayPass(new Problem('offline', 0)), true);
    assert.equal(mayPass(new Problem('busy', 503)), true);
    assert.equal(mayPass(new Problem('not-found', 404)), false);
    assert.equal(mayPass(new Problem('forbidden', 403)), false);
    assert.equal(mayPass(new Problem('invitation-revoked', 403)), false);
});

test('news of a job count only for the state and pass that are known', () => {
    const known = { id: 'j', state: 'running', pass: 'rest', permille: 10 };
    const news = { id: 'j', lecture_id: 'l', state: 'running', pass: 'rest', permille: 400, speed_percent: 320, left_ms: 9000 } as const;
    assert.equal(withNews(known, news).permille, 400);
    assert.equal(withNews(known, undefined).permille, 10);
    assert.equal(withNews({ ...known, pass: 'first' }, news).permille, 10);
    assert.equal(withNews({ ...known, state: 'done' }, news).permille, 10);
    assert.equal(withNews(known, { ...news, state: 'paused' }).permille, 10);
});
