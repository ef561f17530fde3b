import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StretchMeter } from '../participant/player/stretch_meter';

/** Plays from `from` to `to` with a report every 250 ms of clock time; returns the clock at the end. */
function play(meter: StretchMeter, from: number, to: number, rate = 1, clock = 0): number {
    for (let at = from; at < to; at += 250 * rate) {
        meter.advance(at, clock);
        clock += 250;
    }
    meter.advance(to, clock);
    return clock;
}

test('what was played is measured to the millisecond', () => {
    const meter = new StretchMeter();
    meter.begin(1000, 1, 0);
    play(meter, 1000, 4567);
    assert.deepEqual(meter.take(), [{ from_ms: 1000, to_ms: 4567, rate: 1 }]);
    assert.deepEqual(meter.take(), [], 'taken once');
});

test('beats follow each other without a gap', () => {
    const meter = new StretchMeter();
    meter.begin(0, 1, 0);
    const clock = play(meter, 0, 10_000);
    const [first] = meter.take();
    play(meter, 10_000, 20_000, 1, clock);
    const [second] = meter.take();
    assert.equal(first?.to_ms, second?.from_ms);
});

test('a seek never counts as played', () => {
    const stories: { story: string; to: number }[] = [
        { story: 'forward', to: 60_000 },
        { story: 'back', to: 0 },
    ];
    for (const { story, to } of stories) {
        const meter = new StretchMeter();
        meter.begin(5000, 1, 0);
        const clock = play(meter, 5000, 8000);
        meter.end();
        meter.begin(to, 1, clock + 100);
        play(meter, to, to + 2000, 1, clock + 100);
        assert.deepEqual(
            meter.take().map(({ from_ms, to_ms }) => [from_ms, to_ms]),
            [
                [5000, 8000],
                [to, to + 2000],
            ],
            story,
        );
    }
});

test('a jump that no event announced is not counted either', () => {
    const meter = new StretchMeter();
    meter.begin(0, 1, 0);
    const clock = play(meter, 0, 1000);
    meter.advance(90_000, clock + 250);
    meter.advance(90_250, clock + 500);
    meter.advance(40_000, clock + 750);
    assert.deepEqual(
        meter.take().map(({ from_ms, to_ms }) => [from_ms, to_ms]),
        [
            [0, 1000],
            [90_000, 90_250],
        ],
    );
});

test('rare reports of a hidden tab are still playing', () => {
    const meter = new StretchMeter();
    meter.begin(0, 2, 0);
    meter.advance(2000, 1000);
    meter.advance(22_000, 11_000);
    assert.deepEqual(meter.take(), [{ from_ms: 0, to_ms: 22_000, rate: 2 }]);
});

test('playing to the end closes at the length of the lecture', () => {
    const meter = new StretchMeter();
    meter.begin(170_000, 1, 0);
    play(meter, 170_000, 179_100);
    meter.endAt(179_267);
    assert.deepEqual(meter.take(), [{ from_ms: 170_000, to_ms: 179_267, rate: 1 }]);
    assert.equal(meter.playing, false);
});

test('an end far from the last report is not believed', () => {
    const meter = new StretchMeter();
    meter.begin(0, 1, 0);
    play(meter, 0, 5000);
    meter.endAt(179_267);
    assert.deepEqual(meter.take(), [{ from_ms: 0, to_ms: 5000, rate: 1 }]);
});

test('nothing is measured while nothing plays', () => {
    const meter = new StretchMeter();
    meter.advance(5000, 100);
    meter.endAt(6000);
    assert.deepEqual(meter.take(), []);
});
