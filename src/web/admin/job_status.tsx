import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { ProblemNotice } from '../shared/components/problem_notice';
import { ProgressBar } from '../shared/components/progress_bar';
import { toast } from '../shared/components/toast';
import { findingWords } from '../shared/finding_words';
import { useAction } from '../shared/staff/use_action';
import type { Finding, Job, Lecture } from '../shared/staff_types';
import { t } from '../shared/text';
import { makesVersion } from './new_version';
import { jobWords, paceWords, pauseWords } from './job_words';

interface Properties {
    lecture: Lecture;
    onChange: () => void;
}

/** How far the preparation is, or why it ended badly. */
export function JobStatus({ lecture, onChange }: Properties) {
    const { job } = lecture;
    if (!job) return null;
    if (job.state === 'queued' || job.state === 'running')
        return <JobProgress lecture={lecture} job={job} onChange={onChange} />;
    if (job.state === 'paused') return <JobPaused lecture={lecture} job={job} onChange={onChange} />;
    if (job.state !== 'refused' && job.state !== 'failed' && job.state !== 'cancelled') return null;
    if (makesVersion(job, lecture)) return <NoVersion job={job} />;
    if (lecture.state === 'ready') return <JobUnfinished job={job} onChange={onChange} />;
    return (
        <div class="notice notice-problem job-verdict">
            <p>
                {job.state === 'cancelled'
                    ? t('admin.job_cancelled')
                    : lecture.state === 'refused'
                      ? t('admin.job_refused')
                      : t('admin.job_failed')}
            </p>
            <JobReason job={job} />
        </div>
    );
}

interface JobProperties {
    job: Job;
    onChange: () => void;
}

function JobProgress({ lecture, job, onChange }: JobProperties & { lecture: Lecture }) {
    const pace = paceWords(job);
    return (
        <div class="job" role="status" data-job-pass={job.pass} data-job-state={job.state}>
            <p>
                {jobWords(job, lecture)}
                {pace && <span class="job-pace"> · {pace}</span>}
            </p>
            <ProgressBar part={job.permille / 1000} label={t('admin.job_progress')} />
            <div class="job-actions">
                {job.state === 'queued' && <FirstButton job={job} onChange={onChange} />}
                <CancelButton job={job} onChange={onChange} />
            </div>
        </div>
    );
}

/** Nothing is wrong with the file: the disk has no room. */
function JobPaused({ lecture, job, onChange }: JobProperties & { lecture: Lecture }) {
    return (
        <div class="notice job-verdict" role="status" data-job-state="paused">
            <p>{pauseWords(job)}</p>
            {makesVersion(job, lecture) && <p>{t('admin.version_until')}</p>}
            <div class="row">
                <RetryButton job={job} onChange={onChange} />
                <CancelButton job={job} onChange={onChange} />
            </div>
        </div>
    );
}

/** The lecture is as it was. */
function NoVersion({ job }: { job: Job }) {
    return (
        <div class="notice job-verdict" data-job-state={job.state}>
            <p>{t(job.state === 'cancelled' ? 'admin.version_cancelled' : 'admin.version_failed')}</p>
            {job.state !== 'cancelled' && <JobReason job={job} />}
        </div>
    );
}

/** The lecture can be watched; what was to make it sharper came to nothing. */
function JobUnfinished({ job, onChange }: JobProperties) {
    const track = job.pass === 'track';
    return (
        <div class="notice job-verdict" data-job-state={job.state}>
            <p>
                {job.state === 'cancelled'
                    ? t(track ? 'admin.job_cancelled_track' : 'admin.job_cancelled_rest')
                    : t(track ? 'admin.job_failed_track' : 'admin.job_failed_rest')}
            </p>
            {job.state !== 'cancelled' && <JobReason job={job} />}
            {!track && (
                <div class="row">
                    <RetryButton job={job} onChange={onChange} />
                </div>
            )}
        </div>
    );
}

interface ActionProperties {
    words: string;
    quiet?: boolean;
    work: () => Promise<unknown>;
    onChange: () => void;
}

/** Asks the server for something, and says why it could not be. */
function JobAction({ words, quiet, work, onChange }: ActionProperties) {
    const action = useAction();
    return (
        <>
            {action.problem && <ProblemNotice problem={action.problem} />}
            <Button
                kind={quiet ? 'quiet' : 'plain'}
                small
                busy={action.busy}
                onClick={() => void action.run(work).then((done) => done && onChange())}>
                {words}
            </Button>
        </>
    );
}

/** Before the other lectures that wait. */
function FirstButton({ job, onChange }: JobProperties) {
    const work = async () => {
        await request('PATCH', `/jobs/${job.id}`, { body: { first: true } });
        toast(t('admin.job_is_first'));
    };
    return <JobAction quiet words={t('admin.job_first')} work={work} onChange={onChange} />;
}

function CancelButton({ job, onChange }: JobProperties) {
    const work = () => request('DELETE', `/jobs/${job.id}`);
    return <JobAction quiet words={t('shared.cancel')} work={work} onChange={onChange} />;
}

function RetryButton({ job, onChange }: JobProperties) {
    const work = () => request('POST', `/jobs/${job.id}/retry`);
    return <JobAction words={t('shared.try_again')} work={work} onChange={onChange} />;
}

function JobReason({ job }: { job: Job }) {
    return <Reason verdict={job.report?.verdict ?? null} reason={job.reason} />;
}

/** Why it came to nothing: in the reader's language where there is a code for it. */
export function Reason({ verdict, reason }: { verdict: Finding | null; reason: string | null }) {
    if (verdict === null)
        return reason ? (
            <p class="notice-particulars" lang="en">
                {reason}
            </p>
        ) : null;
    const { sentence, action, lang } = findingWords(verdict);
    return (
        <p class="notice-particulars" data-finding={verdict.code} lang={lang}>
            {sentence} {action}
        </p>
    );
}
