import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { ProgressBar } from '../shared/components/progress_bar';
import { useAction } from '../shared/staff/use_action';
import type { Job, Lecture } from '../shared/staff_types';
import { currentLanguage, t } from '../shared/text';
import { formatPercent } from '../shared/time';
import { findingWords } from './finding_words';

/** How far the preparation is, or why it ended badly. */
export function JobStatus({ lecture, onChange }: { lecture: Lecture; onChange: () => void }) {
    const { job } = lecture;
    const cancelling = useAction();
    if (!job) return null;
    if (job.state === 'queued' || job.state === 'running') {
        const part = job.permille / 1000;
        return (
            <div class="job" role="status">
                <p>
                    {job.state === 'queued'
                        ? t('admin.job_queued')
                        : t('admin.job_running', { percent: formatPercent(part, currentLanguage()) })}
                </p>
                <ProgressBar part={part} label={t('admin.job_progress')} />
                <Button
                    kind="quiet"
                    small
                    busy={cancelling.busy}
                    onClick={() =>
                        void cancelling.run(async () => {
                            await request('DELETE', `/jobs/${job.id}`);
                            onChange();
                        })
                    }>
                    {t('shared.cancel')}
                </Button>
            </div>
        );
    }
    if (lecture.state !== 'refused' && lecture.state !== 'failed') return null;
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

/* In the reader's language where there is a code for it. */
function JobReason({ job }: { job: Job }) {
    const verdict = job.report?.verdict;
    if (!verdict)
        return job.reason ? (
            <p class="notice-particulars" lang="en">
                {job.reason}
            </p>
        ) : null;
    const { sentence, action, lang } = findingWords(verdict);
    return (
        <p class="notice-particulars" data-finding={verdict.code} lang={lang}>
            {sentence} {action}
        </p>
    );
}
