import type { LectureRecord } from '../shared/staff_types';
import { currentLanguage, maybeText, t } from '../shared/text';
import { formatDateTime, formatPosition } from '../shared/time';
import { readerZone } from '../shared/zones';

/* Sent to the participant, then reported by their player: nothing to remark. */
const ORDINARY = 'delivered';

/** The single stretches, as they were credited. */
export function IntervalTable({ intervals }: { intervals: LectureRecord['intervals'] }) {
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
                    {intervals.map((interval, index) => (
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
                            <td>
                                {interval.reason === ORDINARY
                                    ? ''
                                    : (maybeText(`organizer.reason_${interval.reason}`) ?? interval.reason)}
                            </td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}
