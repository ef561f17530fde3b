import { useState } from 'preact/hooks';
import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { MissingStretches } from '../shared/components/missing_stretches';
import { ProblemNotice } from '../shared/components/problem_notice';
import { TogetherNote } from '../shared/components/together_note';
import { Track } from '../shared/components/track';
import { useLoaded } from '../shared/hooks';
import type { CohortReport, LectureRecord } from '../shared/staff_types';
import { currentLanguage, maybeText, t } from '../shared/text';
import { formatDateTime, formatPercent, formatPosition } from '../shared/time';
import { readerZone } from '../shared/zones';
import type { Progress } from '../shared/types';
import { DecisionPanel } from './decision_panel';
import { IntervalTable } from './interval_table';
import { LineQuality } from './line_quality';

interface Properties {
    participant: string;
    lecture: CohortReport['lectures'][number];
    progress: Progress | undefined;
    onChange: () => void;
}

/** One lecture of one participant: what was sent to them, what counts, what is missing, and why. */
export function LectureRecordCard({ participant, lecture, progress, onChange }: Properties) {
    const [open, setOpen] = useState(false);
    const record = useLoaded(`${participant} ${lecture.id}`, () =>
        request<LectureRecord>('GET', `/participants/${participant}/lectures/${lecture.id}`),
    );
    const completedAt = progress?.completed_at_ms ?? null;
    const state = completedAt !== null ? 'completed' : (progress?.coverage ?? 0) > 0 ? 'partial' : 'none';
    return (
        <article class="card record" data-lecture={lecture.id} data-state={state}>
            <header class="record-header">
                <h3>{lecture.title}</h3>
                <p class="record-standing">
                    <strong>{formatPercent(progress?.coverage ?? 0, currentLanguage())}</strong>{' '}
                    {completedAt !== null &&
                        t('organizer.completed_at', {
                            when: formatDateTime(completedAt, currentLanguage(), readerZone()),
                        })}
                </p>
            </header>
            {record.problem && <ProblemNotice problem={record.problem} retry={() => void record.reload()} />}
            {record.value && (
                <Tracks record={record.value} length={lecture.duration_ms} completed={completedAt !== null} />
            )}
            {record.value && <Words record={record.value} />}
            {record.value && <LineQuality quality={record.value.quality} />}
            {record.value && <TogetherNote groups={record.value.groups} />}
            {record.value && (
                <DecisionPanel
                    participant={participant}
                    lecture={lecture.id}
                    decisions={record.value.decisions}
                    onChange={() => {
                        void record.reload();
                        onChange();
                    }}
                />
            )}
            {record.value && record.value.intervals.length > 0 && (
                <Button kind="quiet" small onClick={() => setOpen(!open)}>
                    {open
                        ? t('organizer.hide_intervals')
                        : t('organizer.show_intervals', { count: record.value.intervals.length })}
                </Button>
            )}
            {open && record.value && <IntervalTable record={record.value} />}
        </article>
    );
}

function Tracks({
    record,
    length,
    completed,
}: {
    record: LectureRecord;
    length: number;
    completed: boolean;
}) {
    return (
        <div class="record-tracks">
            <span class="record-label">{t('organizer.delivered')}</span>
            <Track length={length} layers={[{ kind: 'delivered', spans: record.delivered }]} />
            <span class="record-label">{t('organizer.credited')}</span>
            <Track
                length={length}
                layers={[{ kind: completed ? 'completed' : 'credited', spans: record.credited }]}
            />
            <span class="record-label">{t('organizer.missing')}</span>
            <Track length={length} layers={[{ kind: 'missing', spans: record.missing }]} />
            <span class="record-scale" aria-hidden="true">
                <span>{formatPosition(0)}</span>
                <span>{formatPosition(length)}</span>
            </span>
        </div>
    );
}

function Words({ record }: { record: LectureRecord }) {
    const flags = Object.entries(record.flags).filter(([, count]) => count > 0);
    return (
        <>
            {record.missing_reasons.length > 0 ? (
                <MissingStretches pieces={record.missing_reasons} />
            ) : (
                <p class="record-missing">{t('organizer.nothing_missing')}</p>
            )}
            {flags.length > 0 && (
                <ul class="record-flags">
                    {flags.map(([reason, count]) => (
                        <li key={reason}>{maybeText(`organizer.flag_${reason}`, { count }) ?? reason}</li>
                    ))}
                </ul>
            )}
        </>
    );
}
