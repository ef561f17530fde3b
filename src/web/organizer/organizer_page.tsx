import { inLanguage, request } from '../shared/api';
import { ProblemNotice } from '../shared/components/problem_notice';
import { Waiting } from '../shared/components/waiting';
import { useLoaded, useTitle } from '../shared/hooks';
import { StaffFrame } from '../shared/staff/staff_frame';
import { useAddress } from '../shared/staff/use_address';
import type { Program } from '../shared/staff_types';
import { currentLanguage, t } from '../shared/text';
import { CohortPage } from './cohort_page';
import { CohortPicker } from './cohort_picker';
import { findCohort } from './find_cohort';
import { ParticipantPage } from './participant_page';

export function OrganizerPage() {
    useTitle(t('organizer.title'));
    return <StaffFrame room="organizer">{(me) => <Content isAdmin={me.role === 'admin'} />}</StaffFrame>;
}

function Content({ isAdmin }: { isAdmin: boolean }) {
    const language = currentLanguage();
    const [address, go] = useAddress();
    const programs = useLoaded(
        `programs ${language}`,
        async () =>
            (await request<{ programs: Program[] }>('GET', inLanguage('/programs', language))).programs,
    );
    if (programs.problem)
        return <ProblemNotice problem={programs.problem} retry={() => void programs.reload()} />;
    if (!programs.value) return <Waiting />;
    const found = findCohort(programs.value, address.get('cohort'));
    if (!found) return <p class="notice">{t('organizer.no_cohorts')}</p>;
    const participant = address.get('participant');
    if (participant)
        return (
            <ParticipantPage
                key={participant}
                cohort={found.cohort.id}
                participant={participant}
                isAdmin={isAdmin}
                onBack={() => go({ participant: null })}
            />
        );
    return (
        <>
            <CohortPicker programs={programs.value} found={found} onPick={(cohort) => go({ cohort })} />
            <CohortPage
                key={found.cohort.id}
                cohort={found.cohort}
                onOpen={(id) => go({ cohort: found.cohort.id, participant: id })}
            />
        </>
    );
}
