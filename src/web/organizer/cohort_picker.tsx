import { SelectField } from '../shared/components/field';
import type { Program } from '../shared/staff_types';
import { currentLanguage, t } from '../shared/text';
import { formatCivilDay } from '../shared/time';
import { zoneCity } from '../shared/zones';
import type { FoundCohort } from './find_cohort';

interface Properties {
    programs: Program[];
    found: FoundCohort;
    onPick: (cohort: string) => void;
}

export function CohortPicker({ programs, found, onPick }: Properties) {
    const language = currentLanguage();
    const { cohort, program } = found;
    const options = programs.flatMap((one) =>
        one.cohorts.map((each) => ({
            value: each.id,
            label: t('organizer.cohort_of_program', { cohort: each.name, program: one.title }),
        })),
    );
    return (
        <header class="cohort-header">
            <div>
                <p class="eyebrow">{program.title}</p>
                <h1>{cohort.name}</h1>
                <p class="soft">
                    {t('organizer.days', {
                        first: formatCivilDay(cohort.first_day, language),
                        last: formatCivilDay(cohort.last_day, language),
                        city: zoneCity(cohort.time_zone),
                    })}
                </p>
            </div>
            {options.length > 1 && (
                <SelectField
                    label={t('organizer.choose_cohort')}
                    name="cohort"
                    value={cohort.id}
                    options={options}
                    onChange={onPick}
                />
            )}
        </header>
    );
}
