import { currentLanguage, t } from '../shared/text';
import { formatDateTime } from '../shared/time';
import { readerZone } from '../shared/zones';
import type { LectureRecord } from '../shared/staff_types';

type Quality = LectureRecord['quality'][number];

/** The newest are enough to answer "why did it stall for me yesterday?". */
const shownMost = 5;

/** How well the line served this person, as their player told: a line a time that they opened the lecture. */
export function LineQuality({ quality }: { quality: readonly Quality[] }) {
    if (quality.length === 0) return null;
    const newest = quality.slice(-shownMost).reverse();
    return (
        <section class="record-line">
            <h4>{t('organizer.line')}</h4>
            <ul>
                {newest.map((one) => (
                    <li key={one.play_session ?? ''} data-stalled={one.stalls > 0}>
                        <span class="record-line-when">
                            {formatDateTime(one.first_at_ms, currentLanguage(), readerZone())}
                        </span>
                        <span>{lineWords(one).join(' · ')}</span>
                    </li>
                ))}
            </ul>
        </section>
    );
}

/** What is known, the worst first. */
export function lineWords(one: Quality): string[] {
    const words = [t('organizer.line_stalls', { count: one.stalls })];
    if (one.throughput_median_kbps !== null && one.throughput_least_kbps !== null)
        words.push(
            t('organizer.line_rate', {
                usual: megabits(one.throughput_median_kbps),
                slowest: megabits(one.throughput_least_kbps),
            }),
        );
    if (one.buffer_least_ms !== null)
        words.push(t('organizer.line_buffer', { seconds: number(one.buffer_least_ms / 1000) }));
    const name = mostOf(one.renditions);
    if (name !== undefined) words.push(t('organizer.line_rendition', { name }));
    return words;
}

/** Of these pictures most segments came; of sound only where there are no pictures. */
function mostOf(renditions: Quality['renditions']): string | undefined {
    const all = Object.entries(renditions);
    const pictures = all.filter(([name]) => !name.startsWith('audio'));
    const told = pictures.length > 0 ? pictures : all;
    return told.sort(([, left], [, right]) => right - left)[0]?.[0];
}

function number(value: number): string {
    return new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: 1 }).format(value);
}

function megabits(kbps: number): string {
    return number(kbps / 1000);
}
