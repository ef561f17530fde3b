import { useEffect, useRef, useState } from 'preact/hooks';
import type { JobNews } from '../shared/staff_types';

export interface JobListener {
    /** What is new of one job; while it runs, only how far it is. */
    job: (news: JobNews) => void;
    /** Something else changed, or may have been missed: the list is to be read again. */
    changed: () => void;
}

/**
 * Listens to GET /api/v1/events while the component is there.  Returns whether it does: where it cannot, as with too
 * many pages open, the caller asks now and then.
 */
export function useJobEvents(listener: JobListener): boolean {
    const [live, setLive] = useState(false);
    const latest = useRef(listener);
    latest.current = listener;
    useEffect(() => {
        const source = new EventSource('/api/v1/events');
        const changed = () => latest.current.changed();
        source.onopen = () => setLive(true);
        /* The browser comes back by itself after a lost line, and not after a refusal. */
        source.onerror = () => setLive(false);
        source.addEventListener('state', changed);
        source.addEventListener('reset', changed);
        source.addEventListener('lecture', changed);
        source.addEventListener('job', (event) => latest.current.job(JSON.parse(event.data as string) as JobNews));
        return () => source.close();
    }, []);
    return live;
}

/** The job with what was told since it was read; what is of another state or pass comes with the next reading. */
export function withNews<Known extends { id: string; state: string; pass: string }>(
    job: Known,
    news: JobNews | undefined,
): Known {
    const fits = news?.state === 'running' && job.state === 'running' && news.pass === job.pass;
    return fits ? { ...job, ...news } : job;
}
