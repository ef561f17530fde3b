import { useState } from 'preact/hooks';
import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { Icon } from '../shared/components/icon';
import { ProblemNotice } from '../shared/components/problem_notice';
import { toast } from '../shared/components/toast';
import { languageName } from '../shared/staff/names';
import { useAction } from '../shared/staff/use_action';
import type { Lecture, Program } from '../shared/staff_types';
import { currentLanguage, t } from '../shared/text';
import { formatBytes, formatDateTime, formatPosition } from '../shared/time';
import { readerZone } from '../shared/zones';
import { CaptionsPanel } from './captions_panel';
import { ChaptersPanel } from './chapters_panel';
import { EditLectureDialog } from './edit_lecture_dialog';
import { HandoutsPanel } from './handouts_panel';
import { JobStatus } from './job_status';
import { LectureFileFacts } from './lecture_file';
import { isVersionDue } from './new_version';
import { RemoveLecture } from './remove_lecture';
import { SoundsPanel } from './sounds_panel';
import { StateBadge } from './state_badge';
import { UploadCard } from './upload/upload_card';
import type { Uploads } from './upload/use_uploads';
import { Verdict } from './verdict';
import { VersionActions } from './version_actions';

interface Properties {
    lecture: Lecture;
    /** Titles of other lectures that were made of the very same file. */
    sameTitles: string[];
    uploads: Uploads;
    onChange: () => Promise<void>;
    onRemoved: () => void;
    /** Leads to where lectures are put into programs. */
    onPrograms: () => void;
}

/** One lecture on the admin's desk: its state, what the probe said, and what can be done with it. */
export function LectureCard({ lecture, sameTitles, uploads, onChange, onRemoved, onPrograms }: Properties) {
    const [editing, setEditing] = useState(false);
    /* Published just now, but no program lists it. */
    const [alone, setAlone] = useState(false);
    const publishing = useAction();
    const sent = uploads.items.find((item) => item.replaces === lecture.id && item.state !== 'done');
    const report = lecture.report ?? lecture.job?.report;
    const publish = () =>
        publishing.run(async () => {
            const published = !lecture.published;
            await request('PATCH', `/lectures/${lecture.id}`, { body: { published } });
            const missing = published && !(await isInProgram(lecture.id).catch(() => true));
            setAlone(missing);
            toast(publishedWords(lecture.title, published, missing));
            await onChange();
        });
    return (
        <article
            class="card admin-lecture"
            data-lecture={lecture.id}
            data-lecture-state={lecture.state}
            aria-label={lecture.title}>
            <header class="admin-lecture-header">
                <div>
                    <h2 class="admin-lecture-title" dir="auto" lang={lecture.text_language}>
                        {lecture.title}
                    </h2>
                    <Facts lecture={lecture} />
                </div>
                <StateBadge lecture={lecture} />
            </header>
            {sent && <UploadCard item={sent} uploads={uploads} within />}
            <JobStatus lecture={lecture} onChange={() => void onChange()} />
            <div class="lecture-origin">
                {report && (
                    <Verdict
                        report={report}
                        open={!lecture.published}
                        refused={lecture.state === 'refused' || lecture.state === 'failed'}
                    />
                )}
                {lecture.file && <LectureFileFacts file={lecture.file} sameTitles={sameTitles} />}
            </div>
            {lecture.state === 'ready' && (
                <div class="lecture-parts">
                    <CaptionsPanel lecture={lecture} onChange={onChange} />
                    <SoundsPanel lecture={lecture} />
                    <ChaptersPanel lecture={lecture} onChange={onChange} />
                    <HandoutsPanel lecture={lecture} onChange={onChange} />
                </div>
            )}
            {alone && lecture.published && <AloneNotice onPrograms={onPrograms} />}
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
                {lecture.state === 'ready' && !sent && !isVersionDue(lecture) && (
                    <VersionActions lecture={lecture} uploads={uploads} onChange={onChange} />
                )}
                {(lecture.state === 'refused' || lecture.state === 'failed') && (
                    <RemoveLecture lecture={lecture} onRemoved={onRemoved} />
                )}
            </div>
            {editing && (
                <EditLectureDialog lecture={lecture} onClose={() => setEditing(false)} onSaved={() => void onChange()} />
            )}
        </article>
    );
}

async function isInProgram(lecture: string): Promise<boolean> {
    const { programs } = await request<{ programs: Program[] }>('GET', '/programs');
    return programs.some((program) => program.lectures.some((one) => one.id === lecture));
}

function publishedWords(title: string, published: boolean, alone: boolean): string {
    if (!published) return t('admin.unpublished_now', { title });
    return alone ? t('admin.published_alone', { title }) : t('admin.published_now', { title });
}

function AloneNotice({ onPrograms }: { onPrograms: () => void }) {
    return (
        <div class="notice">
            <p>{t('admin.in_no_program')}</p>
            <Button small onClick={onPrograms}>
                {t('admin.to_programs')}
                <Icon name="arrow" />
            </Button>
        </div>
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
            {lecture.version !== null && lecture.version > 1 && lecture.version_at_ms !== null && (
                <span data-version={lecture.version}>
                    {t('admin.version_since', {
                        version: String(lecture.version),
                        when: formatDateTime(lecture.version_at_ms, currentLanguage(), readerZone()),
                    })}
                </span>
            )}
            {lecture.original_bytes !== null && (
                <span>
                    {t('admin.original_kept', { size: formatBytes(lecture.original_bytes, currentLanguage()) })}
                </span>
            )}
        </p>
    );
}
