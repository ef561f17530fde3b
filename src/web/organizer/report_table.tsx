/*
 * Participants by lectures. On a phone the rows become cards by style sheet alone, which would take the table's meaning away
 * from screen readers: the roles are spelled out to keep it.
 */
import { Icon } from '../shared/components/icon';
import { Track } from '../shared/components/track';
import { complementSpans } from '../shared/spans';
import { countryName } from '../shared/staff/names';
import type { CohortReport } from '../shared/staff_types';
import { currentLanguage, t } from '../shared/text';
import { formatPercent } from '../shared/time';
import type { Progress } from '../shared/types';
import type { Row } from './rows';

interface Properties {
    report: CohortReport;
    rows: Row[];
    onOpen: (participant: string) => void;
}

export function ReportTable({ report, rows, onOpen }: Properties) {
    return (
        <div class="table-frame" tabIndex={0} role="region" aria-label={t('organizer.table')}>
            <table class="table report-table" role="table">
                <thead role="rowgroup">
                    <tr role="row">
                        <th scope="col" role="columnheader">
                            {t('organizer.participant')}
                        </th>
                        {report.lectures.map((lecture) => (
                            <th key={lecture.id} scope="col" role="columnheader">
                                <span class="lecture-head" title={lecture.title}>
                                    {lecture.title}
                                </span>
                            </th>
                        ))}
                        <th scope="col" role="columnheader">
                            {t('organizer.completed')}
                        </th>
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    {rows.map((row) => (
                        <ParticipantRow key={row.participant.id} row={row} report={report} onOpen={onOpen} />
                    ))}
                </tbody>
            </table>
            {rows.length === 0 && <p class="table-empty">{t('organizer.nobody')}</p>}
        </div>
    );
}

function ParticipantRow({
    row,
    report,
    onOpen,
}: {
    row: Row;
    report: CohortReport;
    onOpen: (participant: string) => void;
}) {
    const { participant, completed } = row;
    const about = [countryName(participant.country), participant.group].filter(Boolean).join(' · ');
    return (
        <tr role="row" data-participant={participant.id} data-state={row.standing}>
            <th scope="row" role="rowheader">
                <a
                    href={`?cohort=${report.cohort.id}&participant=${participant.id}`}
                    onClick={(event) => {
                        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                        event.preventDefault();
                        onOpen(participant.id);
                    }}>
                    {participant.name}
                </a>
                <span class="row-about">{about}</span>
                {participant.sharing.signs.length > 0 && (
                    <span class="row-sharing" data-sharing={participant.sharing.signs.join(' ')}>
                        <Icon name="link" />
                        {t('organizer.sharing_mark')}
                    </span>
                )}
            </th>
            {report.lectures.map((lecture) => (
                <LectureCell
                    key={lecture.id}
                    lecture={lecture}
                    progress={participant.lectures.find((one) => one.id === lecture.id)}
                />
            ))}
            <td role="cell" class="cell-total">
                <span class="cell-label">{t('organizer.completed')}</span>
                {t('organizer.lectures_of', { part: completed, whole: report.lectures.length })}
            </td>
        </tr>
    );
}

interface CellProperties {
    lecture: CohortReport['lectures'][number];
    progress: Progress | undefined;
}

function LectureCell({ lecture, progress }: CellProperties) {
    const completed = progress?.completed_at_ms != null;
    const coverage = progress?.coverage ?? 0;
    const state = completed ? 'completed' : coverage > 0 ? 'partial' : 'none';
    const watched = progress && coverage > 0 ? complementSpans(progress.missing, lecture.duration_ms) : [];
    return (
        <td role="cell" class="cell-lecture" data-lecture={lecture.id} data-state={state}>
            <span class="cell-label">{lecture.title}</span>
            <span class="cell-coverage">
                <Track
                    length={lecture.duration_ms}
                    layers={[{ kind: completed ? 'completed' : 'credited', spans: watched }]}
                />
                <span class="cell-percent">
                    {formatPercent(coverage, currentLanguage())}
                    {completed && (
                        <>
                            <Icon name="check" />
                            <span class="visually-hidden">{t('organizer.is_completed')}</span>
                        </>
                    )}
                    {progress?.decision && (
                        <span class="cell-by-hand" data-verdict={progress.decision.verdict}>
                            {progress.decision.verdict === 'accepted'
                                ? t('organizer.cell_accepted')
                                : t('organizer.cell_refused')}
                        </span>
                    )}
                </span>
            </span>
        </td>
    );
}
