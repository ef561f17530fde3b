import { countryName } from '../shared/staff/names';
import type { CohortReport } from '../shared/staff_types';
import { currentLanguage, t } from '../shared/text';

/** The figures that the activity report begins with. */
export function Totals({ report }: { report: CohortReport }) {
    const { totals } = report;
    const number = (value: number) => new Intl.NumberFormat(currentLanguage()).format(value);
    const countries = Object.entries(totals.countries)
        .sort((a, b) => b[1] - a[1])
        .map(([code, count]) => t('organizer.country_count', { country: countryName(code), count }));
    return (
        <dl class="totals">
            <Figure label={t('organizer.participants')} value={number(totals.participants)} />
            <Figure label={t('organizer.women')} value={number(totals.women)} />
            <Figure
                label={t('organizer.completed_all')}
                value={t('organizer.people_of', { part: totals.completed_all, whole: totals.participants })}
                {...(totals.accepted_by_hand > 0
                    ? { note: t('organizer.by_hand_count', { count: totals.accepted_by_hand }) }
                    : {})}
                strong
            />
            <Figure
                label={t('organizer.countries')}
                value={number(countries.length)}
                note={countries.join(t('shared.list_comma'))}
            />
        </dl>
    );
}

function Figure({
    label,
    value,
    note,
    strong,
}: {
    label: string;
    value: string;
    note?: string;
    strong?: boolean;
}) {
    return (
        <div class={`figure${strong ? ' figure-strong' : ''}`}>
            <dt>{label}</dt>
            <dd>
                <span class="figure-value">{value}</span>
                {note && <span class="figure-note">{note}</span>}
            </dd>
        </div>
    );
}
