/* When the lectures are open: in the reader's own zone, and in the program's where the clocks differ. */
import { Icon } from '../../shared/components/icon';
import { t } from '../../shared/text';
import { formatInstant, sameClock } from '../../shared/time';
import { readerZone, zoneCity } from '../../shared/zones';
import type { ParticipantMe } from '../../shared/types';

interface Properties {
    cohort: ParticipantMe['cohort'];
    nowMs: number;
    language: string;
}

export function OpenDays({ cohort, nowMs, language }: Properties) {
    const zone = readerZone();
    const lastMs = Math.max(cohort.closes_at_ms, cohort.open_until_ms ?? 0);
    const notYet = nowMs < cohort.opens_at_ms;
    /* The end of a day is midnight, which people read as the day after. */
    const shownMs = notYet ? cohort.opens_at_ms : lastMs - 1;
    const when = formatInstant(shownMs, language, zone, nowMs);
    const sentence = notYet
        ? t('program.opens', { when })
        : nowMs < lastMs
          ? t('program.open_until', { when })
          : t('program.closed_since', { when });
    return (
        <p class="open-days">
            <Icon name="clock" />
            <span>
                <strong>{sentence}</strong>{' '}
                <span class="soft">
                    {t('program.your_time', { city: zoneCity(zone) })}
                    {!sameClock(shownMs, zone, cohort.time_zone) && (
                        <>
                            {' '}
                            ·{' '}
                            {t('program.host_time', {
                                city: zoneCity(cohort.time_zone),
                                when: formatInstant(shownMs, language, cohort.time_zone, nowMs),
                            })}
                        </>
                    )}
                </span>
            </span>
        </p>
    );
}
