import { inLanguage, request } from '../shared/api';
import { Icon } from '../shared/components/icon';
import { ProblemNotice } from '../shared/components/problem_notice';
import { Waiting } from '../shared/components/waiting';
import { useLoaded } from '../shared/hooks';
import { countryName, languageName } from '../shared/staff/names';
import type { CohortReport, Participant } from '../shared/staff_types';
import { currentLanguage, maybeText, t } from '../shared/text';
import { InvitationPanel } from './invitation_panel';
import { LectureRecordCard } from './lecture_record_card';
import { RecordPanel } from './record_panel';
import { SharingNote } from './sharing_note';

interface Properties {
    cohort: string;
    participant: string;
    isAdmin: boolean;
    onBack: () => void;
}

/** One participant: who they are, how they get in, and what they watched. */
export function ParticipantPage({ cohort, participant, isAdmin, onBack }: Properties) {
    const language = currentLanguage();
    const loaded = useLoaded(`${participant} ${language}`, async () => {
        const [people, report] = await Promise.all([
            request<{ participants: Participant[] }>('GET', `/cohorts/${cohort}/participants`),
            request<CohortReport>('GET', inLanguage(`/cohorts/${cohort}/report`, language)),
        ]);
        return { person: people.participants.find((one) => one.id === participant), report };
    });
    return (
        <>
            <a
                class="back-link"
                href={`?cohort=${cohort}`}
                onClick={(event) => {
                    event.preventDefault();
                    onBack();
                }}>
                <Icon name="previous" />
                {t('organizer.back_to_table')}
            </a>
            {loaded.problem && !loaded.value && (
                <ProblemNotice problem={loaded.problem} retry={() => void loaded.reload()} />
            )}
            {!loaded.value && !loaded.problem && <Waiting />}
            {loaded.value?.person && (
                <Person
                    person={loaded.value.person}
                    report={loaded.value.report}
                    isAdmin={isAdmin}
                    onChange={() => void loaded.reload()}
                />
            )}
            {loaded.value && !loaded.value.person && <p class="notice">{t('problem.not-found')}</p>}
        </>
    );
}

function Person({
    person,
    report,
    isAdmin,
    onChange,
}: {
    person: Participant;
    report: CohortReport;
    isAdmin: boolean;
    onChange: () => void;
}) {
    const reported = report.participants.find((one) => one.id === person.id);
    const progress = reported?.lectures ?? [];
    const gender = person.gender ? maybeText(`organizer.gender_${person.gender}`) : null;
    const about = [
        countryName(person.country),
        person.group,
        gender,
        languageName(person.language),
        person.email,
    ].filter(Boolean);
    return (
        <div data-participant={person.id}>
            <header class="person-header">
                <p class="eyebrow">{report.cohort.name}</p>
                <h1>{person.name}</h1>
                <p class="facts">
                    {about.map((fact) => (
                        <span key={fact}>{fact}</span>
                    ))}
                </p>
            </header>
            {reported && <SharingNote sharing={reported.sharing} />}
            <InvitationPanel person={person} onChange={onChange} />
            <h2>{t('organizer.lectures')}</h2>
            <div class="stack">
                {report.lectures.map((lecture) => (
                    <LectureRecordCard
                        key={lecture.id}
                        participant={person.id}
                        lecture={lecture}
                        progress={progress.find((one) => one.id === lecture.id)}
                        onChange={onChange}
                    />
                ))}
            </div>
            <RecordPanel person={person} mayErase={isAdmin} onErased={onChange} />
        </div>
    );
}
