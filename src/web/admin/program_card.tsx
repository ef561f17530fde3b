import { useState } from 'preact/hooks';
import { Button } from '../shared/components/button';
import { Icon } from '../shared/components/icon';
import type { Lecture, Program } from '../shared/staff_types';
import { currentLanguage, t } from '../shared/text';
import { formatCivilDay } from '../shared/time';
import { zoneCity } from '../shared/zones';
import { AddCohortDialog } from './add_cohort_dialog';
import { LectureOrder } from './lecture_order';

interface Properties {
    program: Program;
    lectures: Lecture[];
    onChange: () => Promise<void>;
}

/** A program: its lectures in order, and the cohorts that it is given to. */
export function ProgramCard({ program, lectures, onChange }: Properties) {
    const [adding, setAdding] = useState(false);
    return (
        <article class="card program-card" data-program={program.id} aria-label={program.title}>
            <h2>{program.title}</h2>
            <div class="program-columns">
                <section>
                    <h3>{t('admin.lectures_in_order')}</h3>
                    <LectureOrder program={program} lectures={lectures} onChange={onChange} />
                </section>
                <section>
                    <h3>{t('admin.cohorts')}</h3>
                    <ul class="cohort-list">
                        {program.cohorts.map((cohort) => (
                            <li key={cohort.id}>
                                <a href={`/organizer?cohort=${cohort.id}`}>{cohort.name}</a>
                                <span class="soft">
                                    {t('admin.cohort_facts', {
                                        first: formatCivilDay(cohort.first_day, currentLanguage()),
                                        last: formatCivilDay(cohort.last_day, currentLanguage()),
                                        city: zoneCity(cohort.time_zone),
                                        count: cohort.participant_count,
                                    })}
                                </span>
                            </li>
                        ))}
                    </ul>
                    <Button small onClick={() => setAdding(true)}>
                        <Icon name="plus" />
                        {t('admin.new_cohort')}
                    </Button>
                </section>
            </div>
            {adding && (
                <AddCohortDialog program={program.id} onClose={() => setAdding(false)} onAdded={() => void onChange()} />
            )}
        </article>
    );
}
