import { useRef } from 'preact/hooks';
import { request } from '../shared/api';
import { ProblemNotice } from '../shared/components/problem_notice';
import { useLoaded } from '../shared/hooks';
import type { CohortReport, WatchGroup } from '../shared/staff_types';
import { t } from '../shared/text';
import { GroupCard } from './group_card';

interface Properties {
    cohort: string;
    report: CohortReport;
    onChange: () => void;
}

/** Who watched together before one screen; nothing where nobody did. Open where something waited for a word. */
export function GroupsPanel({ cohort, report, onChange }: Properties) {
    const waited = useRef(false);
    const groups = useLoaded(
        `groups ${cohort}`,
        async () => (await request<{ groups: WatchGroup[] }>('GET', `/cohorts/${cohort}/groups`)).groups,
    );
    if (groups.problem && !groups.value)
        return <ProblemNotice problem={groups.problem} retry={() => void groups.reload()} />;
    if (!groups.value || groups.value.length === 0) return null;
    const waiting = groups.value.filter((group) => group.state === 'waiting').length;
    /* It must not shut itself over the answer to the last one. */
    waited.current ||= waiting > 0;
    return (
        <details class="card groups" id="groups" open={waited.current}>
            <summary>
                {waiting > 0
                    ? t('organizer.together_waiting', { count: waiting })
                    : t('organizer.together_title', { count: groups.value.length })}
            </summary>
            <p class="soft">{t('organizer.together_text')}</p>
            <ul class="group-list">
                {groups.value.map((group) => (
                    <GroupCard
                        key={group.id}
                        group={group}
                        report={report}
                        onChange={() => {
                            void groups.reload();
                            onChange();
                        }}
                    />
                ))}
            </ul>
        </details>
    );
}
