import type { LectureRecord } from '../shared/staff_types';
import { currentLanguage, maybeText, t } from '../shared/text';
import { formatDateTime, formatPosition } from '../shared/time';
import { readerZone } from '../shared/zones';

/* Sent to the participant, then reported by their player: nothing to remark. */
const ORDINARY = 'delivered';

type Interval = LectureRecord['intervals'][number];

function remark(interval: Interval, shownVersion: number): string {
    const remarks = [];
    if (interval.version !== shownVersion)
        remarks.push(t('organizer.interval_version', { version: interval.version }));
    if (interval.reason !== ORDINARY)
        remarks.push(maybeText(`organizer.reason_${interval.reason}`) ?? interval.reason);
    return remarks.join(' · ');
}

/** The single stretches, as they were credited, each on the clock of the version that was watched. */
export function IntervalTable({ record }: { record: LectureRecord }) {
    return (
        <div class="table-frame" tabIndex={0} role="region" aria-label={t('organizer.intervals')}>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{t('organizer.interval_stretch')}</th>
                        <th scope="col">{t('organizer.interval_at')}</th>
                        <th scope="col">{t('organizer.interval_note')}</th>
                    </tr>
                </thead>
                <tbody>
                    {record.intervals.map((interval, index) => (
                        <tr key={index}>
                            <td class="figures">
                                {t('shared.stretch', {
                                    from: formatPosition(interval.from_ms),
                                    to: formatPosition(interval.to_ms),
                                })}
                            </td>
                            <td class="figures">
                                {formatDateTime(interval.credited_at_ms, currentLanguage(), readerZone())}
                            </td>
                            <td>{remark(interval, record.version)}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}
