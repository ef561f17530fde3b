/* What is said of a job that is not at its end. Pure. */
import type { Job, Lecture } from '../shared/staff_types';
import { currentLanguage, t } from '../shared/text';
import { formatBytes, formatPercent } from '../shared/time';
import { makesVersion } from './new_version';
import { timeLeftWords } from './upload/time_left';

/** How it stands, in a sentence. */
export function jobWords(job: Job, lecture: Lecture): string {
    const percent = formatPercent(job.permille / 1000, currentLanguage());
    const running = job.state === 'running';
    if (makesVersion(job, lecture))
        return running ? t('admin.job_running_version', { percent }) : t('admin.job_queued_version');
    if (job.pass === 'track')
        return running ? t('admin.job_running_track', { percent }) : t('admin.job_queued_track');
    if (job.pass === 'rest' && lecture.state === 'ready')
        return running ? t('admin.job_running_rest', { percent }) : t('admin.job_queued_rest');
    return running ? t('admin.job_running', { percent }) : t('admin.job_queued');
}

/** How fast, and how long still; "" while that is not known. */
export function paceWords(job: Job): string {
    const words: string[] = [];
    if (job.state !== 'running') return '';
    if (job.left_ms !== null) words.push(timeLeftWords(job.left_ms / 1000));
    if (job.speed_percent !== null && job.speed_percent > 0) {
        const times = new Intl.NumberFormat(currentLanguage(), { maximumSignificantDigits: 2 });
        words.push(t('admin.job_speed', { times: times.format(job.speed_percent / 100) }));
    }
    return words.join(' · ');
}

export function pauseWords(job: Job): string {
    const language = currentLanguage();
    if (!job.paused || job.paused.code !== 'disk-full') return job.reason ?? '';
    return t('admin.job_paused', {
        needed: formatBytes(job.paused.needed_bytes, language),
        free: formatBytes(job.paused.free_bytes, language),
    });
}
