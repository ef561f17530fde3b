import { useState } from 'preact/hooks';
import { inLanguage, request } from '../shared/api';
import { Button } from '../shared/components/button';
import { Icon } from '../shared/components/icon';
import { ProblemNotice } from '../shared/components/problem_notice';
import { Waiting } from '../shared/components/waiting';
import { useLoaded, usePolling } from '../shared/hooks';
import type { Cohort, CohortReport } from '../shared/staff_types';
import { currentLanguage, t } from '../shared/text';
import { AddParticipantDialog } from './add_participant_dialog';
import { CertificatesPanel } from './certificates_panel';
import { DownloadDialog } from './download_dialog';
import { filterRows, makeRows, type Filter } from './rows';
import { Filters } from './filters';
import { ReportTable } from './report_table';
import { GroupsPanel } from './groups_panel';
import { RulePanel } from './rule_panel';
import { Totals } from './totals';

const REFRESH_MS = 30_000;

interface Properties {
    cohort: Cohort;
    onOpen: (participant: string) => void;
}

export function CohortPage({ cohort, onOpen }: Properties) {
    const language = currentLanguage();
    const [filter, setFilter] = useState<Filter>({ words: '', standing: 'all' });
    const [adding, setAdding] = useState(false);
    const [downloading, setDownloading] = useState(false);
    const report = useLoaded(`${cohort.id} ${language}`, () =>
        request<CohortReport>('GET', inLanguage(`/cohorts/${cohort.id}/report`, language)),
    );
    usePolling(true, REFRESH_MS, () => void report.reload());
    if (!report.value)
        return report.problem ? (
            <ProblemNotice problem={report.problem} retry={() => void report.reload()} />
        ) : (
            <Waiting />
        );
    const rows = makeRows(report.value);
    return (
        <>
            <Totals report={report.value} />
            <RulePanel cohort={cohort.id} onChange={() => void report.reload()} />
            <GroupsPanel
                cohort={cohort.id}
                report={report.value}
                onChange={() => void report.reload()}
            />
            <CertificatesPanel cohort={cohort.id} />
            <div class="toolbar">
                <Filters filter={filter} onChange={setFilter} />
                <div class="row">
                    <Button onClick={() => setAdding(true)}>
                        <Icon name="plus" />
                        {t('organizer.add_participant')}
                    </Button>
                    <Button onClick={() => setDownloading(true)}>
                        <Icon name="download" />
                        {t('organizer.download')}
                    </Button>
                </div>
            </div>
            <ReportTable report={report.value} rows={filterRows(rows, filter)} onOpen={onOpen} />
            {downloading && <DownloadDialog cohort={cohort.id} onClose={() => setDownloading(false)} />}
            {adding && (
                <AddParticipantDialog
                    cohort={cohort.id}
                    onClose={() => setAdding(false)}
                    onAdded={(id) => onOpen(id)}
                />
            )}
        </>
    );
}
