import { t } from '../../shared/text';
import type { CompletionRule, ProgramLecture } from '../../shared/types';
import { LectureCard } from './lecture_card';

interface Properties {
    lectures: ProgramLecture[];
    rule: CompletionRule;
}

/** The lectures in order, strung on one thread; the one to go on with is marked. */
export function LectureThread({ lectures, rule }: Properties) {
    if (lectures.length === 0) return <p class="notice">{t('program.no_lectures')}</p>;
    const next = nextLecture(lectures);
    return (
        <section aria-labelledby="lectures-title">
            <h2 id="lectures-title" class="visually-hidden">
                {t('program.lectures')}
            </h2>
            <ol class="thread">
                {lectures.map((lecture, index) => (
                    <LectureCard
                        key={lecture.id}
                        lecture={lecture}
                        number={index + 1}
                        next={lecture === next}
                        rule={rule}
                    />
                ))}
            </ol>
        </section>
    );
}

/** The one watched last if it is not complete, else the first that is not. */
function nextLecture(lectures: ProgramLecture[]): ProgramLecture | undefined {
    const open = lectures.filter((lecture) => lecture.completed_at_ms === null);
    const begun = open.filter((lecture) => lecture.last_at_ms !== null);
    begun.sort((a, b) => (b.last_at_ms ?? 0) - (a.last_at_ms ?? 0));
    return begun[0] ?? open[0];
}
