import { currentLanguage, t } from '../../shared/text';
import type { ParticipantMe, ProgramLecture } from '../../shared/types';
import { OpenDays } from './open_days';

export function ProgramHeader({ me }: { me: ParticipantMe }) {
    const language = currentLanguage();
    return (
        <header class="program-header">
            <p class="eyebrow">{me.cohort.name}</p>
            <h1 dir="auto" lang={me.program.text_language}>
                {me.program.title}
            </h1>
            {me.program.description && (
                <p class="lede description" dir="auto" lang={me.program.text_language}>
                    {me.program.description}
                </p>
            )}
            <OpenDays cohort={me.cohort} nowMs={me.server_time_ms} language={language} />
            <Summary lectures={me.lectures} />
        </header>
    );
}

function Summary({ lectures }: { lectures: ProgramLecture[] }) {
    const required = lectures.filter((lecture) => lecture.required);
    const counted = required.length > 0 ? required : lectures;
    const completed = counted.filter((lecture) => lecture.completed_at_ms !== null).length;
    if (counted.length === 0) return null;
    const all = completed === counted.length;
    return (
        <p class={`summary${all ? ' summary-all' : ''}`}>
            <span class="summary-beads" aria-hidden="true">
                {counted.map((lecture) => (
                    <span
                        key={lecture.id}
                        class={lecture.completed_at_ms !== null ? 'bead bead-done' : 'bead'}
                    />
                ))}
            </span>
            {all
                ? t('program.all_completed')
                : t('program.completed_count', { completed, count: counted.length })}
        </p>
    );
}
