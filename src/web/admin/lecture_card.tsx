import { useState } from 'preact/hooks';
import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { Icon } from '../shared/components/icon';
import { ProblemNotice } from '../shared/components/problem_notice';
import { toast } from '../shared/components/toast';
import { languageName } from '../shared/staff/names';
import { useAction } from '../shared/staff/use_action';
import type { Lecture } from '../shared/staff_types';
import { t } from '../shared/text';
import { formatPosition } from '../shared/time';
import { CaptionsPanel } from './captions_panel';
import { EditLectureDialog } from './edit_lecture_dialog';
import { JobStatus } from './job_status';
import { RemoveLecture } from './remove_lecture';
import { StateBadge } from './state_badge';
import { Verdict } from './verdict';

interface Properties {
    lecture: Lecture;
    onChange: () => void;
    onRemoved: () => void;
}

/** One lecture on the admin's desk: its state, what the probe said, and what can be done with it. */
export function LectureCard({ lecture, onChange, onRemoved }: Properties) {
    const [editing, setEditing] = useState(false);
    const publishing = useAction();
    const report = lecture.report ?? lecture.job?.report;
    const publish = async () => {
        const published = !lecture.published;
        if (
            await publishing.run(() => request('PATCH', `/lectures/${lecture.id}`, { body: { published } }))
        ) {
            toast(
                published
                    ? t('admin.published_now', { title: lecture.title })
                    : t('admin.unpublished_now', { title: lecture.title }),
            );
            onChange();
        }
    };
    return (
        <article
            class="card admin-lecture"
            data-lecture={lecture.id}
            data-lecture-state={lecture.state}
            aria-label={lecture.title}>
            <header class="admin-lecture-header">
                <div>
                    <h2 class="admin-lecture-title">{lecture.title}</h2>
                    <Facts lecture={lecture} />
                </div>
                <StateBadge lecture={lecture} />
            </header>
            <JobStatus lecture={lecture} onChange={onChange} />
            {report && <Verdict report={report} open={!lecture.published} />}
            {lecture.state === 'ready' && <CaptionsPanel lecture={lecture} onChange={onChange} />}
            {publishing.problem && <ProblemNotice problem={publishing.problem} />}
            <div class="row">
                {lecture.state === 'ready' && (
                    <Button
                        kind={lecture.published ? 'plain' : 'primary'}
                        busy={publishing.busy}
                        onClick={() => void publish()}>
                        {lecture.published ? t('admin.unpublish') : t('admin.publish')}
                    </Button>
                )}
                {lecture.state === 'ready' && (
                    <a class="button button-plain" href={`/lecture/${lecture.id}`}>
                        <Icon name="play" />
                        {t('admin.preview')}
                    </a>
                )}
                <Button kind="quiet" onClick={() => setEditing(true)}>
                    {t('admin.edit_texts')}
                </Button>
                {(lecture.state === 'refused' || lecture.state === 'failed') && (
                    <RemoveLecture lecture={lecture} onRemoved={onRemoved} />
                )}
            </div>
            {editing && (
                <EditLectureDialog lecture={lecture} onClose={() => setEditing(false)} onSaved={onChange} />
            )}
        </article>
    );
}

function Facts({ lecture }: { lecture: Lecture }) {
    return (
        <p class="facts">
            {lecture.duration_ms !== null && lecture.duration_ms > 0 && (
                <span class="figures">{formatPosition(lecture.duration_ms)}</span>
            )}
            <span>{languageName(lecture.language)}</span>
            {lecture.provider && <span>{lecture.provider}</span>}
            {lecture.file_name && <span class="file-name">{lecture.file_name}</span>}
        </p>
    );
}
