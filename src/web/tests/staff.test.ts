import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moved } from '../admin/moved';
import { Speed } from '../admin/upload/speed';
import { titleOf } from '../admin/upload/title_of';
import { findCohort } from '../organizer/find_cohort';
import { filterRows, makeRows } from '../organizer/rows';
import type { Cohort, CohortReport, Program } from '../shared/staff_types';
import type { Progress } from '../shared/types';

function progress(id: string, coverage: number): Progress {
    return {
        id,
        coverage,
        claimed_ms: 0,
        delivered_ms: 0,
        credited_ms: 0,
        missing: [],
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
            rule: { threshold_percent: 90, gap_ms_max: 0, rate_cap_percent: 200 },
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
        })),
        totals: { participants: 0, women: 0, completed_all: 0, countries: {} },
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
